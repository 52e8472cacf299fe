using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <param name="Effects">The effects that are new; all unfinished ones are in <see cref="RolloutState.Outstanding"/>.</param>
public sealed record RolloutDecision(RolloutState State, IReadOnlyList<WantedRolloutEffect> Effects, Refusal? Refusal = null);

/// <summary>
/// Decides how a flag's rollout goes on. Pure: the world comes in as events and goes out as effects. What changes nothing returns
/// the very same state. The step's rule is <see cref="Ramp"/>, which releases follow too.
/// </summary>
public static class RolloutMachine
{
    /// <summary>How often the way back is tried again by itself, each time after twice as long.</summary>
    public const int MostRetries = 5;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    public static RolloutDecision Decide(RolloutState state, RolloutEvent happened)
    {
        Answer answer = happened switch
        {
            RolloutCommand command => Obey(state, command),
            RolloutEffectOutcome outcome => Finish(state, outcome),
            RolloutJudged judged => Judge(state, judged),
            _ => state,
        };
        if (answer.Refusal is not null || answer.State is null || answer.State == state)
        {
            return new RolloutDecision(state, [], answer.Refusal);
        }
        return new RolloutDecision(answer.State, [.. answer.State.Outstanding.Where(effect => effect.Id >= state.NextEffect)]);
    }

    private static Answer Obey(RolloutState state, RolloutCommand command) =>
        (command, state.Rollout) switch
        {
            (RolloutRequested asked, _) => Start(state, asked),
            (RolloutKilled killed, { IsRunning: true } rollout) => Kill(state, rollout, killed.By),
            (RolloutKilled, _) => state,
            (_, not { IsRunning: true }) => RolloutRefusals.NothingRuns(state, RolloutWords.VerbOf(command)),
            (RolloutPromoteRequested asked, { } rollout) => Promote(state, rollout, asked.Force),
            (RolloutPauseRequested, { } rollout) => Pause(state, rollout),
            (RolloutResumeRequested, { } rollout) => Resume(state, rollout),
            (RolloutStopRequested asked, { } rollout) => Stop(state, rollout, asked.By),
            _ => state,
        };

    private static Answer Start(RolloutState state, RolloutRequested asked)
    {
        if (state.Rollout is { IsRunning: true } running)
        {
            return RolloutRefusals.Held(state, running);
        }
        var first = asked.Order.Steps[0].Share;
        if (first <= asked.Before)
        {
            return RolloutRefusals.NotRising(state, asked);
        }
        var rollout = new Rollout(
            (state.Rollout?.Number ?? 0) + 1,
            asked.Order,
            asked.Before,
            asked.By,
            RolloutPhase.Moving,
            0,
            RolloutOutcome.Running,
            first,
            asked.Before,
            asked.Before
        );
        return Move(state, rollout, 0);
    }

    /// <summary>Moves the share to a step's. The share that was watched until now is the one to go back to.</summary>
    private static RolloutState Move(RolloutState state, Rollout rollout, int step)
    {
        var share = rollout.Order.Steps[step].Share;
        var moving = rollout with
        {
            Phase = RolloutPhase.Moving,
            Step = step,
            Share = share,
            Previous = rollout.Phase == RolloutPhase.Observing ? rollout.Confirmed : rollout.Previous,
            HoldElapsed = false,
            Verdict = null,
        };
        return Quiet(state, moving).Wanting(new MoveShare(share));
    }

    /// <summary>Watches the step from the beginning, if it is held.</summary>
    private static RolloutState Watch(RolloutState state, Rollout rollout)
    {
        var observing = rollout with { Phase = RolloutPhase.Observing, HoldElapsed = false, Verdict = null };
        if (observing.Ramp.WhenConfirmed() == RampNext.Advance)
        {
            return Advance(state, observing);
        }
        var watching = Quiet(state, observing).Wanting(new ObserveVariant(rollout.Step));
        return rollout.IsPaused ? watching : watching.Wanting(new RolloutWait(rollout.Present.Hold, RolloutWaitReason.Hold));
    }

    private static RolloutState Advance(RolloutState state, Rollout rollout)
    {
        var calm = rollout with { NeedsPerson = null };
        return calm.IsLastStep ? End(state, calm, RolloutOutcome.Done) : Move(state, calm, calm.Step + 1);
    }

    private static RolloutState End(RolloutState state, Rollout rollout, RolloutOutcome outcome) =>
        Quiet(state, rollout with { Phase = RolloutPhase.Ended, Outcome = outcome, IsPaused = false, NeedsPerson = null });

    /// <summary>The outcome of an effect that is wanted. One that came late or twice changes nothing.</summary>
    private static RolloutState Finish(RolloutState state, RolloutEffectOutcome outcome)
    {
        if (state.Outstanding.FirstOrDefault(effect => effect.Id == outcome.Effect) is not { } done || state.Rollout is not { } rollout)
        {
            return state;
        }
        var rest = state.WithoutEffects(effect => effect.Id == outcome.Effect);
        return (done.Effect, outcome) switch
        {
            (MoveShare move, ShareMoved) => Moved(rest, rollout with { Confirmed = move.Share }),
            (RolloutWait { Reason: RolloutWaitReason.Hold }, RolloutTimerElapsed) => Held(rest, rollout with { HoldElapsed = true }),
            (RolloutWait, RolloutTimerElapsed) => rest.Wanting(new MoveShare(rollout.Share)),
            (MoveShare, RolloutEffectFailed it) => MoveFailed(rest, rollout, it.Failure),
            (_, RolloutEffectFailed it) => Ask(rest, rollout, it.Failure),
            _ => state,
        };
    }

    private static RolloutState Moved(RolloutState state, Rollout rollout) =>
        rollout.TakenBack is { } outcome ? End(state, rollout, outcome) : Watch(state, rollout);

    private static RolloutState Held(RolloutState state, Rollout rollout) =>
        rollout.Ramp.WhenHeld() switch
        {
            RampNext.Advance => Advance(state, rollout),
            RampNext.AskPerson => state with
            {
                Rollout = rollout with { NeedsPerson = RolloutWords.StepHeld(state, rollout, rollout.Verdict!.Value) },
            },
            _ => state with { Rollout = rollout },
        };

    private static RolloutState Judge(RolloutState state, RolloutJudged judged)
    {
        if (!state.Outstanding.Any(effect => effect.Id == judged.Effect && effect.Effect is ObserveVariant))
        {
            return state;
        }
        var kind = judged.Verdict.Kind;
        var next = state.Rollout!.Ramp.WhenJudged(kind);
        var rollout = state.Rollout with { Verdict = kind };
        return next switch
        {
            RampNext.TakeBack => TakeBack(
                state,
                rollout,
                BreachShareOf(rollout),
                RolloutOutcome.TakenBack,
                RolloutWords.Breach(rollout, judged.Verdict)
            ),
            RampNext.Advance => Advance(state, rollout),
            RampNext.AskPerson => state with { Rollout = rollout with { NeedsPerson = RolloutWords.StepHeld(state, rollout, kind) } },
            _ => state with { Rollout = rollout },
        };
    }

    private static Share BreachShareOf(Rollout rollout) => rollout.Order.OnBreach == BreachShare.Off ? Share.None : rollout.Previous;

    private static RolloutState TakeBack(RolloutState state, Rollout rollout, Share share, RolloutOutcome outcome, Failure failure)
    {
        var back = rollout with
        {
            Phase = RolloutPhase.Returning,
            Share = share,
            TakenBack = outcome,
            Failure = failure,
            IsPaused = false,
            HoldElapsed = false,
            NeedsPerson = null,
        };
        return Quiet(state, back).Wanting(new MoveShare(share));
    }

    /// <summary>Forward gives up. Back never does: it is tried again, and then a person is asked.</summary>
    private static RolloutState MoveFailed(RolloutState state, Rollout rollout, Failure failure)
    {
        if (rollout.IsForward)
        {
            return TakeBack(state, rollout, BreachShareOf(rollout), RolloutOutcome.TakenBack, RolloutWords.NotMoved(rollout, failure));
        }
        var asked = state with
        {
            Rollout = rollout with
            {
                FailedReturns = rollout.FailedReturns + 1,
                NeedsPerson = RolloutWords.NotReturned(state, rollout, failure),
            },
        };
        var wait = FirstRetry * Math.Pow(2, rollout.FailedReturns);
        return rollout.FailedReturns < MostRetries ? asked.Wanting(new RolloutWait(wait, RolloutWaitReason.Retry)) : asked;
    }

    /// <summary>Stands still, and says what a person has to decide.</summary>
    private static RolloutState Ask(RolloutState state, Rollout rollout, Failure failure)
    {
        if (!rollout.IsForward)
        {
            // The wait before the next try could not be made: it is tried now.
            return state.Wanting(new MoveShare(rollout.Share));
        }
        var asked = rollout with
        {
            NeedsPerson = RolloutWords.NotWatched(state, rollout, failure),
            Failure = failure,
            IsPaused = true,
            HoldElapsed = false,
        };
        return (state with { Rollout = asked }).WithoutEffects(effect => effect.Effect is RolloutWait);
    }

    private static Answer Promote(RolloutState state, Rollout rollout, bool force)
    {
        if (!rollout.IsForward)
        {
            return RolloutRefusals.DoesNotFit(state, rollout, "promote");
        }
        var isAllowed = rollout.Phase == RolloutPhase.Observing && rollout.Ramp.MayBePromoted;
        if (!isAllowed && !force)
        {
            return RolloutRefusals.GuardForbids(state, rollout);
        }
        var promoted = rollout with
        {
            IsPaused = false,
            NeedsPerson = null,
            Failure = null,
            PromoteForced = rollout.PromoteForced || !isAllowed,
        };
        return rollout is { IsLastStep: true, Phase: RolloutPhase.Observing }
            ? End(state, promoted, RolloutOutcome.Done)
            : Move(state, promoted, rollout.Order.Steps.Count - 1);
    }

    private static Answer Pause(RolloutState state, Rollout rollout)
    {
        if (!rollout.IsForward || rollout.IsPaused)
        {
            return RolloutRefusals.DoesNotFit(state, rollout, "pause");
        }
        var paused = state with { Rollout = rollout with { IsPaused = true, HoldElapsed = false } };
        return paused.WithoutEffects(effect => effect.Effect is RolloutWait);
    }

    /// <summary>Goes on with a fresh hold and fresh evidence, or tries the way back once more.</summary>
    private static Answer Resume(RolloutState state, Rollout rollout)
    {
        if (rollout is { IsForward: false, NeedsPerson: not null } && !state.Wants<MoveShare>())
        {
            return Quiet(state, rollout with { NeedsPerson = null, FailedReturns = 0 }).Wanting(new MoveShare(rollout.Share));
        }
        if (!rollout.IsForward || (!rollout.IsPaused && !rollout.HoldElapsed))
        {
            return RolloutRefusals.DoesNotFit(state, rollout, "resume");
        }
        var resumed = rollout with { IsPaused = false, NeedsPerson = null, Failure = null };
        return rollout.Phase == RolloutPhase.Observing ? Watch(state, resumed) : state with { Rollout = resumed };
    }

    private static Answer Stop(RolloutState state, Rollout rollout, Origin by) =>
        rollout.IsForward
            ? TakeBack(state, rollout, Share.None, RolloutOutcome.Stopped, RolloutWords.Stopped(rollout, by))
            : RolloutRefusals.DoesNotFit(state, rollout, "stop");

    /// <summary>The kill took the share away by itself; what was under way would only give it back.</summary>
    private static RolloutState Kill(RolloutState state, Rollout rollout, Origin by)
    {
        var killed = rollout with { Share = Share.None, Confirmed = Share.None, Failure = RolloutWords.Killed(state, by) };
        return End(state, killed, RolloutOutcome.Killed);
    }

    /// <summary>Nothing that was under way is wanted any more.</summary>
    private static RolloutState Quiet(RolloutState state, Rollout rollout) => (state with { Rollout = rollout }).WithoutEffects(_ => true);

    /// <summary>What a handler says: the state after, or why not.</summary>
    private readonly record struct Answer(RolloutState? State, Refusal? Refusal)
    {
        public static implicit operator Answer(RolloutState state) => new(state, null);

        public static implicit operator Answer(Refusal refusal) => new(null, refusal);
    }
}
