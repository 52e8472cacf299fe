namespace Teal.Releases.Rollouts;

/// <summary>Every way in which the rollout machine says no: what, why, and the command that makes sense instead.</summary>
internal static class RolloutRefusals
{
    public static Refusal Held(RolloutState state, Rollout running) =>
        new(
            "TEAL9301",
            $"{state.Flag} is rolling out in {state.Environment} already.",
            $"{ReleaseWords.Who(running.By)} moves it to {running.Order.To}, which has {running.Share}. A flag has one rollout at a time: "
                + $"{RolloutWords.Order("stop", state)} ends it.",
            RefusalKind.Conflict
        );

    public static Refusal NotRising(RolloutState state, RolloutRequested asked) =>
        new(
            "TEAL9302",
            $"{asked.Order.To} has {asked.Before} of the users in {state.Environment} already.",
            $"A rollout only lets a share grow, and its first step is {asked.Order.Steps[0].Share}. Begin above {asked.Before}, or set the share down first.",
            RefusalKind.Conflict
        );

    public static Refusal NothingRuns(RolloutState state, string verb) =>
        new("TEAL9303", $"There is nothing to {verb}.", $"No rollout of {state.Flag} runs in {state.Environment}.", RefusalKind.Conflict);

    public static Refusal DoesNotFit(RolloutState state, Rollout rollout, string verb) =>
        new("TEAL9304", $"The rollout of {state.Flag} cannot take `{verb}` now.", RolloutWords.Now(state, rollout), RefusalKind.Conflict);

    public static Refusal GuardForbids(RolloutState state, Rollout rollout)
    {
        var why =
            rollout.Phase == RolloutPhase.Moving
                ? "The move to the present share is not confirmed yet."
                : $"The guard says {ReleaseWords.Of(rollout.Verdict)}, not that {rollout.Order.To} is healthy.";
        return new(
            "TEAL9305",
            $"{state.Flag} is not promoted.",
            $"{why} Wait, or overrule with {RolloutWords.Order("promote --force", state)}.",
            RefusalKind.NeedsPerson
        );
    }
}
