namespace Teal.Tests.Simulation;

/// <summary>
/// Time that passes only when something happens. Work due at the same moment is done in the order in which it was asked for. The
/// wall clock can jump; what waits does not notice.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly PriorityQueue<Action, (long Milliseconds, long Order)> _due = new();
    private long _asked;
    private long _wallMilliseconds = 1_800_000_000_000;

    public long Milliseconds { get; private set; }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(_wallMilliseconds + Milliseconds);

    public void After(long milliseconds, Action work) => _due.Enqueue(work, (Milliseconds + milliseconds, _asked++));

    /// <summary>The administrator, or NTP, sets the clock.</summary>
    public void Jump(TimeSpan by) => _wallMilliseconds += (long)by.TotalMilliseconds;

    /// <summary>Does what is due next; false when nothing is.</summary>
    public bool Step()
    {
        if (!_due.TryDequeue(out var work, out var when))
        {
            return false;
        }
        Milliseconds = when.Milliseconds;
        work();
        return true;
    }
}
