namespace Teal.Wire;

/// <summary>Begin a guarded rollout of a flag's variant.</summary>
/// <param name="Steps">Rising shares: <c>1%</c>, <c>5%</c>, <c>100%</c>.</param>
/// <param name="Hold">Of each step: <c>10m</c>.</param>
/// <param name="Guards"><c>error_rate:+0.5%</c>, <c>latency_p99:x1.3</c>.</param>
/// <param name="OnBreach">off · previous</param>
/// <param name="Environment">Null: the server's default.</param>
/// <param name="Against">The variant that users come from; null: the one that most of them have.</param>
public sealed record RolloutRequest(
    string Variant,
    IReadOnlyList<string> Steps,
    string Hold,
    IReadOnlyList<string> Guards,
    string OnBreach = "off",
    string? Environment = null,
    string? Against = null,
    string? Reason = null
);

public sealed record RolloutCommandRequest(string? Environment = null, string? Reason = null, bool Force = false);

/// <summary>The rollouts of a flag in one environment, newest first; the first may be running.</summary>
/// <param name="Sequence">Of the newest journal entry that is in here: events after it are news.</param>
/// <param name="Clients">What applications report of the newest; null when nothing is known since the server's start.</param>
public sealed record RolloutsView(
    int Version,
    string Environment,
    string Flag,
    IReadOnlyList<RolloutView> Rollouts,
    IReadOnlyList<string> Next,
    long Sequence,
    RolloutClientsView? Clients
);

/// <summary>What applications report of a rollout: users who were given a variant, and how what they did ended.</summary>
/// <param name="Unmatched">Outcomes of units that no variant of the flag is known to have been given to.</param>
/// <param name="Forgotten">Units that had to make room for others.</param>
public sealed record RolloutClientsView(IReadOnlyList<VariantReportsView> Variants, long Unmatched, long Forgotten);

/// <param name="Units">Users with the variant who were heard of in the last hour.</param>
/// <param name="P99Ms">Null when no duration was reported.</param>
public sealed record VariantReportsView(string Variant, int Units, long Outcomes, long Failed, double? P99Ms);

/// <summary>Something happened to a rollout: an event named <c>rollout</c> of the live stream.</summary>
public sealed record RolloutEventView(long Sequence, DateTimeOffset At, string Kind, string Actor, string? Reason, RolloutsView Rollouts);

/// <param name="Number">Counts the rollouts of the flag in the environment.</param>
/// <param name="Outcome">running · done · taken_back · stopped · killed</param>
/// <param name="Phase">moving · observing · returning · ended</param>
/// <param name="Step">From 1.</param>
/// <param name="Share">Of the users who get the new variant now, or got it at the end: <c>25%</c>.</param>
/// <param name="HoldMs">Length of each step's hold.</param>
/// <param name="OnBreach">off · previous</param>
public sealed record RolloutView(
    long Number,
    string From,
    string To,
    string Outcome,
    string Phase,
    int Step,
    IReadOnlyList<string> Steps,
    string Share,
    long HoldMs,
    IReadOnlyList<string> Guards,
    string OnBreach,
    bool Paused,
    string? NeedsPerson,
    string Actor,
    string? Reason,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<StepView> Timeline,
    IReadOnlyList<VerdictView> Verdicts,
    FailureView? Failure
);
