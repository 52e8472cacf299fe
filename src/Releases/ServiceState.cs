using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

[JsonConverter(typeof(JsonStringEnumConverter<SlotName>))]
public enum SlotName
{
    Blue,
    Green,
}

[JsonConverter(typeof(JsonStringEnumConverter<SlotPhase>))]
public enum SlotPhase
{
    Empty,
    Starting,

    /// <summary>Healthy, reachable at the preview address only.</summary>
    Ready,

    /// <summary>May receive traffic: the route table names it, or is about to, or named it until the drain that is under way.</summary>
    Serving,

    /// <summary>Running without traffic, kept for the rollback window.</summary>
    Warm,

    Stopping,
}

/// <summary>A version in a slot, with the manifest it was released with.</summary>
public sealed record Deployed(string Version, Manifest Manifest);

/// <param name="IsDown">No instance of it answers its health probe.</param>
public sealed record SlotState(SlotPhase Phase, Deployed? Deployed, bool IsDown = false)
{
    public static readonly SlotState Empty = new(SlotPhase.Empty, null);
}

/// <summary>
/// Where the users' requests go. <paramref name="Main"/> takes what <paramref name="Canary"/> does not: the canary gets its share
/// and whoever matches the targets. The salt keeps cohorts the same over all stages of one release.
/// </summary>
public sealed record TrafficShape(SlotName? Main, SlotName? Canary, Share CanaryShare, IReadOnlyList<string> Targets, string Salt)
{
    public static readonly TrafficShape Nowhere = new(null, null, Share.None, [], "");
}

[JsonConverter(typeof(JsonStringEnumConverter<ReleaseKind>))]
public enum ReleaseKind
{
    Deploy,

    /// <summary>Back to the warm version, without a start, asked by a person or because the live one went down.</summary>
    Rollback,
}

[JsonConverter(typeof(JsonStringEnumConverter<ReleasePhase>))]
public enum ReleasePhase
{
    /// <summary>The idle slot's warm version is stopped to make room.</summary>
    Clearing,
    Starting,
    Smoking,

    /// <summary>Waits for the data plane to confirm the stage's share.</summary>
    Shifting,

    /// <summary>The stage is held and watched.</summary>
    Observing,
    Draining,

    /// <summary>Traffic goes back; waits for the data plane to confirm.</summary>
    Returning,

    /// <summary>The new version has no new requests; those inside end.</summary>
    DrainingBack,

    /// <summary>The new version is stopped.</summary>
    StoppingNew,

    /// <summary>The receipt is written.</summary>
    Closing,
    Ended,
}

[JsonConverter(typeof(JsonStringEnumConverter<ReleaseOutcome>))]
public enum ReleaseOutcome
{
    [JsonStringEnumMemberName("running")]
    Running,

    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>The new version never became healthy or failed its smoke test; users saw nothing.</summary>
    [JsonStringEnumMemberName("not_switched")]
    NotSwitched,

    /// <summary>Traffic had moved and came back.</summary>
    [JsonStringEnumMemberName("rolled_back")]
    RolledBack,

    /// <summary>A person ended it before traffic moved.</summary>
    [JsonStringEnumMemberName("aborted")]
    Aborted,

    /// <summary>A newer deploy took its place.</summary>
    [JsonStringEnumMemberName("superseded")]
    Superseded,
}

/// <summary>Who asked, from where, and why.</summary>
public sealed record Origin(string Actor, string From, string? Reason = null);

/// <summary>Why something did not work, with what a person needs to understand it.</summary>
/// <param name="Code">Stable, <c>TEAL2103</c>, with a page in <c>docs/errors.md</c>.</param>
public sealed record Failure(string Code, string What, string Why)
{
    public string? LastResponse { get; init; }
    public IReadOnlyList<string> LogLines { get; init; } = [];
}

/// <summary>The running release of a service, or its last one.</summary>
/// <param name="Number">Counts the releases of the service from 1; the id is <c>shop-17</c>.</param>
/// <param name="Into">The slot of the new version.</param>
/// <param name="Stage">Index into the manifest's steps.</param>
/// <param name="NeedsPerson">Set when an automatic step was refused; says which and why.</param>
public sealed record ReleaseState(
    long Number,
    ReleaseKind Kind,
    string? From,
    string To,
    SlotName Into,
    Origin By,
    ReleasePhase Phase,
    int Stage,
    ReleaseOutcome Outcome,
    bool TrafficMoved = false,
    bool IsPaused = false,
    bool HoldElapsed = false,
    VerdictKind? Verdict = null,
    bool PromoteForced = false,
    Failure? Failure = null,
    string? NeedsPerson = null
)
{
    [JsonIgnore]
    public bool IsRunning => Phase != ReleasePhase.Ended;
}

/// <summary>A deploy that waits for the running release to end.</summary>
public sealed record WaitingDeploy(string Version, Manifest Manifest, Origin By);

/// <summary>An effect that was decided and whose outcome is not known yet: the intent, kept until the outcome is journaled.</summary>
public sealed record OutstandingEffect(long Id, ReleaseEffect Effect);

/// <summary>Everything the machine knows of one service. A fold of the journal, nothing else.</summary>
/// <param name="Traffic">The last shape that was decided; the route table follows it.</param>
/// <param name="Live">The slot that holds the version users are on outside a release.</param>
public sealed record ServiceState(
    string Service,
    SlotState Blue,
    SlotState Green,
    SlotName? Live,
    TrafficShape Traffic,
    ReleaseState? Release,
    IReadOnlyList<WaitingDeploy> Waiting,
    IReadOnlyList<OutstandingEffect> Outstanding,
    long NextEffect
)
{
    public static ServiceState New(string service) =>
        new(service, SlotState.Empty, SlotState.Empty, null, TrafficShape.Nowhere, null, [], [], 1);

    public SlotState this[SlotName slot] => slot == SlotName.Blue ? Blue : Green;

    public static SlotName Other(SlotName slot) => slot == SlotName.Blue ? SlotName.Green : SlotName.Blue;
}
