namespace Teal.Releases;

/// <summary>Why a command was not taken. Nothing changed.</summary>
/// <param name="Kind">Decides the exit code.</param>
public sealed record Refusal(string Code, string What, string Why, RefusalKind Kind);

public enum RefusalKind
{
    /// <summary>Another release holds the service, or the command does not fit the state.</summary>
    Conflict,

    /// <summary>The guard does not allow it: a person has to overrule.</summary>
    NeedsPerson,
}

/// <param name="Effects">The effects that are new; all unfinished ones are in <see cref="ServiceState.Outstanding"/>.</param>
public sealed record Decision(ServiceState State, IReadOnlyList<OutstandingEffect> Effects, Refusal? Refusal = null);

/// <summary>
/// Decides how a release goes on. Pure: the world comes in as events and goes out as effects. What changes nothing returns the
/// very same state, so that nobody needs to remember it.
/// </summary>
public static partial class ReleaseMachine
{
    /// <summary>Who acts when Teal acts by itself.</summary>
    public static readonly Origin Itself = new("teal", "teal");

    public static Decision Decide(ServiceState state, ReleaseEvent happened)
    {
        Answer answer = happened switch
        {
            ReleaseCommand command => Obey(state, command),
            EffectOutcome outcome => Finish(state, outcome),
            VerdictReached verdict => Judge(state, verdict),
            SlotDown down => GoneDown(state, down),
            SlotUp up => ComeUp(state, up.Slot),
            _ => state,
        };
        if (answer.Refusal is not null || answer.State is null || answer.State == state)
        {
            return new Decision(state, [], answer.Refusal);
        }
        return new Decision(answer.State, [.. answer.State.Outstanding.Where(effect => effect.Id >= state.NextEffect)]);
    }

    private static Answer Obey(ServiceState state, ReleaseCommand command) =>
        command switch
        {
            DeployRequested deploy => Deploy(state, deploy),
            PromoteRequested promote => Promote(state, promote.Force),
            PauseRequested => Pause(state),
            ResumeRequested => Resume(state),
            AbortRequested abort => Abort(state, abort.By),
            RollbackRequested rollback => Rollback(state, rollback),
            _ => state,
        };

    /// <summary>The outcome of an effect that is wanted. One that came late, twice or for another effect falls through.</summary>
    private static ServiceState Finish(ServiceState state, EffectOutcome outcome)
    {
        var done = state.Outstanding.FirstOrDefault(effect => effect.Id == outcome.Effect);
        if (done is null)
        {
            return state;
        }
        var rest = state.WithoutEffects(effect => effect.Id == outcome.Effect);
        return (done.Effect, outcome) switch
        {
            (StartSlot, SlotReady) => Smoke(rest),
            (StartSlot, SlotFailed it) => BackOrAsk(rest, it.Failure),
            (SmokeSlot, SmokePassed) => Smoked(rest),
            (SmokeSlot, SmokeFailed it) => BackOrAsk(rest, it.Failure),
            (MoveTraffic move, TrafficMoved) => Moved(rest with { Confirmed = move.Shape }),
            (DrainSlot drain, SlotDrained) => Drained(rest, drain.Slot),
            (StopSlot stop, SlotStopped) => Stopped(rest, stop.Slot),
            (Wait wait, TimerElapsed) => Elapsed(rest, wait.Reason),
            (WriteReceipt, ReceiptWritten) => End(rest),
            (_, EffectFailed it) => Failed(rest, done.Effect, it.Failure),
            _ => state,
        };
    }

    /// <summary>An effect that could not be performed: forward gives up, back never does, cleaning up goes on without.</summary>
    private static ServiceState Failed(ServiceState state, ReleaseEffect effect, Failure failure) =>
        effect switch
        {
            StartSlot or SmokeSlot => BackOrAsk(state, failure),
            MoveTraffic move when state.Release is { IsForward: true, Kind: ReleaseKind.Deploy } => MoveFailed(state, failure),
            MoveTraffic move => state.Wanting(move),
            DrainSlot drain => Drained(state, drain.Slot),
            StopSlot stop => Stopped(state, stop.Slot),
            WriteReceipt => End(state),
            Observe or Wait { Reason: WaitReason.Hold } => Ask(state, failure, ReleaseWords.NotWatched(state.Release!, failure)),
            Wait { Reason: WaitReason.Next } => Next(state),
            // The warm version stays: it costs memory, taking it away would cost the way back. The next deploy clears it.
            _ => state,
        };

    private static ServiceState Elapsed(ServiceState state, WaitReason reason) =>
        reason switch
        {
            WaitReason.Hold => Held(state),
            WaitReason.Next => Next(state),
            _ => state.Warm is { } warm ? Stop(state, warm) : state,
        };

    /// <summary>What a handler says: the state after, or why not.</summary>
    private readonly record struct Answer(ServiceState? State, Refusal? Refusal)
    {
        public static implicit operator Answer(ServiceState state) => new(state, null);

        public static implicit operator Answer(Refusal refusal) => new(null, refusal);
    }
}
