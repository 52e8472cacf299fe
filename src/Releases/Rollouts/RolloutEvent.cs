using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <summary>Everything that can happen to a flag's rollouts. Appended to the journal, folded by <see cref="RolloutMachine"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RolloutRequested), "rollout_requested")]
[JsonDerivedType(typeof(RolloutPromoteRequested), "rollout_promote_requested")]
[JsonDerivedType(typeof(RolloutPauseRequested), "rollout_pause_requested")]
[JsonDerivedType(typeof(RolloutResumeRequested), "rollout_resume_requested")]
[JsonDerivedType(typeof(RolloutStopRequested), "rollout_stop_requested")]
[JsonDerivedType(typeof(RolloutKilled), "rollout_killed")]
[JsonDerivedType(typeof(ShareMoved), "share_moved")]
[JsonDerivedType(typeof(RolloutTimerElapsed), "rollout_timer_elapsed")]
[JsonDerivedType(typeof(RolloutEffectFailed), "rollout_effect_failed")]
[JsonDerivedType(typeof(RolloutJudged), "rollout_judged")]
public abstract record RolloutEvent;

/// <summary>Asked by a person or a script; may be refused, and then changes nothing and is not journaled.</summary>
public abstract record RolloutCommand(Origin By) : RolloutEvent;

/// <param name="Before">The new variant's share now.</param>
public sealed record RolloutRequested(RolloutOrder Order, Share Before, Origin By) : RolloutCommand(By);

/// <summary>Skip the steps that are left.</summary>
/// <param name="Force">Overrule the guard; kept in the record.</param>
public sealed record RolloutPromoteRequested(bool Force, Origin By) : RolloutCommand(By);

public sealed record RolloutPauseRequested(Origin By) : RolloutCommand(By);

public sealed record RolloutResumeRequested(Origin By) : RolloutCommand(By);

/// <summary>Give it up: nobody keeps the new variant.</summary>
public sealed record RolloutStopRequested(Origin By) : RolloutCommand(By);

/// <summary>The flag was killed: its share is nobody's any more, and there is nothing left to move. Never refused.</summary>
public sealed record RolloutKilled(Origin By) : RolloutCommand(By);

/// <summary>The outcome of an effect. One that is no longer outstanding arrives late and changes nothing.</summary>
public abstract record RolloutEffectOutcome(long Effect) : RolloutEvent;

public sealed record ShareMoved(long Effect) : RolloutEffectOutcome(Effect);

public sealed record RolloutTimerElapsed(long Effect) : RolloutEffectOutcome(Effect);

/// <summary>The effect could not be performed.</summary>
public sealed record RolloutEffectFailed(long Effect, Failure Failure) : RolloutEffectOutcome(Effect);

/// <summary>The monitor's verdict on a step; sent when its kind changes.</summary>
public sealed record RolloutJudged(long Effect, Verdict Verdict) : RolloutEvent;
