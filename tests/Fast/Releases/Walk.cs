using Teal.Analysis;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>A release walked step by step, with the invariants checked under every foot.</summary>
internal sealed class Walk
{
    public ServiceState State { get; private set; } = ServiceState.New("shop");
    public ServiceHistory History { get; private set; } = ServiceHistory.Empty;

    /// <summary>Sees each step as the state before and after it.</summary>
    public Action<ServiceState, ServiceState> Stepped { get; set; } = static (_, _) => { };

    public ReleaseState Release => State.Release!;
    public ReleaseOutcome Outcome => Release.Outcome;
    public string? Live => State.Live is { } live ? State[live].Deployed?.Version : null;

    public static Walk OnV1() => new Walk().Released("v1");

    /// <summary>v2 is live in the green slot, v1 warm in the blue one.</summary>
    public static Walk OnV2() =>
        AtFivePercent().Does(new PromoteRequested(true, Given.Ann)).Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<WriteReceipt>();

    public static Walk AtFivePercent() =>
        OnV1().Does(Given.Deploy("v2", Given.TwoStages)).Succeeds<StartSlot>().Succeeds<SmokeSlot>().Succeeds<MoveTraffic>();

    public Walk Does(ReleaseEvent happened)
    {
        var decision = ReleaseMachine.Decide(State, happened);
        Assert.Null(decision.Refusal);
        Assert.Empty(ReleaseInvariants.Check(State, happened, decision.State));
        History = History.Told(State, happened, decision.State, DateTimeOffset.UnixEpoch);
        Stepped(State, decision.State);
        State = decision.State;
        return this;
    }

    public Refusal Refused(ReleaseCommand command)
    {
        var decision = ReleaseMachine.Decide(State, command);
        Assert.Same(State, decision.State);
        Assert.NotNull(decision.Refusal);
        return decision.Refusal;
    }

    public long Wanted<T>()
        where T : ReleaseEffect => State.Outstanding.Last(wanted => wanted.Effect is T).Id;

    /// <summary>The wanted effect has the outcome that everybody hopes for.</summary>
    public Walk Succeeds<T>()
        where T : ReleaseEffect
    {
        var id = Wanted<T>();
        return Does(
            State.Outstanding.Single(wanted => wanted.Id == id).Effect switch
            {
                StartSlot => new SlotReady(id),
                SmokeSlot => new SmokePassed(id),
                MoveTraffic => new TrafficMoved(id, id),
                DrainSlot => new SlotDrained(id, 0),
                StopSlot => new SlotStopped(id),
                Wait => new TimerElapsed(id),
                WriteReceipt => new ReceiptWritten(id, Given.Receipt),
                var other => throw new NotSupportedException(other.GetType().Name),
            }
        );
    }

    public Walk Says(VerdictKind kind) => Does(new VerdictReached(Wanted<Observe>(), Given.Verdict(kind)));

    private Walk Released(string version) =>
        Does(Given.Deploy(version, Given.TwoStages))
            .Succeeds<StartSlot>()
            .Succeeds<SmokeSlot>()
            .Succeeds<MoveTraffic>()
            .Succeeds<WriteReceipt>();
}
