namespace Teal.Analysis;

/// <summary>What was seen of one version since the stage began. Mergeable: two servers' evidence adds up.</summary>
/// <param name="Requests">Answered requests that count: a client that left is not one.</param>
/// <param name="Errors">Of those: 5xx, resets, timeouts.</param>
/// <param name="Latency">Time to the end of the answer's head, in milliseconds; long-lived streams are not in it.</param>
/// <param name="CpuPercent">Highest instance, percent of one core; null when nothing could be read.</param>
/// <param name="MemoryBytes">Highest instance, resident bytes; null when nothing could be read.</param>
/// <param name="Restarts">Crashes that were followed by a restart.</param>
public sealed record ArmEvidence(
    long Requests,
    long Errors,
    LatencyHistogram Latency,
    double? CpuPercent = null,
    long? MemoryBytes = null,
    int Restarts = 0
);

/// <summary>Both sides over the same window. <paramref name="Old"/> is null at 100 % and on a first release: nothing to compare with.</summary>
/// <param name="OldHasEnded">
/// The old version answers nothing any more: <paramref name="Old"/> is what it did just before, and to wait for more of it would be
/// to wait for ever.
/// </param>
/// <param name="What">What the two are called in sentences: version, variant.</param>
public sealed record Evidence(ArmEvidence New, ArmEvidence? Old, TimeSpan Window, bool OldHasEnded = false, string What = Evidence.Version)
{
    public const string Version = "version";
    public const string Variant = "variant";

    /// <summary>Who saw it, for sentences, where more than one looks: <c>at the edge</c>. Null: there is only one who could.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// The source sees what is reported to it and nothing else: an old side of which nothing was reported is not one without errors.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>How long the source has reported nothing at all, when that is longer than it may; null: it is still heard.</summary>
    public TimeSpan? Silence { get; init; }
}
