using Teal.Analysis;

namespace Teal.Server.Monitoring;

/// <summary>How both sides of a stage are read: the same counters every time, only growing.</summary>
/// <param name="Old">Null when there is nothing to compare with now.</param>
/// <param name="Baseline">What stands for the old side when it has ended.</param>
/// <param name="What">What the sides are called: <see cref="Evidence.Version"/>, <see cref="Evidence.Variant"/>.</param>
public sealed record StageArms(Func<ArmEvidence?> New, Func<ArmEvidence?>? Old, ArmEvidence? Baseline, string What);

/// <summary>
/// Watches one stage of a share that moves: both sides over the same window, judged again and again. Reports a verdict when its kind
/// changes.
/// </summary>
public sealed class StageMonitor(TimeProvider time)
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <summary>Every stage begins without data. That is news only when it stays so.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <param name="coldStart">How long latency is left out.</param>
    public async Task WatchAsync(
        StageArms arms,
        IReadOnlyList<Guard> guards,
        TimeSpan coldStart,
        Action<Verdict> report,
        CancellationToken ct
    )
    {
        var window = new StageWindow(arms.New(), arms.Old?.Invoke());
        var began = time.GetTimestamp();
        VerdictKind? last = null;
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            var elapsed = time.GetElapsedTime(began);
            var oldNow = arms.Old?.Invoke();
            if (elapsed < coldStart)
            {
                window = window.WithLatencyFrom(arms.New(), oldNow);
            }
            var seen = window.Evidence(arms.New(), oldNow, arms.Baseline, elapsed) with { What = arms.What };
            var verdict = Judge.Decide(guards, seen);
            var isNews = verdict.Kind != VerdictKind.NoData || last is not null || elapsed >= Quiet;
            if (verdict.Kind != last && isNews)
            {
                last = verdict.Kind;
                report(verdict);
            }
        } while (await timer.WaitForNextTickAsync(ct));
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
