using Teal.Analysis;

namespace Teal.Releases.Rollouts;

/// <summary>The rollout machine's sentences for people.</summary>
internal static class RolloutWords
{
    public static string VerbOf(RolloutCommand command) =>
        command switch
        {
            RolloutPromoteRequested => "promote",
            RolloutPauseRequested => "pause",
            RolloutResumeRequested => "resume",
            _ => "stop",
        };

    public static string Order(string verb, RolloutState state) => $"`teal flag rollout {verb} {state.Flag} -e {state.Environment}`";

    public static Failure Breach(Rollout rollout, Verdict verdict) =>
        new("TEAL9310", $"{rollout.Order.To} broke a guard at {rollout.Share}.", ReleaseWords.Findings(verdict));

    public static Failure NotMoved(Rollout rollout, Failure failure) =>
        new("TEAL9311", $"The share of {rollout.Order.To} could not be set to {rollout.Share}.", $"{failure.What} {failure.Why}");

    public static Failure Stopped(Rollout rollout, Origin by) =>
        new("TEAL9312", $"The rollout of {rollout.Order.To} was stopped.", $"{ReleaseWords.Who(by)} asked for it.");

    public static Failure Killed(RolloutState state, Origin by) =>
        new("TEAL9313", $"{state.Flag} was killed.", $"{ReleaseWords.Who(by)} asked for it.");

    public static string StepHeld(RolloutState state, Rollout rollout, VerdictKind verdict) =>
        $"The hold at {rollout.Share} is over and the guard says {ReleaseWords.Of(verdict)}. It goes on by itself once {rollout.Order.To} is seen to "
        + $"be healthy; {Order("promote --force", state)} goes on without that, {Order("stop", state)} goes back.";

    public static string NotWatched(RolloutState state, Rollout rollout, Failure failure) =>
        $"{rollout.Order.To} cannot be watched at {rollout.Share}: {failure.Why} {Order("resume", state)} tries again, {Order("stop", state)} goes back.";

    public static string NotReturned(RolloutState state, Rollout rollout, Failure failure) =>
        $"{rollout.Order.To} could not be set back to {rollout.Share}: {failure.What} {failure.Why} {Order("resume", state)} tries again; "
        + $"`teal flag kill {state.Flag} -e {state.Environment}` takes it from everybody.";

    /// <summary>What a rollout is doing, for somebody whose command did not fit.</summary>
    public static string Now(RolloutState state, Rollout rollout) =>
        rollout switch
        {
            { TakenBack: not null } => $"It is on its way back to {rollout.Share} already.",
            { IsPaused: true } => $"It is paused already. {Order("resume", state)} goes on, {Order("stop", state)} goes back.",
            _ => $"It is not paused. {Order("pause", state)} holds it, {Order("promote", state)} skips the steps that are left.",
        };
}
