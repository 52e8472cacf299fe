namespace Teal.Traffic;

/// <summary>
/// The door of one instance for one stretch of time: one word that holds both "retired" and the number inside. Choosing and entering are
/// one step, so a drain never reads a false zero. An instance that comes back into the table gets a fresh door.
/// </summary>
public sealed class InstanceClaims
{
    private const long RetiredBit = 1L << 62;

    private readonly TaskCompletionSource _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _word;

    /// <summary>Requests inside now.</summary>
    public int Inside => (int)(Volatile.Read(ref _word) & ~RetiredBit);

    public bool IsRetired => (Volatile.Read(ref _word) & RetiredBit) != 0;

    /// <summary>Ends when the door is retired and nobody is inside; stays so for ever.</summary>
    public Task Quiet => _quiet.Task;

    /// <summary>False: retired after the caller read its table, so a newer table exists.</summary>
    public bool TryEnter()
    {
        var word = Volatile.Read(ref _word);
        while ((word & RetiredBit) == 0)
        {
            var seen = Interlocked.CompareExchange(ref _word, word + 1, word);
            if (seen == word)
            {
                return true;
            }
            word = seen;
        }
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _word) == RetiredBit)
        {
            _quiet.TrySetResult();
        }
    }

    /// <summary>Nobody enters any more; who is inside may finish.</summary>
    public void Retire()
    {
        if (Interlocked.Or(ref _word, RetiredBit) == 0)
        {
            _quiet.TrySetResult();
        }
    }
}
