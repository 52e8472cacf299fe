using Teal.Analysis;
using Teal.Releases;

namespace Teal.Server.Monitoring;

/// <summary>Reads what a version has done so far: the same counters every time, only growing.</summary>
public interface IEvidenceSource
{
    /// <summary>Cumulative since the server's start; null when nothing is known of the version.</summary>
    ArmEvidence? Read(string service, SlotName slot);
}

/// <summary>
/// Watches one stage: both versions over the same window, judged again and again. Reports a verdict when its kind changes.
/// </summary>
public sealed class ReleaseMonitor(IEvidenceSource source, TimeProvider time)
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <summary>Cold caches and compilers are slow, not wrong: so long in its first stage a version's latency is not judged. Errors always are.</summary>
    public static readonly TimeSpan ColdStart = TimeSpan.FromSeconds(2);

    /// <summary>Every stage begins without data. That is news only when it stays so.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <param name="coldStart">How long latency is left out: <see cref="ColdStart"/> or nothing.</param>
    /// <param name="old">The slot to compare with; null at 100 % of a first release.</param>
    /// <param name="baseline">At 100 % the old version answers nothing any more: what it did just before stands for it.</param>
    public async Task WatchAsync(
        string service,
        SlotName @new,
        SlotName? old,
        ArmEvidence? baseline,
        IReadOnlyList<Guard> guards,
        TimeSpan coldStart,
        Action<Verdict> report,
        CancellationToken ct
    )
    {
        var window = new StageWindow(source.Read(service, @new), old is { } slot ? source.Read(service, slot) : null);
        var began = time.GetTimestamp();
        VerdictKind? last = null;
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            var elapsed = time.GetElapsedTime(began);
            var oldNow = old is { } named ? source.Read(service, named) : null;
            if (elapsed < coldStart)
            {
                window = window.WithLatencyFrom(source.Read(service, @new), oldNow);
            }
            var verdict = Judge.Decide(guards, window.Evidence(source.Read(service, @new), oldNow, baseline, elapsed));
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
