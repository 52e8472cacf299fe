using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>Measures, from the command on, how long it takes until the old version has all the traffic again, as seen from here.</summary>
internal sealed class TrafficClock(TimeProvider time) : IReleaseProgress
{
    private readonly long _asked = time.GetTimestamp();
    private IReleaseProgress? _inner;

    /// <summary>Null while traffic is not confirmed back.</summary>
    public TimeSpan? Took { get; private set; }

    public IReleaseProgress Over(IReleaseProgress inner)
    {
        _inner = inner;
        return this;
    }

    public void See(StatusView status, ReleaseView? ours, EventView? happened)
    {
        if (Took is null && ours is not null && IsBack(ours))
        {
            Took = time.GetElapsedTime(_asked);
        }
        _inner?.See(status, ours, happened);
    }

    public void Lost(string why) => _inner?.Lost(why);

    public void Found() => _inner?.Found();

    public ValueTask DisposeAsync() => _inner?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A rollback release has moved everything to its version, or the running release has nothing left of it.</summary>
    public static bool IsBack(ReleaseView release) =>
        release.Kind == "rollback"
            ? release.Outcome == "done" || Is(release, "Observing", "Draining", "Closing")
            : release is { TrafficMoved: true } && Is(release, "DrainingBack", "StoppingNew", "Closing", "Ended");

    // Phases as on the wire, whatever their case: DrainingBack, draining_back.
    private static bool Is(ReleaseView release, params string[] phases) =>
        phases.Contains(release.Phase.Replace("_", "", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase);
}
