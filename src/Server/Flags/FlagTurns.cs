using System.Threading.Channels;

namespace Teal.Server.Flags;

/// <summary>
/// A change is told to so many clients at a time, not to all at once: a thousand documents in buffers together are memory that stays. Who
/// takes its document slowly gives the turn up before it has it, and holds up nobody.
/// </summary>
public sealed class FlagTurns(TimeProvider time)
{
    public const int AtOnce = 16;
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    /// <summary>Each that is telling has a place in it.</summary>
    private readonly Channel<bool> _telling = Channel.CreateBounded<bool>(AtOnce);

    /// <param name="tell">Heeds the token by itself.</param>
    public async Task TakeAsync(Func<Task> tell, CancellationToken ct)
    {
        await _telling.Writer.WriteAsync(true, ct);
        Task telling;
        try
        {
            telling = tell();
            await telling.WaitAsync(Longest, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _telling.Reader.TryRead(out _);
        }
        await telling;
    }
}
