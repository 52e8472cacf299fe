using System.Globalization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <summary>
/// What holds in every state of a rollout and over every step, whatever happens. Written without looking at how the machine decides,
/// so that the two can disagree: in tests, in the simulation, and at run time before anything is done.
/// </summary>
public static class RolloutInvariants
{
    /// <summary>The sentences that are broken; none when all is well.</summary>
    public static IReadOnlyList<string> Check(RolloutState before, RolloutEvent happened, RolloutState after)
    {
        List<string> broken = [];
        Effects(after, broken);
        if (after.Rollout is { } rollout)
        {
            At(after, rollout, broken);
        }
        Course(before, happened, after, broken);
        return broken;
    }

    private static void Effects(RolloutState state, List<string> broken)
    {
        var ids = state.Outstanding.Select(effect => effect.Id).ToArray();
        Must(ids.Distinct().Count() == ids.Length, "effect ids are unique", broken);
        Must(ids.All(id => id < state.NextEffect), "effect ids come from NextEffect", broken);
        var kinds = state.Outstanding.Select(effect => effect.Effect.GetType()).ToArray();
        Must(kinds.Distinct().Count() == kinds.Length, "one effect of each kind at a time", broken);
        foreach (var move in state.Outstanding.Select(effect => effect.Effect).OfType<MoveShare>())
        {
            Must(move.Share == state.Rollout?.Share, "the move that is wanted is the share that was decided", broken);
        }
    }

    private static void At(RolloutState state, Rollout rollout, List<string> broken)
    {
        var wants = state.Wants<MoveShare>() || state.Wants<RolloutWait>() || rollout.NeedsPerson is not null;
        switch (rollout.Phase)
        {
            case RolloutPhase.Moving:
                Must(rollout.Share == rollout.Present.Share, "a share on its way is the step's", broken);
                Must(state.Wants<MoveShare>(), "a move is made or given up", broken);
                break;
            case RolloutPhase.Observing:
                Must(rollout.Confirmed == rollout.Present.Share, "what is watched is the step's share, confirmed", broken);
                Must(
                    state.Wants<ObserveVariant>() || rollout.NeedsPerson is not null,
                    "a share above 0 is watched, or a person knows",
                    broken
                );
                Must(!rollout.IsPaused || !state.Wants<RolloutWait>(), "a pause stops the hold", broken);
                break;
            case RolloutPhase.Returning:
                Must(rollout.TakenBack is not null, "what goes back knows how it will end", broken);
                Must(wants, "the way back is made, tried again, or a person knows", broken);
                Must(!state.Wants<ObserveVariant>(), "what goes back is not judged", broken);
                break;
            default:
                Ended(state, rollout, broken);
                break;
        }
    }

    private static void Ended(RolloutState state, Rollout rollout, List<string> broken)
    {
        Must(state.Outstanding.Count == 0, "an ended rollout wants nothing", broken);
        Must(rollout.Outcome != RolloutOutcome.Running, "an ended rollout has an outcome", broken);
        Must(rollout.Outcome is RolloutOutcome.Done || rollout.Failure is not null, "what went back says why", broken);
        Must(rollout.Share == rollout.Confirmed, "the share at the end was confirmed", broken);
        var (order, last) = (rollout.Order, rollout.Order.Steps[^1].Share);
        Must(rollout.Outcome != RolloutOutcome.Done || rollout.Share == last, "done means the last step's share", broken);
        Must(
            rollout.Outcome is not (RolloutOutcome.Stopped or RolloutOutcome.Killed) || rollout.Share == Share.None,
            "given up means nobody",
            broken
        );
        var mayKeep = rollout.Outcome == RolloutOutcome.TakenBack && order.OnBreach == BreachShare.Previous;
        Must(
            rollout.Outcome != RolloutOutcome.TakenBack || mayKeep || rollout.Share == Share.None,
            "a breach ends at the share that was asked for",
            broken
        );
        Must(!mayKeep || rollout.Share < rollout.Present.Share, "a breach never keeps the share that broke", broken);
    }

    private static void Course(RolloutState before, RolloutEvent happened, RolloutState after, List<string> broken)
    {
        Must(after.NextEffect >= before.NextEffect, "effect ids never come again", broken);
        if (after.Rollout is not { } now)
        {
            Must(before.Rollout is null, "a rollout is not forgotten", broken);
            return;
        }
        if (now.Number != before.Rollout?.Number)
        {
            Must(before.Rollout is not { IsRunning: true }, "one rollout at a time", broken);
            Must(now.Number == (before.Rollout?.Number ?? 0) + 1, "rollouts are counted without a gap", broken);
            Must(now.Share > now.Before, "a rollout begins with a share that grows", broken);
            return;
        }
        var old = before.Rollout;
        Must(old.IsRunning, "an ended rollout does not change", broken);
        Must(old.TakenBack is null || now.TakenBack == old.TakenBack, "what is taken back is not begun again", broken);
        Must(now.Confirmed == old.Confirmed || happened is ShareMoved or RolloutKilled, "only the flag confirms a share", broken);
        Shares(before, old, happened, now, broken);
        Progress(old, happened, now, broken);
    }

    private static void Shares(RolloutState before, Rollout old, RolloutEvent happened, Rollout now, List<string> broken)
    {
        Must(
            now.TakenBack is not null || happened is RolloutKilled || now.Share >= old.Share,
            "a share only grows, but for going back",
            broken
        );
        // A step without a hold is done with the resuming; one with a hold begins it anew.
        var isDone = happened is RolloutResumeRequested && (old.Present.Hold == TimeSpan.Zero || old.PromoteForced);
        var isMove = isDone || happened is RolloutPromoteRequested or RolloutStopRequested or RolloutKilled;
        var turnsBack = old.TakenBack is null && now.TakenBack is not null;
        Must(!old.IsPaused || isMove || turnsBack || now.Share == old.Share, "nothing moves while it is paused", broken);
        if (!turnsBack)
        {
            return;
        }
        var isBreach = happened is RolloutJudged { Verdict.Kind: VerdictKind.Rollback };
        var isFailure =
            happened is RolloutEffectFailed failed
            && before.Outstanding.Any(wanted => wanted.Id == failed.Effect && wanted.Effect is MoveShare);
        Must(isBreach || isFailure || happened is RolloutStopRequested, "nothing is taken back without a cause", broken);
        var isToNobody = happened is RolloutStopRequested || now.Order.OnBreach == BreachShare.Off;
        Must(
            isToNobody ? now.Share == Share.None : now.Share < old.Share,
            $"back is {(isToNobody ? "nobody" : "less than it was")}",
            broken
        );
        var isKnown = now.Share == Share.None || now.Share == now.Before || now.Order.Steps.Any(step => step.Share == now.Share);
        Must(isKnown, string.Create(CultureInfo.InvariantCulture, $"back is a share that was there before: {now.Share}"), broken);
    }

    private static void Progress(Rollout old, RolloutEvent happened, Rollout now, List<string> broken)
    {
        var isFurther = now.TakenBack is null && (now.Step > old.Step || now.Outcome == RolloutOutcome.Done);
        Must(now.Step >= old.Step, "no step is made twice", broken);
        if (!isFurther || happened is RolloutPromoteRequested or RolloutResumeRequested)
        {
            return;
        }
        Must(!old.IsPaused, "a paused step never advances by itself", broken);
        Must(now.Step <= old.Step + 1, "no step is skipped without a word", broken);
        if (old.Phase == RolloutPhase.Observing)
        {
            var word = happened is RolloutJudged judged ? judged.Verdict.Kind : old.Verdict;
            Must(
                word is VerdictKind.Continue or VerdictKind.Safe,
                "a held step never advances by itself: the guard did not say that it may",
                broken
            );
            Must(old.HoldElapsed || happened is RolloutTimerElapsed, "a held step never advances by itself: its hold was not over", broken);
        }
        else
        {
            Must(old.Present.Hold == TimeSpan.Zero || old.PromoteForced, "a step with a hold is watched", broken);
        }
    }

    private static void Must(bool holds, string sentence, List<string> broken)
    {
        if (!holds)
        {
            broken.Add(sentence);
        }
    }
}
