using System.Threading.Channels;

namespace Teal.Server.Flags;

/// <summary>How a client hears of changes, which decides what is known of its having heard.</summary>
public enum FlagListenerKind
{
    /// <summary>A browser or server SDK on OFREP's event stream: acknowledges by fetching again.</summary>
    Ofrep,

    /// <summary>flagd's sync stream: the whole document was written to it, which is all that protocol tells.</summary>
    FlagdSync,

    /// <summary>flagd's evaluation event stream: told that something changed, asks again for each value.</summary>
    FlagdEvents,

    /// <summary><c>Teal.Client</c>: acknowledges what it evaluates by.</summary>
    TealClient,
}

/// <summary>
/// One connected client. Only the newest snapshot waits for it: a slow one skips what came between, and holds up nobody.
/// </summary>
public sealed class FlagListener : IDisposable
{
    private readonly Channel<FlagSnapshot> _changes = Channel.CreateBounded<FlagSnapshot>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );
    private readonly Action<FlagListener> _left;
    private long _acknowledged;

    internal FlagListener(long id, FlagListenerKind kind, string name, string environment, DateTimeOffset since, Action<FlagListener> left)
    {
        (Id, Kind, Name, Environment, Since, _left) = (id, kind, name, environment, since, left);
    }

    public long Id { get; }

    public FlagListenerKind Kind { get; }

    /// <summary>What the client calls itself, and its address: for a person who has to find it.</summary>
    public string Name { get; }

    public string Environment { get; }

    public DateTimeOffset Since { get; }

    /// <summary>The name of the key it came with; null without one. Nobody else speaks for it.</summary>
    public string? Token { get; init; }

    /// <summary>The newest change that was not read yet; ends when the server stops.</summary>
    public ChannelReader<FlagSnapshot> Changes => _changes.Reader;

    /// <summary>The newest revision that the client is known to have; 0 before the first.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The client has this revision. An older one than before changes nothing.</summary>
    public void Acknowledge(long revision)
    {
        for (var known = Acknowledged; known < revision; known = Acknowledged)
        {
            if (Interlocked.CompareExchange(ref _acknowledged, revision, known) == known)
            {
                return;
            }
        }
    }

    public void Dispose() => _left(this);

    internal void Tell(FlagSnapshot snapshot) => _changes.Writer.TryWrite(snapshot);

    internal void Close() => _changes.Writer.TryComplete();
}
