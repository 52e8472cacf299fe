namespace Teal.Releases;

/// <summary>Every way in which the machine says no: what, why, and the command that makes sense instead.</summary>
internal static class Refusals
{
    public static Refusal Held(ServiceState state)
    {
        var service = state.Service;
        return state.Release is { IsRunning: true } release
            ? new(
                "TEAL3001",
                $"{service} is held by the release of {release.To}.",
                $"{ReleaseWords.Who(release.By)} began it. Wait for it with `teal deploy --wait`, or replace it with `teal deploy --supersede`.",
                RefusalKind.Conflict
            )
            : new(
                "TEAL3001",
                $"{service} is held by a waiting deploy of {state.Waiting[0].Version}.",
                "It begins next.",
                RefusalKind.Conflict
            );
    }

    public static Refusal QueueFull(ServiceState state) =>
        new(
            "TEAL3002",
            $"{state.Waiting.Count} deploys of {state.Service} are waiting already.",
            "No more than that may wait. See them with `teal status`; `teal deploy --supersede` takes the place of all of them.",
            RefusalKind.Conflict
        );

    public static Refusal NothingRuns(ServiceState state, string verb) =>
        new(
            "TEAL3003",
            $"There is nothing to {verb}.",
            $"No release of {state.Service} is running. `teal history` shows the last ones.",
            RefusalKind.Conflict
        );

    public static Refusal DoesNotFit(ReleaseState release, string verb) =>
        new("TEAL3004", $"The release of {release.To} cannot take `{verb}` now.", ReleaseWords.Now(release, verb), RefusalKind.Conflict);

    public static Refusal CannotReturn(ReleaseState release) =>
        new(
            "TEAL3005",
            release.From is null ? "There is no older version to go back to." : $"{release.From} is down: traffic does not go back to it.",
            $"Users stay on {release.To}. `teal promote --force` ends the release with it; `teal logs` shows what the versions say.",
            RefusalKind.NeedsPerson
        );

    public static Refusal NewIsDown(ReleaseState release) =>
        new(
            "TEAL3006",
            $"{release.To} is down: the release does not go on.",
            "It goes on when the version answers its health probe again. `teal logs` shows why it does not; `teal abort` gives it up.",
            RefusalKind.NeedsPerson
        );

    public static Refusal GuardForbids(ServiceState state, ReleaseState release)
    {
        var why = release switch
        {
            _ when state[release.Into].IsDown => $"{release.To} is down.",
            { Phase: ReleasePhase.Shifting } => "The move to the present share is not confirmed yet.",
            { IsForward: false } => "The release is on its way back.",
            _ => $"The guard says {ReleaseWords.Of(release.Verdict)}, not that {release.To} is healthy.",
        };
        return new(
            "TEAL3007",
            $"{release.To} is not promoted.",
            $"{why} Wait with `teal watch`, or overrule with `teal promote --force --reason \"…\"`.",
            RefusalKind.NeedsPerson
        );
    }

    public static Refusal NothingWarm(ServiceState state, string? wanted) =>
        new(
            "TEAL3008",
            $"{state.Service} has no version to return to at once.",
            $"No previous version is kept running. An older one is released anew from its folder: `teal deploy {wanted ?? "VERSION"} --from DIR`; `teal history` shows which there were.",
            RefusalKind.Conflict
        );

    public static Refusal NotWarm(ServiceState state, string wanted)
    {
        var back =
            state.Release is { IsRunning: true } running ? running.From
            : state.Warm is { } warm ? state[warm].Deployed?.Version
            : null;
        var instead = back is null ? "" : $" `teal rollback` returns to {back}.";
        return new(
            "TEAL3009",
            $"{wanted} is not running, so nothing can go back to it at once.",
            $"`teal deploy {wanted} --from DIR` starts and releases it.{instead}",
            RefusalKind.Conflict
        );
    }

    public static Refusal WarmIsDown(ServiceState state, string version) =>
        new(
            "TEAL3010",
            $"{version} is down: traffic does not go back to it.",
            $"`teal deploy VERSION --from DIR` releases a healthy version of {state.Service}; `teal logs` shows why {version} does not answer.",
            RefusalKind.NeedsPerson
        );
}
