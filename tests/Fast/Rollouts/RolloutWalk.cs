using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Tests.Fast.Releases;

namespace Teal.Tests.Fast.Rollouts;

/// <summary>A rollout walked event by event, with the invariants checked under every foot.</summary>
internal sealed class RolloutWalk
{
    public RolloutState State { get; private set; } = RolloutState.New(new RolloutKey("production", "checkout"));
    public RolloutHistory History { get; private set; } = RolloutHistory.Empty;
    public Rollout Rollout => State.Rollout!;
    public RolloutStory Story => History.Rollouts[^1];

    /// <summary>Watched at its first share.</summary>
    public static RolloutWalk AtFirstStep(BreachShare onBreach = BreachShare.Off, params string[] steps) =>
        new RolloutWalk().Begins(RolloutExploration.Order(onBreach, steps.Length == 0 ? ["5% 60", "25% 60", "100% 60"] : steps)).Moves();

    public RolloutWalk Begins(RolloutOrder order, Share before = default) => Does(new RolloutRequested(order, before, Given.Ann));

    public RolloutWalk Does(RolloutEvent happened)
    {
        var decision = RolloutMachine.Decide(State, happened);
        Assert.Null(decision.Refusal);
        Assert.Empty(RolloutInvariants.Check(State, happened, decision.State));
        History = History.Told(State, happened, decision.State, DateTimeOffset.UnixEpoch);
        State = decision.State;
        return this;
    }

    public Refusal Refused(RolloutCommand command)
    {
        var decision = RolloutMachine.Decide(State, command);
        Assert.Same(State, decision.State);
        Assert.NotNull(decision.Refusal);
        return decision.Refusal;
    }

    public long Wanted<T>()
        where T : RolloutEffect => State.Outstanding.Single(wanted => wanted.Effect is T).Id;

    public RolloutWalk Moves() => Does(new ShareMoved(Wanted<MoveShare>()));

    public RolloutWalk Waits() => Does(new RolloutTimerElapsed(Wanted<RolloutWait>()));

    public RolloutWalk Says(VerdictKind kind) => Does(new RolloutJudged(Wanted<ObserveVariant>(), Given.Verdict(kind)));

    public RolloutWalk Fails<T>()
        where T : RolloutEffect => Does(new RolloutEffectFailed(Wanted<T>(), Given.Broken));
}
