using Teal.Analysis;

namespace Teal.Releases;

/// <summary>The machine's sentences for people.</summary>
internal static class ReleaseWords
{
    public static string Who(Origin by) => by.Reason is { Length: > 0 } reason ? $"{by.Actor} ({reason})" : by.Actor;

    public static string Of(VerdictKind? verdict) =>
        verdict switch
        {
            VerdictKind.Continue => "“healthy”",
            VerdictKind.Safe => "“safe”",
            VerdictKind.Hold => "“not sure”",
            VerdictKind.Rollback => "“broken”",
            VerdictKind.NoData => "“no data”",
            _ => "nothing yet",
        };

    public static Failure IsDown(string? version) => new("TEAL3020", $"{version} is down.", "No instance of it answers its health probe.");

    public static Failure Breach(ReleaseState release, Verdict verdict) =>
        new("TEAL3021", $"{release.To} broke a guard at {release.StageShare}.", Findings(verdict));

    public static Failure GivenUp(ReleaseState release, Origin by, string verb) =>
        new("TEAL3022", $"The release of {release.To} was given up (`{verb}`).", $"{Who(by)} asked for it.");

    public static Failure Superseded(ReleaseState release, WaitingDeploy deploy) =>
        new("TEAL3023", $"{release.To} gave way to {deploy.Version}.", $"{Who(deploy.By)} asked for it.");

    public static string StageHeld(ReleaseState release, VerdictKind verdict) =>
        $"The hold at {release.StageShare} is over and the guard says {Of(verdict)}. It goes on by itself once {release.To} is seen to be healthy; "
        + "`teal promote --force` goes on without that, `teal abort` goes back.";

    public static string BreachPaused(ReleaseState release, Verdict verdict) =>
        $"{release.To} broke a guard at {release.StageShare}: {Findings(verdict)} The manifest says to pause. `teal abort` goes back, `teal resume` watches it "
        + "anew.";

    public static string NotWatched(ReleaseState release, Failure failure) =>
        $"{release.To} cannot be watched at {release.StageShare}: {failure.Why} `teal resume` tries again, `teal abort` goes back.";

    public static string CannotReturn(ReleaseState release, Failure failure) =>
        release.From is null
            ? $"{failure.What} There is no older version to go back to: deploy another one after `teal promote --force`."
            : $"{failure.What} {release.From} is down too, so traffic does not go back to it. It does by itself once {release.From} is up; "
                + $"`teal promote --force` stays with {release.To}.";

    public static string OldDied(ReleaseState release) =>
        $"{release.From} went down while traffic returned to it. {release.To} is kept running: `teal promote --force` gives it the traffic. "
        + $"Once {release.From} is up the release ends by itself.";

    /// <summary>What a release is doing, for somebody whose command did not fit.</summary>
    public static string Now(ReleaseState release, string verb) =>
        release switch
        {
            { TakenBack: not null } => "It is on its way back already. `teal watch` shows it end.",
            { Kind: ReleaseKind.Rollback } => $"It is a rollback, which has no stages. `teal watch` shows it end.",
            { IsPaused: true } => "It is paused already. `teal resume` goes on, `teal abort` goes back.",
            { Phase: ReleasePhase.Clearing or ReleasePhase.Starting or ReleasePhase.Smoking } when verb == "promote" =>
                $"{release.To} is not healthy and tested yet. `teal watch` shows when it is.",
            { Phase: ReleasePhase.Draining or ReleasePhase.Closing } =>
                $"All traffic is on {release.To} already. `teal rollback` takes it back.",
            _ => "It is not paused. `teal pause` holds it, `teal promote` skips the remaining stages.",
        };

    /// <summary>The evidence of the guards that were broken.</summary>
    public static string Findings(Verdict verdict)
    {
        var broken = verdict.Findings.Where(finding => finding.Answer == GuardAnswer.Unhealthy).Select(finding => finding.Words);
        var words = string.Join(' ', broken);
        return words.Length == 0 ? "The guard says that it is not healthy." : words;
    }
}
