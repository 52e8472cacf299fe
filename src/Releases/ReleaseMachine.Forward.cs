namespace Teal.Releases;

/// <summary>The way to the new version: clear, start, smoke, shift, observe, drain, close.</summary>
public static partial class ReleaseMachine
{
    private static ServiceState Begin(ServiceState state, WaitingDeploy deploy)
    {
        var into = state.Live is { } live ? ServiceState.Other(live) : SlotName.Blue;
        var from = state.Live is { } old ? state[old].Deployed?.Version : null;
        var number = (state.Release?.Number ?? 0) + 1;
        var release = new ReleaseState(
            number,
            ReleaseKind.Deploy,
            from,
            deploy.Version,
            into,
            deploy.By,
            ReleasePhase.Clearing,
            0,
            ReleaseOutcome.Running
        )
        {
            Manifest = deploy.Manifest,
            Cohort = deploy.Cohort,
        };
        var begun = state.WithoutEffects(effect => effect.Effect is Wait) with { Release = release };
        return begun[into] switch
        {
            { Phase: SlotPhase.Empty } => Start(begun),
            { Phase: SlotPhase.Stopping } => begun,
            { Deployed: { } there } when IsSame(there, deploy) => Start(begun),
            _ => Stop(begun, into),
        };
    }

    /// <summary>A rollback begins where a deploy ends: the version is running, so traffic moves at once.</summary>
    private static ServiceState BeginRollback(ServiceState state, SlotName warm, Origin by, Failure? because)
    {
        var old = ServiceState.Other(warm);
        var release = new ReleaseState(
            (state.Release?.Number ?? 0) + 1,
            ReleaseKind.Rollback,
            state[old].Deployed?.Version,
            state[warm].Deployed!.Version,
            warm,
            by,
            ReleasePhase.Shifting,
            0,
            ReleaseOutcome.Running,
            Failure: because,
            IsAutomatic: because is not null
        )
        {
            Manifest = state[warm].Deployed!.Manifest,
        };
        return Shift(state.WithoutEffects(effect => effect.Effect is Wait) with { Release = release }, 0);
    }

    private static bool IsSame(Deployed there, WaitingDeploy deploy)
    {
        var (old, @new) = (there.Manifest.Run, deploy.Manifest.Run);
        return there.Version == deploy.Version
            && old.Command.SequenceEqual(@new.Command, StringComparer.Ordinal)
            && old.Port == @new.Port
            // Who signs hands a key to each instance at its start.
            && there.Manifest.Flags?.Sign == deploy.Manifest.Flags?.Sign
            && old.Protocol == @new.Protocol
            && old.Env.Count == @new.Env.Count
            && old.Env.All(pair => @new.Env.TryGetValue(pair.Key, out var value) && value == pair.Value);
    }

    private static ServiceState Start(ServiceState state)
    {
        var release = state.Release!;
        var deployed = new Deployed(release.To, release.Manifest);
        return Enter(state, ReleasePhase.Starting)
            .With(release.Into, new SlotState(SlotPhase.Starting, deployed))
            .Wanting(new StartSlot(release.Into, deployed));
    }

    private static ServiceState Smoke(ServiceState state)
    {
        var into = state.Release!.Into;
        var deployed = state[into].Deployed!;
        return Enter(state, ReleasePhase.Smoking)
            .With(into, new SlotState(SlotPhase.Ready, deployed))
            .Wanting(new SmokeSlot(into, deployed));
    }

    private static ServiceState Smoked(ServiceState state) => state.Release!.IsPaused ? state : Shift(state, 0);

    /// <summary>Moves the traffic to a stage's share. From here on the new version may have users, confirmed or not.</summary>
    private static ServiceState Shift(ServiceState state, int stage)
    {
        var release = state.Release! with
        {
            Phase = ReleasePhase.Shifting,
            Stage = stage,
            TrafficMoved = true,
            HoldElapsed = false,
            Verdict = null,
        };
        var shape = ShapeOf(state, release);
        return Unwatched(state with { Release = release, Traffic = shape })
            .WithoutEffects(effect => effect.Effect is MoveTraffic or DrainSlot)
            .With(release.Into, state[release.Into] with { Phase = SlotPhase.Serving, NeedsDrain = true })
            .Wanting(new MoveTraffic(shape));
    }

    private static TrafficShape ShapeOf(ServiceState state, ReleaseState release) =>
        release.IsLastStage
            ? TrafficShape.AllTo(release.Into)
            : new TrafficShape(release.Old, release.Into, release.StageShare, release.Manifest.Release.Target, state.Cohort.Salt)
            {
                IsFromTop = state.Cohort.IsFromTop,
            };

    private static ServiceState Moved(ServiceState state) =>
        state.Release! switch
        {
            { Phase: ReleasePhase.Returning } => DrainBack(state),
            { Kind: ReleaseKind.Rollback } => Drain(state),
            _ => Watch(state),
        };

    /// <summary>Watches the stage from the beginning, if it is held.</summary>
    private static ServiceState Watch(ServiceState state)
    {
        var release = state.Release! with { Phase = ReleasePhase.Observing, HoldElapsed = false, Verdict = null };
        var watching = Unwatched(state with { Release = release });
        if (release.Ramp.WhenConfirmed() == RampNext.Advance)
        {
            return Advance(watching);
        }
        watching = watching.Wanting(new Observe(release.Number, release.Stage, release.Into));
        return release.IsPaused ? watching : watching.Wanting(new Wait(release.StageHold, WaitReason.Hold));
    }

    private static ServiceState Held(ServiceState state)
    {
        var release = state.Release! with { HoldElapsed = true };
        var held = state with { Release = release };
        return release.Ramp.WhenHeld() switch
        {
            RampNext.Advance => Advance(held),
            RampNext.AskPerson => held with
            {
                Release = release with { NeedsPerson = ReleaseWords.StageHeld(release, release.Verdict!.Value) },
            },
            _ => held,
        };
    }

    private static ServiceState Advance(ServiceState state) =>
        state.Release!.IsLastStage ? Drain(state) : Shift(state, state.Release.Stage + 1);

    private static ServiceState Drain(ServiceState state)
    {
        var release = state.Release!;
        if (release.From is null)
        {
            return Close(Unwatched(state));
        }
        var section = release.Manifest.Release;
        return Enter(Unwatched(state), ReleasePhase.Draining).Wanting(new DrainSlot(release.Old, section.Drain, section.DrainConnections));
    }

    private static ServiceState Drained(ServiceState state, SlotName slot)
    {
        var drained = state.With(slot, state[slot] with { NeedsDrain = false });
        return state.Release!.Phase == ReleasePhase.DrainingBack
            ? LeaveNew(drained)
            : Close(drained.With(slot, drained[slot] with { Phase = SlotPhase.Warm }));
    }

    private static ServiceState Close(ServiceState state) =>
        Enter(state, ReleasePhase.Closing).Wanting(new WriteReceipt(state.Release!.Number));

    private static ServiceState End(ServiceState state)
    {
        var release = state.Release! with { Phase = ReleasePhase.Ended, Outcome = OutcomeOf(state.Release), IsPaused = false };
        var ended = state with { Release = release, Live = release.TakenBack is null ? release.Into : state.Live };
        if (ended.Warm is not null)
        {
            ended = ended.Wanting(new Wait(release.Manifest.Release.KeepPrevious, WaitReason.KeepPrevious));
        }
        return ended.Waiting.Count > 0 || Rescue(ended) is not null ? ended.Wanting(new Wait(TimeSpan.Zero, WaitReason.Next)) : ended;
    }

    private static ReleaseOutcome OutcomeOf(ReleaseState release) =>
        release.TakenBack ?? (release.IsAutomatic ? ReleaseOutcome.RolledBack : ReleaseOutcome.Done);

    /// <summary>After the end of a release: first help the users, then the next deploy that changes something.</summary>
    private static ServiceState Next(ServiceState state)
    {
        if (Rescue(state) is { } warm)
        {
            return BeginRollback(state, warm, Itself, ReleaseWords.IsDown(state[state.Live!.Value].Deployed?.Version));
        }
        var waiting = state.Waiting.SkipWhile(deploy => IsLive(state, deploy.Version)).ToArray();
        var rest = state with { Waiting = [.. waiting.Skip(1)] };
        return waiting.Length == 0 ? rest : Begin(rest, waiting[0]);
    }

    private static bool IsLive(ServiceState state, string version) => state.Live is { } live && state[live].Deployed?.Version == version;

    /// <summary>Stops a slot that nobody reaches. When it is being stopped already, that stop serves.</summary>
    private static ServiceState Stop(ServiceState state, SlotName slot)
    {
        var stopping = state
            .WithoutEffects(effect => effect.Effect is Wait { Reason: WaitReason.KeepPrevious })
            // What is being stopped is nobody's worry: its health must not be taken for that of the version that comes next.
            .With(slot, state[slot] with { Phase = SlotPhase.Stopping, IsDown = false });
        return stopping.Wants<StopSlot>(stop => stop.Slot == slot) ? stopping : stopping.Wanting(new StopSlot(slot));
    }

    private static ServiceState Stopped(ServiceState state, SlotName slot)
    {
        var stopped = state.With(slot, SlotState.Empty);
        return stopped.Release switch
        {
            { Phase: ReleasePhase.Clearing } => Start(stopped),
            { Phase: ReleasePhase.StoppingNew } => Close(stopped),
            _ => stopped,
        };
    }

    private static ServiceState Enter(ServiceState state, ReleasePhase phase) =>
        state with
        {
            Release = state.Release! with { Phase = phase },
        };

    private static ServiceState Unwatched(ServiceState state) =>
        state.WithoutEffects(effect => effect.Effect is Observe or Wait { Reason: WaitReason.Hold });
}
