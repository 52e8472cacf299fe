namespace Teal.Server.Processes;

/// <param name="CpuPercent">Of one core; null until two readings were made.</param>
public sealed record SessionUse(double? CpuPercent, long MemoryBytes);

/// <summary>CPU and memory of all sessions, from one pass over <c>/proc</c> per window on the monotonic clock.</summary>
internal sealed class SessionSampler(TimeProvider time)
{
    private Dictionary<int, long> _ticks = [];
    private long _readAt;

    public IReadOnlyDictionary<int, SessionUse> Sample()
    {
        var now = time.GetTimestamp();
        var window = time.GetElapsedTime(_readAt, now).TotalSeconds;
        var ticks = new Dictionary<int, long>();
        var use = new Dictionary<int, SessionUse>();
        foreach (var session in ProcessReader.All().GroupBy(stat => stat.Session))
        {
            var sum = session.Sum(stat => stat.CpuTicks);
            ticks[session.Key] = sum;
            // A child whose end nobody waited for takes its time with it: no negative share.
            double? percent = _ticks.TryGetValue(session.Key, out var before)
                ? Math.Max(0, sum - before) * 100.0 / ProcessReader.TicksPerSecond / window
                : null;
            use[session.Key] = new SessionUse(percent, session.Sum(stat => stat.ResidentPages) * Environment.SystemPageSize);
        }
        (_ticks, _readAt) = (ticks, now);
        return use;
    }
}
