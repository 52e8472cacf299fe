using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Teal.Analysis;

namespace Teal.Releases;

/// <summary>
/// What holds in every state and over every step, whatever happens. Written without looking at how the machine decides, so that
/// the two can disagree: in tests, in the simulation, and at run time before anything is done.
/// </summary>
public static class ReleaseInvariants
{
    /// <summary>The sentences that are broken; none when all is well.</summary>
    public static IReadOnlyList<string> Check(ServiceState before, ReleaseEvent happened, ServiceState after)
    {
        List<string> broken = [];
        Slot(after, SlotName.Blue, broken);
        Slot(after, SlotName.Green, broken);
        Effects(after, broken);
        Shares(after, broken);
        AtRest(after, broken);
        Step(before, happened, after, SlotName.Blue, broken);
        Step(before, happened, after, SlotName.Green, broken);
        Course(before, happened, after, broken);
        return broken;
    }

    private static void Slot(ServiceState state, SlotName name, List<string> broken)
    {
        var slot = state[name];
        Must(
            !state.MayReach(name) || slot.Phase == SlotPhase.Serving,
            $"capacity before traffic: {name} may be reached and is {slot.Phase}",
            broken
        );
        Must(
            !state.MayReach(name) || slot.NeedsDrain,
            $"what may be reached has to be drained: {name} is taken for empty and is in the shape",
            broken
        );
        var isStopping = state.Wants<StopSlot>(stop => stop.Slot == name);
        Must(!isStopping || !state.MayReach(name), $"traffic confirmed away before capacity goes: {name} is stopped in the shape", broken);
        Must(!isStopping || !slot.NeedsDrain, $"no slot is stopped undrained: {name}", broken);
        Must(
            isStopping == (slot.Phase == SlotPhase.Stopping),
            $"{name} is {slot.Phase} and its stop is{(isStopping ? "" : " not")} wanted",
            broken
        );
        var isDraining = state.Wants<DrainSlot>(drain => drain.Slot == name);
        Must(!isDraining || !state.MayReach(name), $"no slot is drained before traffic is confirmed away: {name}", broken);
        Must(
            slot.Phase == SlotPhase.Empty == slot.Deployed is null,
            $"{name} is {slot.Phase} with{(slot.Deployed is null ? "out" : "")} a version",
            broken
        );
    }

    private static void Effects(ServiceState state, List<string> broken)
    {
        var ids = state.Outstanding.Select(effect => effect.Id).ToArray();
        Must(ids.Distinct().Count() == ids.Length, $"effect ids are unique", broken);
        Must(ids.All(id => id < state.NextEffect), $"effect ids come from NextEffect", broken);
        Must(state.Outstanding.Count(effect => effect.Effect is MoveTraffic) <= 1, $"one move at a time", broken);
        Must(state.Outstanding.Count(effect => effect.Effect is Observe) <= 1, $"one observation at a time", broken);
        Must(state.Waiting.Count <= ServiceState.MostWaiting, $"the queue has its limit", broken);
        foreach (var wanted in state.Outstanding)
        {
            Must(
                wanted.Effect is not MoveTraffic move || move.Shape == state.Traffic,
                $"the move that is wanted is the shape that was decided",
                broken
            );
        }
    }

    private static void Shares(ServiceState state, List<string> broken)
    {
        Must(state.Live is null || state.Traffic.Main is not null, $"some version has all the traffic", broken);
        if (state.Release is not { IsRunning: true } release)
        {
            return;
        }
        var share = state.Traffic.ShareOf(release.Into);
        if (release.IsForward)
        {
            Must(share <= release.StageShare, $"a share never exceeds the stage's: {share} at {release.StageShare}", broken);
            Must(release.TrafficMoved || !state.MayReach(release.Into), $"no user sees a version before its first stage", broken);
        }
        else
        {
            Must(!state.Traffic.Names(release.Into), $"what is taken back gets nothing", broken);
        }
    }

    private static void AtRest(ServiceState state, List<string> broken)
    {
        if (state.Release is { IsRunning: true })
        {
            return;
        }
        var shape = state.Live is { } live ? TrafficShape.AllTo(live) : TrafficShape.Nowhere;
        Must(
            state.Traffic == shape && state.Confirmed == shape,
            $"outside a release all traffic is on the live version, confirmed",
            broken
        );
        Must(
            state.Outstanding.All(effect => effect.Effect is StopSlot or Wait { Reason: WaitReason.KeepPrevious or WaitReason.Next }),
            $"an ended release wants nothing more",
            broken
        );
        Must(state.Waiting.Count == 0 || state.Wants<Wait>(wait => wait.Reason == WaitReason.Next), $"who waits is called", broken);
        Must(state.Release is null || state.Release.Outcome != ReleaseOutcome.Running, $"an ended release has an outcome", broken);
    }

    private static void Step(ServiceState before, ReleaseEvent happened, ServiceState after, SlotName name, List<string> broken)
    {
        var (was, now) = (before[name], after[name]);
        var gains =
            after.Traffic.ShareOf(name) > before.Traffic.ShareOf(name) || (after.Traffic.Names(name) && !before.Traffic.Names(name));
        Must(
            !gains || was.Phase is SlotPhase.Ready or SlotPhase.Serving or SlotPhase.Warm,
            $"capacity before traffic: {name} was {was.Phase}",
            broken
        );
        var isSavedFromWorse = after[ServiceState.Other(name)].IsDown;
        Must(!gains || !now.IsDown || isSavedFromWorse, $"no traffic towards a version that is down: {name}", broken);
        var isDrained = EndOf<DrainSlot>(before, happened)?.Slot == name;
        Must(!was.NeedsDrain || now.NeedsDrain || isDrained, $"only a drain says that a slot is drained: {name}", broken);
        Must(
            was.Phase is SlotPhase.Stopping || now.Phase != SlotPhase.Empty || was.Phase == SlotPhase.Empty,
            $"{name} is emptied by a stop only",
            broken
        );
    }

    private static void Course(ServiceState before, ReleaseEvent happened, ServiceState after, List<string> broken)
    {
        Must(after.NextEffect >= before.NextEffect, $"effect ids never come again", broken);
        var confirmed = happened is TrafficMoved ? EndOf<MoveTraffic>(before, happened)?.Shape : null;
        Must(after.Confirmed == (confirmed ?? before.Confirmed), $"only the data plane confirms a shape", broken);
        if (after.Release?.Number != before.Release?.Number)
        {
            Must(before.Release is not { IsRunning: true }, $"at most one release", broken);
            Must(after.Release?.Number == (before.Release?.Number ?? 0) + 1, $"releases are counted without a gap", broken);
            return;
        }
        if (before.Release is not { IsRunning: true } old || after.Release is not { } now)
        {
            Must(after.Live == before.Live, $"the live version changes with a release only", broken);
            return;
        }
        Advance(old, happened, now, broken);
        Must(
            old.TakenBack is not null || now.TakenBack is null || IsCause(happened, old, after),
            $"nothing is taken back without a cause",
            broken
        );
        Ending(before, old, after, now, broken);
    }

    private static void Advance(ReleaseState old, ReleaseEvent happened, ReleaseState now, List<string> broken)
    {
        var isAdvanced =
            old.Phase is ReleasePhase.Smoking or ReleasePhase.Observing
            && now.IsForward
            && now.Phase is ReleasePhase.Shifting or ReleasePhase.Draining or ReleasePhase.Closing;
        if (!isAdvanced || happened is PromoteRequested or ResumeRequested)
        {
            return;
        }
        Must(!old.IsPaused, $"a paused stage never advances by itself", broken);
        if (old.Phase == ReleasePhase.Observing)
        {
            var wordOfNow = happened is VerdictReached reached ? reached.Verdict.Kind : old.Verdict;
            Must(
                wordOfNow is VerdictKind.Continue or VerdictKind.Safe,
                $"a held stage never advances by itself: the guard did not say that it may",
                broken
            );
            Must(old.HoldElapsed || happened is TimerElapsed, $"a held stage never advances by itself: its hold was not over", broken);
        }
        Must(now.Stage <= old.Stage + 1, $"no stage is skipped without a word", broken);
    }

    private static bool IsCause(ReleaseEvent happened, ReleaseState release, ServiceState after) =>
        happened switch
        {
            AbortRequested or RollbackRequested or DeployRequested { Supersede: true } => true,
            SlotFailed or SmokeFailed or EffectFailed => true,
            VerdictReached reached => reached.Verdict.Kind == VerdictKind.Rollback,
            SlotDown down => down.Slot == release.Into,
            // The old version is back, and what called for it still stands.
            SlotUp up => up.Slot == release.Old
                && release.TrafficMoved
                && (after[release.Into].IsDown || release.Verdict == VerdictKind.Rollback),
            _ => false,
        };

    private static void Ending(ServiceState before, ReleaseState old, ServiceState after, ReleaseState now, List<string> broken)
    {
        if (now.IsRunning)
        {
            Must(after.Live == before.Live, $"the live version changes at the end", broken);
            Must(now.TakenBack is null || old.TakenBack is null || now.TakenBack == old.TakenBack, $"an outcome does not change", broken);
            return;
        }
        var isSwitched = now.Outcome == ReleaseOutcome.Done || (now is { IsAutomatic: true, TakenBack: null });
        Must(after.Live == (isSwitched ? now.Into : before.Live), $"after {now.Outcome} the live version is what it says", broken);
        Must(
            now.TrafficMoved || now.Outcome is ReleaseOutcome.NotSwitched or ReleaseOutcome.Aborted or ReleaseOutcome.Superseded,
            $"what never had traffic was not switched",
            broken
        );
        Must(!now.TrafficMoved || now.Outcome != ReleaseOutcome.NotSwitched, $"users saw something, and it says so", broken);
        Must(now.Outcome is ReleaseOutcome.Done || now.Failure is not null, $"what went back says why", broken);
    }

    /// <summary>The wanted effect whose outcome this is.</summary>
    private static T? EndOf<T>(ServiceState before, ReleaseEvent happened)
        where T : ReleaseEffect =>
        happened is EffectOutcome outcome ? before.Outstanding.FirstOrDefault(wanted => wanted.Id == outcome.Effect)?.Effect as T : null;

    private static void Must(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] Sentence sentence, List<string> broken)
    {
        if (!holds)
        {
            broken.Add(sentence.ToString());
        }
    }

    /// <summary>Written only when it is needed: the checks run with every event.</summary>
    [InterpolatedStringHandler]
    private readonly ref struct Sentence
    {
        private readonly StringBuilder? _text;

        public Sentence(int literals, int holes, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            _text = isNeeded ? new StringBuilder(literals + (holes * 8)) : null;
        }

        public void AppendLiteral(string text) => _text?.Append(text);

        public void AppendFormatted<T>(T value) => _text?.Append(CultureInfo.InvariantCulture, $"{value}");

        public override string ToString() => _text?.ToString() ?? "";
    }
}
