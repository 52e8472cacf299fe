using Teal.Analysis;
using Teal.Releases;

namespace Teal.Server.Monitoring;

/// <summary>Reads what a version has done so far: the same counters every time, only growing.</summary>
public interface IEvidenceSource
{
    /// <summary>Cumulative since the server's start; null when nothing is known of the version.</summary>
    ArmEvidence? Read(string service, SlotName slot);
}

/// <summary>Watches a release's stage: the versions in both slots.</summary>
public sealed class ReleaseMonitor(IEvidenceSource source, TimeProvider time)
{
    /// <summary>Cold caches and compilers are slow, not wrong: so long in its first stage a version's latency is not judged. Errors always are.</summary>
    public static readonly TimeSpan ColdStart = TimeSpan.FromSeconds(2);

    private readonly StageMonitor _monitor = new(time);

    /// <param name="coldStart">How long latency is left out: <see cref="ColdStart"/> or nothing.</param>
    /// <param name="old">The slot to compare with; null at 100 % of a first release.</param>
    /// <param name="baseline">At 100 % the old version answers nothing any more: what it did just before stands for it.</param>
    public Task WatchAsync(
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
        var arms = new StageArms(
            () => source.Read(service, @new),
            old is { } slot ? () => source.Read(service, slot) : null,
            baseline,
            Evidence.Version
        );
        return _monitor.WatchAsync([arms], guards, coldStart, report, ct);
    }
}
