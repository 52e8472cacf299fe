using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>Everything that can happen to a service. Appended to the journal, folded by <see cref="ReleaseMachine"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(DeployRequested), "deploy_requested")]
[JsonDerivedType(typeof(PromoteRequested), "promote_requested")]
[JsonDerivedType(typeof(PauseRequested), "pause_requested")]
[JsonDerivedType(typeof(ResumeRequested), "resume_requested")]
[JsonDerivedType(typeof(AbortRequested), "abort_requested")]
[JsonDerivedType(typeof(RollbackRequested), "rollback_requested")]
[JsonDerivedType(typeof(SlotReady), "slot_ready")]
[JsonDerivedType(typeof(SlotFailed), "slot_failed")]
[JsonDerivedType(typeof(SmokePassed), "smoke_passed")]
[JsonDerivedType(typeof(SmokeFailed), "smoke_failed")]
[JsonDerivedType(typeof(TrafficMoved), "traffic_moved")]
[JsonDerivedType(typeof(SlotDrained), "slot_drained")]
[JsonDerivedType(typeof(SlotStopped), "slot_stopped")]
[JsonDerivedType(typeof(TimerElapsed), "timer_elapsed")]
[JsonDerivedType(typeof(ReceiptWritten), "receipt_written")]
[JsonDerivedType(typeof(EffectFailed), "effect_failed")]
[JsonDerivedType(typeof(VerdictReached), "verdict_reached")]
[JsonDerivedType(typeof(SlotDown), "slot_down")]
[JsonDerivedType(typeof(SlotUp), "slot_up")]
public abstract record ReleaseEvent;

/// <summary>Asked by a person or a script; may be refused, and then changes nothing and is not journaled.</summary>
public abstract record ReleaseCommand(Origin By) : ReleaseEvent;

/// <param name="Supersede">Replace the running release instead of waiting for it.</param>
/// <param name="Wait">Wait for the running release; when false and one runs, the deploy is refused.</param>
public sealed record DeployRequested(string Version, Manifest Manifest, bool Supersede, bool Wait, Origin By) : ReleaseCommand(By)
{
    /// <summary>The line of the flag that the manifest names for its cohort, as it was when the deploy was taken; null: it names none.</summary>
    public CohortLine? Cohort { get; init; }
}

/// <param name="Force">Overrule the guard; kept in the record.</param>
public sealed record PromoteRequested(bool Force, Origin By) : ReleaseCommand(By);

public sealed record PauseRequested(Origin By) : ReleaseCommand(By);

public sealed record ResumeRequested(Origin By) : ReleaseCommand(By);

public sealed record AbortRequested(Origin By) : ReleaseCommand(By);

/// <summary>Takes the running release back, or, with none running, moves all traffic to the warm version.</summary>
/// <param name="Version">The version to return to; null means the previous one. Anything but that is refused: it would need a start.</param>
public sealed record RollbackRequested(string? Version, Origin By) : ReleaseCommand(By);

/// <summary>The outcome of an effect. One that is no longer outstanding arrives late and changes nothing.</summary>
public abstract record EffectOutcome(long Effect) : ReleaseEvent;

public sealed record SlotReady(long Effect) : EffectOutcome(Effect);

public sealed record SlotFailed(long Effect, Failure Failure) : EffectOutcome(Effect);

public sealed record SmokePassed(long Effect) : EffectOutcome(Effect);

public sealed record SmokeFailed(long Effect, Failure Failure) : EffectOutcome(Effect);

/// <param name="Table">The version of the route table that was read back from the data plane.</param>
public sealed record TrafficMoved(long Effect, long Table) : EffectOutcome(Effect);

/// <param name="Cut">Requests that were still inside at the deadline and were ended by name.</param>
public sealed record SlotDrained(long Effect, int Cut) : EffectOutcome(Effect);

public sealed record SlotStopped(long Effect) : EffectOutcome(Effect);

public sealed record TimerElapsed(long Effect) : EffectOutcome(Effect);

public sealed record ReceiptWritten(long Effect, Receipt Receipt) : EffectOutcome(Effect);

/// <summary>The effect could not be performed, after its bounded retries.</summary>
public sealed record EffectFailed(long Effect, Failure Failure) : EffectOutcome(Effect);

/// <summary>The monitor's verdict on a stage; sent when its kind changes and when the stage's hold is over.</summary>
public sealed record VerdictReached(long Effect, Verdict Verdict) : ReleaseEvent;

/// <summary>No instance of the slot is healthy any more.</summary>
public sealed record SlotDown(SlotName Slot, Failure Failure) : ReleaseEvent;

public sealed record SlotUp(SlotName Slot) : ReleaseEvent;

/// <summary>The ledger over one release: every request that was accepted, in exactly one bucket.</summary>
/// <param name="CarriedIn">Requests already inside when the release began.</param>
/// <param name="Accepted">Requests accepted while it ran.</param>
/// <param name="Served">Answered whole, by version.</param>
/// <param name="ClientGone">The client left before the end.</param>
/// <param name="Shed">Refused by Teal, by reason.</param>
/// <param name="Failed">No whole answer could be had from the version, by version: unreachable, reset, timed out. Users saw an error.</param>
/// <param name="Cut">Ended at a drain deadline, the first 100 by name.</param>
/// <param name="CutCount">How many were cut.</param>
/// <param name="Open">Still inside when the receipt was written.</param>
/// <param name="Dropped">Left without an outcome. Always 0, or Teal has a bug and says so.</param>
/// <param name="Since">When counting began: the start of the release, or of the server when it was restarted in between.</param>
public sealed record Receipt(
    long CarriedIn,
    long Accepted,
    IReadOnlyDictionary<string, long> Served,
    long ClientGone,
    IReadOnlyDictionary<string, long> Shed,
    IReadOnlyDictionary<string, long> Failed,
    IReadOnlyList<CutRequest> Cut,
    long CutCount,
    long Open,
    long Dropped,
    DateTimeOffset Since
)
{
    /// <summary>True when every request is in exactly one bucket.</summary>
    [JsonIgnore]
    public bool AddsUp =>
        Dropped == 0
        && CarriedIn + Accepted == Served.Values.Sum() + ClientGone + Shed.Values.Sum() + Failed.Values.Sum() + CutCount + Open;
}

/// <param name="Path">Without its query: that may hold secrets.</param>
public sealed record CutRequest(string Method, string Path, string Version, TimeSpan Age);
