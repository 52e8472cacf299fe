using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

[JsonConverter(typeof(JsonStringEnumConverter<RolloutPhase>))]
public enum RolloutPhase
{
    /// <summary>Waits until the flag has the step's share.</summary>
    Moving,

    /// <summary>The step is held and watched.</summary>
    Observing,

    /// <summary>Users go back; waits until the flag has the share.</summary>
    Returning,
    Ended,
}

[JsonConverter(typeof(JsonStringEnumConverter<RolloutOutcome>))]
public enum RolloutOutcome
{
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>The last step was held and is good.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>A guard was broken or a step could not be made; it went back by itself.</summary>
    [JsonStringEnumMemberName("taken_back")]
    TakenBack,

    /// <summary>A person took it back.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>The flag was killed under it.</summary>
    [JsonStringEnumMemberName("killed")]
    Killed,
}

/// <summary>The running rollout of a flag in an environment, or its last one.</summary>
/// <param name="Number">Counts the rollouts of the flag in the environment from 1.</param>
/// <param name="Before">The new variant's share when it began.</param>
/// <param name="Step">Index into the order's steps.</param>
/// <param name="Share">The new variant's share that was decided last.</param>
/// <param name="Confirmed">The last share that the flag was seen to have.</param>
/// <param name="Previous">The share that was watched last before this step's.</param>
/// <param name="HoldElapsed">The step's hold is over; what is missing is the guard's word.</param>
/// <param name="FailedReturns">How often the way back could not be made so far.</param>
/// <param name="Failure">Why it goes back, or why it stands still.</param>
/// <param name="NeedsPerson">Set when an automatic step was refused; says which and why.</param>
/// <param name="TakenBack">Set once it is on its way back: how it will end.</param>
public sealed record Rollout(
    long Number,
    RolloutOrder Order,
    Share Before,
    Origin By,
    RolloutPhase Phase,
    int Step,
    RolloutOutcome Outcome,
    Share Share,
    Share Confirmed,
    Share Previous,
    bool IsPaused = false,
    bool HoldElapsed = false,
    VerdictKind? Verdict = null,
    bool PromoteForced = false,
    int FailedReturns = 0,
    Failure? Failure = null,
    string? NeedsPerson = null,
    RolloutOutcome? TakenBack = null
)
{
    [JsonIgnore]
    public bool IsRunning => Phase != RolloutPhase.Ended;

    /// <summary>On the way to the new variant: running, and not being taken back.</summary>
    [JsonIgnore]
    public bool IsForward => IsRunning && TakenBack is null;

    [JsonIgnore]
    public bool IsLastStep => Step >= Order.Steps.Count - 1;

    [JsonIgnore]
    public RolloutStep Present => Order.Steps[Step];

    /// <summary>The step as the rule sees it that releases and flags share.</summary>
    [JsonIgnore]
    public Ramp Ramp => new(Present.Hold, HoldElapsed, IsPaused, PromoteForced, Verdict);
}

/// <summary>Which flag, where. Neither name holds a slash.</summary>
public readonly record struct RolloutKey(string Environment, string Flag)
{
    /// <summary><c>production/checkout</c>, as the journal and the state know it.</summary>
    public override string ToString() => $"{Environment}/{Flag}";
}

/// <summary>An effect that was decided and whose outcome is not known yet.</summary>
public sealed record WantedRolloutEffect(long Id, RolloutEffect Effect);

/// <summary>Everything the machine knows of one flag in one environment. A fold of the journal, nothing else.</summary>
public sealed record RolloutState(
    string Environment,
    string Flag,
    Rollout? Rollout,
    IReadOnlyList<WantedRolloutEffect> Outstanding,
    long NextEffect
)
{
    [JsonIgnore]
    public RolloutKey Key => new(Environment, Flag);

    public static RolloutState New(RolloutKey key) => new(key.Environment, key.Flag, null, [], 1);

    /// <summary>Adds an intent; its id is the next free one.</summary>
    internal RolloutState Wanting(RolloutEffect effect) =>
        this with
        {
            Outstanding = [.. Outstanding, new WantedRolloutEffect(NextEffect, effect)],
            NextEffect = NextEffect + 1,
        };

    internal RolloutState WithoutEffects(Func<WantedRolloutEffect, bool> dropped) =>
        Outstanding.Any(dropped) ? this with { Outstanding = [.. Outstanding.Where(effect => !dropped(effect))] } : this;

    internal bool Wants<T>()
        where T : RolloutEffect => Outstanding.Any(wanted => wanted.Effect is T);
}
