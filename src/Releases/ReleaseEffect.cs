using System.Text.Json.Serialization;

namespace Teal.Releases;

/// <summary>
/// Something to be done in the world. Every effect may be performed twice (a crash between act and record) and then has the same
/// result. The driver performs what is outstanding and cancels what no longer is.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "effect")]
[JsonDerivedType(typeof(StartSlot), "start_slot")]
[JsonDerivedType(typeof(SmokeSlot), "smoke_slot")]
[JsonDerivedType(typeof(MoveTraffic), "move_traffic")]
[JsonDerivedType(typeof(Observe), "observe")]
[JsonDerivedType(typeof(Wait), "wait")]
[JsonDerivedType(typeof(DrainSlot), "drain_slot")]
[JsonDerivedType(typeof(StopSlot), "stop_slot")]
[JsonDerivedType(typeof(WriteReceipt), "write_receipt")]
public abstract record ReleaseEffect;

/// <summary>Start the slot's instances, or find them running, and wait until all are healthy. Ends in SlotReady or SlotFailed.</summary>
public sealed record StartSlot(SlotName Slot, Deployed Deployed) : ReleaseEffect;

/// <summary>Warm-up requests, then the smoke test at the preview address. Ends in SmokePassed or SmokeFailed.</summary>
public sealed record SmokeSlot(SlotName Slot, Deployed Deployed) : ReleaseEffect;

/// <summary>Publish the shape and read it back. Ends in TrafficMoved.</summary>
public sealed record MoveTraffic(TrafficShape Shape) : ReleaseEffect;

/// <summary>Watch the stage: VerdictReached as often as the verdict changes. Never ends by itself.</summary>
public sealed record Observe(long Release, int Stage, SlotName New) : ReleaseEffect;

/// <summary>Wait, on the monotonic clock; a restart of the server begins it anew. Ends in TimerElapsed.</summary>
public sealed record Wait(TimeSpan For, WaitReason Reason) : ReleaseEffect;

[JsonConverter(typeof(JsonStringEnumConverter<WaitReason>))]
public enum WaitReason
{
    /// <summary>The stage is held.</summary>
    Hold,

    /// <summary>The old version is kept warm.</summary>
    KeepPrevious,

    /// <summary>The release has ended and something waits for its turn. Takes no time: it lets the end be seen.</summary>
    Next,
}

/// <summary>Wait until nothing is inside a slot that has no share, or cut at the deadline. Ends in SlotDrained.</summary>
public sealed record DrainSlot(SlotName Slot, TimeSpan Deadline, TimeSpan Connections) : ReleaseEffect;

/// <summary>SIGTERM, the manifest's deadline, SIGKILL. Ends in SlotStopped.</summary>
public sealed record StopSlot(SlotName Slot) : ReleaseEffect;

/// <summary>Close the release's ledger. Ends in ReceiptWritten.</summary>
public sealed record WriteReceipt(long Release) : ReleaseEffect;
