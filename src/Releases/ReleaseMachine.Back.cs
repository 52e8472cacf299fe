using Teal.Analysis;

namespace Teal.Releases;

/// <summary>The way back, and who calls for it: a guard, a version that went down, a person.</summary>
public static partial class ReleaseMachine
{
    private static ServiceState Judge(ServiceState state, VerdictReached reached)
    {
        if (!state.Outstanding.Any(effect => effect.Id == reached.Effect && effect.Effect is Observe))
        {
            return state;
        }
        var next = state.Release!.Ramp.WhenJudged(reached.Verdict.Kind);
        var release = state.Release with { Verdict = reached.Verdict.Kind };
        var judged = state with { Release = release };
        return next switch
        {
            RampNext.TakeBack when release.Manifest.Release.OnBreach == BreachAction.Rollback => BackOrAsk(
                judged,
                ReleaseWords.Breach(release, reached.Verdict)
            ),
            RampNext.TakeBack => Ask(
                judged,
                ReleaseWords.Breach(release, reached.Verdict),
                ReleaseWords.BreachPaused(release, reached.Verdict)
            ),
            RampNext.Advance => Advance(judged with { Release = release with { NeedsPerson = null } }),
            RampNext.AskPerson => judged with
            {
                Release = release with { NeedsPerson = ReleaseWords.StageHeld(release, reached.Verdict.Kind) },
            },
            _ => judged,
        };
    }

    private static ServiceState GoneDown(ServiceState state, SlotDown down)
    {
        var slot = state[down.Slot];
        if (slot.IsDown || slot.Phase is not (SlotPhase.Ready or SlotPhase.Serving or SlotPhase.Warm))
        {
            return state;
        }
        var marked = state.With(down.Slot, slot with { IsDown = true });
        return marked.Release switch
        {
            { IsForward: true } release when release.Into == down.Slot => BackOrAsk(marked, down.Failure),
            { Phase: ReleasePhase.DrainingBack } => LeaveNew(marked),
            { IsRunning: true } => marked,
            _ => Rescue(marked) is { } warm ? BeginRollback(marked, warm, Itself, down.Failure) : marked,
        };
    }

    private static ServiceState ComeUp(ServiceState state, SlotName slot)
    {
        if (!state[slot].IsDown)
        {
            return state;
        }
        var up = state.With(slot, state[slot] with { IsDown = false });
        return up.Release switch
        {
            { IsForward: true } release when release.Old == slot => MustGoBack(up, release) is { } why ? BackOrAsk(up, why) : up,
            // Past the last stage nothing is paused: the worry is over with its cause.
            { IsForward: true, IsPaused: false, IsAutomatic: false } release => up with
            {
                Release = release with { NeedsPerson = null, Failure = null },
            },
            { Phase: ReleasePhase.DrainingBack } => LeaveNew(up),
            { IsRunning: true } => up,
            _ => Rescue(up) is { } warm
                ? BeginRollback(up, warm, Itself, ReleaseWords.IsDown(up[ServiceState.Other(warm)].Deployed?.Version))
                : up,
        };
    }

    /// <summary>What called for the way back while the old version was down; the call still stands.</summary>
    private static Failure? MustGoBack(ServiceState state, ReleaseState release)
    {
        var isBroken =
            release is { Verdict: VerdictKind.Rollback, PromoteForced: false }
            && release.Manifest.Release.OnBreach == BreachAction.Rollback;
        return state[release.Into].IsDown || isBroken ? release.Failure ?? ReleaseWords.IsDown(release.To) : null;
    }

    /// <summary>The warm slot that can help: the live version is down and the warm one is not.</summary>
    private static SlotName? Rescue(ServiceState state) =>
        state is { Live: { } live, Warm: { } warm } && state[live].IsDown && !state[warm].IsDown ? warm : null;

    /// <summary>Traffic never goes to a version that is down, nor to one that is not there.</summary>
    private static bool CanReturn(ServiceState state) =>
        state.Release is { From: not null } release && state[release.Old] is { IsDown: false, Phase: SlotPhase.Serving or SlotPhase.Warm };

    /// <summary>Goes back by itself, or says why that needs a person.</summary>
    private static ServiceState BackOrAsk(ServiceState state, Failure failure)
    {
        var release = state.Release!;
        if (release.TrafficMoved && !CanReturn(state))
        {
            return Ask(state, failure, ReleaseWords.CannotReturn(release, failure));
        }
        return TakeBack(state, ReleaseOutcome.NotSwitched, failure);
    }

    /// <summary>Pauses where there is a stage to pause, and says what a person has to decide.</summary>
    private static ServiceState Ask(ServiceState state, Failure failure, string why)
    {
        var release = state.Release!;
        var isStaged = release.Kind == ReleaseKind.Deploy && release.Phase is ReleasePhase.Shifting or ReleasePhase.Observing;
        var asked = release with { NeedsPerson = why, Failure = failure, IsPaused = isStaged, HoldElapsed = false };
        return (state with { Release = asked }).WithoutEffects(effect => effect.Effect is Wait { Reason: WaitReason.Hold });
    }

    private static ServiceState MoveFailed(ServiceState state, Failure failure) => BackOrAsk(state, failure);

    /// <param name="unmoved">How it ends when no user ever saw the new version.</param>
    private static ServiceState TakeBack(ServiceState state, ReleaseOutcome unmoved, Failure failure)
    {
        var release = state.Release!;
        var outcome = release.TrafficMoved && unmoved != ReleaseOutcome.Superseded ? ReleaseOutcome.RolledBack : unmoved;
        var back = release with { TakenBack = outcome, Failure = failure, IsPaused = false, HoldElapsed = false, NeedsPerson = null };
        var turned = (state with { Release = back }).WithoutEffects(effect => effect.Effect is not StopSlot);
        return release.TrafficMoved ? Return(turned) : StopNew(turned);
    }

    private static ServiceState Return(ServiceState state)
    {
        var old = state.Release!.Old;
        var shape = TrafficShape.AllTo(old);
        return Enter(state with { Traffic = shape }, ReleasePhase.Returning)
            .With(old, state[old] with { Phase = SlotPhase.Serving, NeedsDrain = true })
            .Wanting(new MoveTraffic(shape));
    }

    private static ServiceState DrainBack(ServiceState state)
    {
        var release = state.Release!;
        var section = release.Manifest.Release;
        return Enter(state, ReleasePhase.DrainingBack).Wanting(new DrainSlot(release.Into, section.Drain, section.DrainConnections));
    }

    /// <summary>
    /// The new version is empty. It is stopped, unless the old one went down meanwhile and it is the only one alive; the target of
    /// a rollback was warm before and is warm again.
    /// </summary>
    private static ServiceState LeaveNew(ServiceState state)
    {
        var release = state.Release!;
        if (state.Wants<DrainSlot>())
        {
            return state;
        }
        if (release.Kind == ReleaseKind.Rollback)
        {
            return Close(state.With(release.Into, state[release.Into] with { Phase = SlotPhase.Warm }));
        }
        var isOnlyOneAlive = state[release.Old].IsDown && !state[release.Into].IsDown;
        return isOnlyOneAlive ? state with { Release = release with { NeedsPerson = ReleaseWords.OldDied(release) } } : StopNew(state);
    }

    private static ServiceState StopNew(ServiceState state)
    {
        var release = state.Release! with { Phase = ReleasePhase.StoppingNew, NeedsPerson = null };
        return Stop(state with { Release = release }, release.Into);
    }
}
