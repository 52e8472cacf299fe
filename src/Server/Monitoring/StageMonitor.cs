using Teal.Analysis;

namespace Teal.Server.Monitoring;

/// <summary>How both sides of a stage are read: the same counters every time, only growing.</summary>
/// <param name="Old">Null when there is nothing to compare with now.</param>
/// <param name="Baseline">What stands for the old side when it has ended.</param>
/// <param name="What">What the sides are called: <see cref="Evidence.Version"/>, <see cref="Evidence.Variant"/>.</param>
public sealed record StageArms(Func<ArmEvidence?> New, Func<ArmEvidence?>? Old, ArmEvidence? Baseline, string What)
{
    /// <summary><see cref="Evidence.Source"/></summary>
    public string? Source { get; init; }

    /// <summary>
    /// After so long without any report it is no longer heard. Null for who sees everything itself: its silence says only that there are no
    /// users.
    /// </summary>
    public TimeSpan? LongestSilence { get; init; }

    /// <summary>Whether it has reported anything yet. Who never did is not asked.</summary>
    public Func<bool> IsHeard { get; init; } = static () => true;
}

/// <summary>
/// Watches one stage of a share that moves: both sides over the same window, judged again and again, each source of evidence by itself.
/// Reports a verdict when its kind changes.
/// </summary>
public sealed class StageMonitor(TimeProvider time)
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <summary>Every stage begins without data. That is news only when it stays so.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <param name="sources">At least one; while none of them is heard, the first speaks for all.</param>
    /// <param name="coldStart">How long latency is left out.</param>
    public async Task WatchAsync(
        IReadOnlyList<StageArms> sources,
        IReadOnlyList<Guard> guards,
        TimeSpan coldStart,
        Action<Verdict> report,
        CancellationToken ct
    )
    {
        var watch = new StageWatch(sources, guards, coldStart);
        var began = time.GetTimestamp();
        VerdictKind? last = null;
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            var elapsed = time.GetElapsedTime(began);
            var verdict = watch.Look(elapsed);
            var isNews = verdict.Kind != VerdictKind.NoData || last is not null || elapsed >= Quiet;
            if (verdict.Kind != last && isNews)
            {
                last = verdict.Kind;
                report(verdict);
            }
        } while (await timer.WaitForNextTickAsync(ct));
    }
}

/// <summary>A stage from its beginning on: what its sources say whenever somebody looks.</summary>
public sealed class StageWatch(IReadOnlyList<StageArms> sources, IReadOnlyList<Guard> guards, TimeSpan coldStart)
{
    private readonly List<WatchedArms> _watched = [.. sources.Select(arms => new WatchedArms(arms))];

    /// <param name="elapsed">Since the beginning.</param>
    public Verdict Look(TimeSpan elapsed)
    {
        // All of them look, also whoever is not heard yet: the window begins with the stage for everybody.
        var seen = _watched.Select(arms => arms.Look(elapsed, elapsed < coldStart)).ToList();
        var heard = seen.Where((_, source) => sources[source].IsHeard()).ToList();
        var asked = heard.Count > 0 ? heard : seen[..1];
        return Judge.Worst([.. asked.Select(evidence => Judge.Decide(guards, evidence))]);
    }
}

/// <summary>One source from the stage's beginning on.</summary>
internal sealed class WatchedArms(StageArms arms)
{
    private StageWindow _window = new(arms.New(), arms.Old?.Invoke());
    private long _reports = -1;
    private TimeSpan _heard;

    public Evidence Look(TimeSpan elapsed, bool isCold)
    {
        var (fresh, old) = (arms.New(), arms.Old?.Invoke());
        if (isCold)
        {
            _window = _window.WithLatencyFrom(fresh, old);
        }
        return _window.Evidence(fresh, old, arms.Baseline, elapsed) with
        {
            What = arms.What,
            Source = arms.Source,
            IsPartial = arms.LongestSilence is not null,
            Silence = SilenceAt(elapsed, (fresh?.Requests ?? 0) + (old?.Requests ?? 0)),
        };
    }

    private TimeSpan? SilenceAt(TimeSpan elapsed, long reports)
    {
        if (reports != _reports)
        {
            (_reports, _heard) = (reports, elapsed);
        }
        return elapsed - _heard is var silence && silence >= arms.LongestSilence ? silence : null;
    }
}

/// <summary>Where the counters stood when the stage began. Pure.</summary>
internal sealed record StageWindow(ArmEvidence? New, ArmEvidence? Old)
{
    private static readonly ArmEvidence Nothing = new(0, 0, new LatencyHistogram());

    public StageWindow WithLatencyFrom(ArmEvidence? newNow, ArmEvidence? oldNow) => new(From(New, newNow), From(Old, oldNow));

    public Evidence Evidence(ArmEvidence? newNow, ArmEvidence? oldNow, ArmEvidence? baseline, TimeSpan elapsed) =>
        new(Since(newNow, New) ?? Nothing, baseline ?? Since(oldNow, Old), elapsed, OldHasEnded: baseline is not null);

    private static ArmEvidence? From(ArmEvidence? began, ArmEvidence? now) =>
        now is null ? began : (began ?? Nothing) with { Latency = now.Latency };

    private static ArmEvidence? Since(ArmEvidence? now, ArmEvidence? began) =>
        now is null ? null
        : began is null ? now
        : now with
        {
            Requests = now.Requests - began.Requests,
            Errors = now.Errors - began.Errors,
            Latency = now.Latency.Since(began.Latency),
            Restarts = now.Restarts - began.Restarts,
        };
}
