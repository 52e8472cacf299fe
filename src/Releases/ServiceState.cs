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
/// <param name="NeedsDrain">Traffic was pointed at it since it was last drained: requests may be inside.</param>
public sealed record SlotState(SlotPhase Phase, Deployed? Deployed, bool IsDown = false, bool NeedsDrain = false)
{
    public static readonly SlotState Empty = new(SlotPhase.Empty, null);
}

/// <summary>
/// Where the users' requests go. <paramref name="Main"/> takes what <paramref name="Canary"/> does not: the canary gets its share
/// and whoever matches the targets. The salt keeps cohorts the same over all stages of one release.
/// </summary>
public sealed record TrafficShape(SlotName? Main, SlotName? Canary, Share CanaryShare, IReadOnlyList<string> Targets, string Salt)
{
    /// <summary>The share is taken from the last buckets of the salt's line.</summary>
    public bool IsFromTop { get; init; }

    public static readonly TrafficShape Nowhere = new(null, null, Share.None, [], "");

    /// <summary>Everything to one slot: the shape outside releases, and at 100 %.</summary>
    public static TrafficShape AllTo(SlotName slot) => new(slot, null, Share.None, [], "");

    /// <summary>True when a new request may go to the slot.</summary>
    public bool Names(SlotName slot) => Main == slot || Canary == slot;

    /// <summary>What the slot gets, targets aside.</summary>
    public Share ShareOf(SlotName slot)
    {
        if (Canary == slot)
        {
            return CanaryShare;
        }
        return Main == slot ? new Share(Share.Whole - CanaryShare.Parts) : Share.None;
    }

    // By value: a list would compare by reference, and a shape read from the journal never equalled a decided one.
    public bool Equals(TrafficShape? other) =>
        other is not null
        && Main == other.Main
        && Canary == other.Canary
        && CanaryShare == other.CanaryShare
        && Salt == other.Salt
        && IsFromTop == other.IsFromTop
        && Targets.SequenceEqual(other.Targets, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Main, Canary, CanaryShare, Salt, Targets.Count);
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
/// <param name="Code">Stable, <c>TEAL5005</c>, with a page in <c>docs/errors.md</c>.</param>
public sealed record Failure(string Code, string What, string Why)
{
    public string? LastResponse { get; init; }
    public IReadOnlyList<string> LogLines { get; init; } = [];
}

/// <summary>The running release of a service, or its last one.</summary>
/// <param name="Number">Counts the releases of the service from 1; the id is <c>shop-17</c>.</param>
/// <param name="Into">The slot of the new version.</param>
/// <param name="Stage">Index into the manifest's steps.</param>
/// <param name="TrafficMoved">A move towards the new version was decided: from here on it may have users.</param>
/// <param name="HoldElapsed">The stage's hold is over; what is missing is the guard's word.</param>
/// <param name="Failure">Why it goes back, or why it would if it could.</param>
/// <param name="NeedsPerson">Set when an automatic step was refused; says which and why.</param>
/// <param name="TakenBack">Set once it is on its way back: how it will end.</param>
/// <param name="IsAutomatic">Begun by Teal itself, because the live version went down.</param>
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
    string? NeedsPerson = null,
    ReleaseOutcome? TakenBack = null,
    bool IsAutomatic = false
)
{
    /// <summary>The manifest that the release follows: the new version's.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The line of the flag whose cohort the release shares or avoids; null: its own.</summary>
    public CohortLine? Cohort { get; init; }

    [JsonIgnore]
    public bool IsRunning => Phase != ReleasePhase.Ended;

    /// <summary>On the way to the new version: running, and not being taken back.</summary>
    [JsonIgnore]
    public bool IsForward => IsRunning && TakenBack is null;

    /// <summary>A first release and a rollback have one stage: everything.</summary>
    [JsonIgnore]
    public int Stages => From is null || Kind == ReleaseKind.Rollback ? 1 : Math.Max(1, Manifest.Release.Steps.Count);

    [JsonIgnore]
    public bool IsLastStage => Stage >= Stages - 1;

    /// <summary>What the stage gives to the new version; the last one gives everything.</summary>
    [JsonIgnore]
    public Share StageShare => IsLastStage ? Share.All : Manifest.Release.Steps[Stage].Share;

    [JsonIgnore]
    public TimeSpan StageHold =>
        From is null || Kind == ReleaseKind.Rollback || Stage >= Manifest.Release.Steps.Count
            ? TimeSpan.Zero
            : Manifest.Release.Steps[Stage].Hold;

    /// <summary>The stage as the rule sees it that releases and flags share.</summary>
    [JsonIgnore]
    public Ramp Ramp => new(StageHold, HoldElapsed, IsPaused, PromoteForced, Verdict);

    /// <summary>The slot of the version that was live before; meaningless on a first release.</summary>
    [JsonIgnore]
    public SlotName Old => ServiceState.Other(Into);
}

/// <summary>A deploy that waits for the running release to end.</summary>
public sealed record WaitingDeploy(string Version, Manifest Manifest, Origin By)
{
    /// <summary>As of <see cref="ReleaseState.Cohort"/>.</summary>
    public CohortLine? Cohort { get; init; }
}

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
    /// <summary>The most deploys that wait behind a running release.</summary>
    public const int MostWaiting = 8;

    /// <summary>The last shape that the data plane confirmed: until a move is confirmed, either shape may be in force.</summary>
    public TrafficShape Confirmed { get; init; } = TrafficShape.Nowhere;

    public static ServiceState New(string service) =>
        new(service, SlotState.Empty, SlotState.Empty, null, TrafficShape.Nowhere, null, [], [], 1);

    /// <summary>How the running or last release splits users; another release splits otherwise, unless it shares a flag's cohort.</summary>
    [JsonIgnore]
    public CohortLine Cohort => Release?.Cohort ?? new CohortLine($"{Service}-{Release?.Number ?? 0}", IsFromTop: false);

    public SlotState this[SlotName slot] => slot == SlotName.Blue ? Blue : Green;

    /// <summary>True when a new request may reach the slot, whether or not the last move was confirmed yet.</summary>
    public bool MayReach(SlotName slot) => Traffic.Names(slot) || Confirmed.Names(slot);

    /// <summary>The slot that a rollback returns to without a start; null when none is kept warm.</summary>
    [JsonIgnore]
    public SlotName? Warm => Live is { } live && this[Other(live)] is { Phase: SlotPhase.Warm, Deployed: not null } ? Other(live) : null;

    internal ServiceState With(SlotName slot, SlotState value) =>
        slot == SlotName.Blue ? this with { Blue = value } : this with { Green = value };

    /// <summary>Adds an intent; its id is the next free one.</summary>
    internal ServiceState Wanting(ReleaseEffect effect) =>
        this with
        {
            Outstanding = [.. Outstanding, new OutstandingEffect(NextEffect, effect)],
            NextEffect = NextEffect + 1,
        };

    internal ServiceState WithoutEffects(Func<OutstandingEffect, bool> dropped) =>
        Outstanding.Any(dropped) ? this with { Outstanding = [.. Outstanding.Where(effect => !dropped(effect))] } : this;

    internal bool Wants<T>(Func<T, bool>? which = null)
        where T : ReleaseEffect => Outstanding.Any(wanted => wanted.Effect is T effect && (which is null || which(effect)));

    public static SlotName Other(SlotName slot) => slot == SlotName.Blue ? SlotName.Green : SlotName.Blue;
}
