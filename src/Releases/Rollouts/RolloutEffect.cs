using System.Text.Json.Serialization;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <summary>Something to be done for a rollout. May be performed twice and then has the same result.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "effect")]
[JsonDerivedType(typeof(MoveShare), "move_share")]
[JsonDerivedType(typeof(ObserveVariant), "observe_variant")]
[JsonDerivedType(typeof(RolloutWait), "wait")]
public abstract record RolloutEffect;

/// <summary>Give the new variant this share of the users. Ends in ShareMoved once the change is recorded.</summary>
public sealed record MoveShare(Share Share) : RolloutEffect;

/// <summary>Watch the step: RolloutJudged as often as the verdict changes. Never ends by itself.</summary>
public sealed record ObserveVariant(int Step) : RolloutEffect;

/// <summary>Wait, on the monotonic clock; a restart of the server begins it anew. Ends in RolloutTimerElapsed.</summary>
public sealed record RolloutWait(TimeSpan For, RolloutWaitReason Reason) : RolloutEffect;

[JsonConverter(typeof(JsonStringEnumConverter<RolloutWaitReason>))]
public enum RolloutWaitReason
{
    /// <summary>The step is held.</summary>
    Hold,

    /// <summary>The way back could not be made and is tried again.</summary>
    Retry,
}
