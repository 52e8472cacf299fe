using Teal.Analysis;

namespace Teal.Releases;

/// <summary>What comes next for a share that moves from old to new.</summary>
public enum RampNext
{
    /// <summary>Nothing yet: the hold, the guard or a person has not had their say.</summary>
    Stay,

    /// <summary>The next stage.</summary>
    Advance,

    /// <summary>A guard is broken.</summary>
    TakeBack,

    /// <summary>The hold is over and the guard does not say that it may go on: it waits for the guard or for a person.</summary>
    AskPerson,
}

/// <summary>
/// One stage of a share that moves from old to new, and the rule by which it goes on: it advances when its hold is over and the
/// guard says that it is healthy, never without either and never while it is paused. The one rule for a release's traffic and a
/// flag's variants.
/// </summary>
/// <param name="Hold">How long the stage is watched at least.</param>
/// <param name="IsForced">A person has overruled the guard.</param>
/// <param name="Verdict">What the guard said last; null when it has not spoken at this stage.</param>
public readonly record struct Ramp(TimeSpan Hold, bool IsHoldElapsed, bool IsPaused, bool IsForced, VerdictKind? Verdict)
{
    /// <summary>True when a person may skip the stages that are left without overruling the guard.</summary>
    public bool MayBePromoted => Verdict is VerdictKind.Continue or VerdictKind.Safe;

    /// <summary>The stage's share was confirmed. A stage without a hold is not watched: there is no time to see anything in.</summary>
    public RampNext WhenConfirmed() => !IsPaused && (Hold == TimeSpan.Zero || IsForced) ? RampNext.Advance : RampNext.Stay;

    /// <summary>The stage's hold is over.</summary>
    public RampNext WhenHeld() =>
        Verdict switch
        {
            VerdictKind.Continue or VerdictKind.Safe => RampNext.Advance,
            null => RampNext.Stay,
            _ => RampNext.AskPerson,
        };

    /// <summary>The guard speaks, perhaps not for the first time.</summary>
    public RampNext WhenJudged(VerdictKind verdict) =>
        verdict switch
        {
            // The same word again is no news, and a forced promotion has overruled it.
            VerdictKind.Rollback => Verdict == VerdictKind.Rollback || IsForced ? RampNext.Stay : RampNext.TakeBack,
            _ when !IsHoldElapsed || IsPaused => RampNext.Stay,
            VerdictKind.Continue or VerdictKind.Safe => RampNext.Advance,
            _ => RampNext.AskPerson,
        };
}
