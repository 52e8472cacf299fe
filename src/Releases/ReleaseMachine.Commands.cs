namespace Teal.Releases;

/// <summary>What people and scripts ask for, and why some of it is refused.</summary>
public static partial class ReleaseMachine
{
    private static Answer Deploy(ServiceState state, DeployRequested asked)
    {
        var deploy = new WaitingDeploy(asked.Version, asked.Manifest, asked.By) { Cohort = asked.Cohort };
        if (state.Release is { IsRunning: true } running)
        {
            return asked.Supersede ? Supersede(state, running, deploy) : Queue(state, deploy, asked.Wait);
        }
        if (state.Waiting.Count > 0)
        {
            return asked.Supersede ? state with { Waiting = [deploy] } : Queue(state, deploy, asked.Wait);
        }
        return IsLive(state, asked.Version) ? state : Begin(state, deploy);
    }

    private static Answer Queue(ServiceState state, WaitingDeploy deploy, bool mayWait)
    {
        if (!mayWait)
        {
            return Refusals.Held(state);
        }
        return state.Waiting.Count >= ServiceState.MostWaiting
            ? Refusals.QueueFull(state)
            : state with
            {
                Waiting = [.. state.Waiting, deploy],
            };
    }

    /// <summary>
    /// The newest word counts: deploys that wait give way too, or an older version would follow the newer one. A release that has
    /// all the traffic, goes back already or is itself a rollback ends by itself, and the deploy follows it.
    /// </summary>
    private static Answer Supersede(ServiceState state, ReleaseState running, WaitingDeploy deploy)
    {
        var first = state with { Waiting = [deploy] };
        var isEnding = running.Phase is ReleasePhase.Draining or ReleasePhase.Closing;
        if (!running.IsForward || running.Kind == ReleaseKind.Rollback || isEnding)
        {
            return first;
        }
        if (running.TrafficMoved && !CanReturn(state))
        {
            return Refusals.CannotReturn(running);
        }
        return TakeBack(first, ReleaseOutcome.Superseded, ReleaseWords.Superseded(running, deploy));
    }

    private static Answer Promote(ServiceState state, bool force)
    {
        if (state.Release is not { IsRunning: true } release)
        {
            return Refusals.NothingRuns(state, "promote");
        }
        var isStaged = release.IsForward && release.Phase is ReleasePhase.Shifting or ReleasePhase.Observing;
        if (release.Kind == ReleaseKind.Rollback || !(isStaged || IsStranded(state, release)))
        {
            return Refusals.DoesNotFit(release, "promote");
        }
        var isAllowed = release.Phase == ReleasePhase.Observing && release.Ramp.MayBePromoted && !state[release.Into].IsDown;
        if (!isAllowed && !force)
        {
            return Refusals.GuardForbids(state, release);
        }
        return ToTheEnd(state, release, isForced: !isAllowed);
    }

    /// <summary>On its way back to a version that died meanwhile, while the new one is alive.</summary>
    private static bool IsStranded(ServiceState state, ReleaseState release) =>
        release.Phase is ReleasePhase.Returning or ReleasePhase.DrainingBack && state[release.Old].IsDown && !state[release.Into].IsDown;

    private static ServiceState ToTheEnd(ServiceState state, ReleaseState release, bool isForced)
    {
        var isConfirmed = release.Phase == ReleasePhase.Observing;
        var promoted = state with
        {
            Release = release with
            {
                IsPaused = false,
                NeedsPerson = null,
                Failure = null,
                TakenBack = null,
                PromoteForced = release.PromoteForced || isForced,
            },
        };
        return release.IsLastStage && isConfirmed ? Drain(promoted) : Shift(promoted, release.Stages - 1);
    }

    private static Answer Pause(ServiceState state)
    {
        if (state.Release is not { IsRunning: true } release)
        {
            return Refusals.NothingRuns(state, "pause");
        }
        var hasStagesAhead = release.IsForward && release.Phase <= ReleasePhase.Observing;
        if (release.Kind == ReleaseKind.Rollback || !hasStagesAhead || release.IsPaused)
        {
            return Refusals.DoesNotFit(release, "pause");
        }
        var paused = state with { Release = release with { IsPaused = true, HoldElapsed = false } };
        return paused.WithoutEffects(effect => effect.Effect is Wait { Reason: WaitReason.Hold });
    }

    /// <summary>Goes on with a fresh hold and fresh evidence: what was seen while it stood still is another story.</summary>
    private static Answer Resume(ServiceState state)
    {
        if (state.Release is not { IsRunning: true } release)
        {
            return Refusals.NothingRuns(state, "resume");
        }
        if (!release.IsPaused && !release.HoldElapsed)
        {
            return Refusals.DoesNotFit(release, "resume");
        }
        if (state[release.Into].IsDown)
        {
            return Refusals.NewIsDown(release);
        }
        var resumed = state with { Release = release with { IsPaused = false, NeedsPerson = null, Failure = null } };
        return release.Phase switch
        {
            ReleasePhase.Smoking when !state.Wants<SmokeSlot>() => Shift(resumed, 0),
            ReleasePhase.Shifting when !state.Wants<MoveTraffic>() => Shift(resumed, release.Stage),
            ReleasePhase.Observing => Watch(resumed),
            _ => resumed,
        };
    }

    private static Answer Abort(ServiceState state, Origin by) =>
        state.Release is { IsRunning: true } release ? GiveUp(state, release, by, "abort") : Refusals.NothingRuns(state, "abort");

    private static Answer Rollback(ServiceState state, RollbackRequested asked)
    {
        if (state.Release is { IsRunning: true } release)
        {
            return release.Kind == ReleaseKind.Rollback ? Refusals.DoesNotFit(release, "rollback")
                : asked.Version is { } other && other != release.From ? Refusals.NotWarm(state, other)
                : GiveUp(state, release, asked.By, "rollback");
        }
        if (state.Warm is not { } warm)
        {
            return Refusals.NothingWarm(state, asked.Version);
        }
        var version = state[warm].Deployed!.Version;
        if (asked.Version is { } wanted && wanted != version)
        {
            return Refusals.NotWarm(state, wanted);
        }
        return state[warm].IsDown ? Refusals.WarmIsDown(state, version) : BeginRollback(state, warm, asked.By, null);
    }

    private static Answer GiveUp(ServiceState state, ReleaseState release, Origin by, string verb)
    {
        if (!release.IsForward)
        {
            return Refusals.DoesNotFit(release, verb);
        }
        return release.TrafficMoved && !CanReturn(state)
            ? Refusals.CannotReturn(release)
            : TakeBack(state, ReleaseOutcome.Aborted, ReleaseWords.GivenUp(release, by, verb));
    }
}
