using CsCheck;
using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;

namespace Teal.Tests.Fast.Rollouts;

/// <summary>Every reachable state of the rollout machine, under every event.</summary>
public sealed class RolloutMachineExplorationTests
{
    public static TheoryData<string[], BreachShare> Orders =>
        new()
        {
            { ["100% 60"], BreachShare.Off },
            { ["5% 60", "100% 60"], BreachShare.Off },
            { ["5% 60", "25% 60", "100% 60"], BreachShare.Previous },
            { ["5% 0", "50% 60", "100% 0"], BreachShare.Previous },
            { ["5% 0", "100% 0"], BreachShare.Off },
        };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Whatever_happens_in_whatever_order_the_invariants_hold_and_every_rollout_can_end(string[] steps, BreachShare onBreach)
    {
        var explored = new RolloutExploration(RolloutExploration.Order(onBreach, steps));
        TestContext.Current.TestOutputHelper?.WriteLine($"{explored.States.Count} states, {explored.Arrows.Count} arrows");
        Assert.True(explored.Broken.Count == 0, string.Join('\n', explored.Broken.Take(3)));
        Assert.True(explored.States.Count > 30, "The exploration has found too little to mean anything.");
        AllEnd(explored, arrow => IsGood(arrow) || arrow.Happened is RolloutResumeRequested);
        // A kill ends a rollout from anywhere, at once.
        var killed = explored.Arrows.Where(arrow => arrow.Happened is RolloutKilled).ToDictionary(arrow => arrow.From, arrow => arrow.To);
        Assert.All(
            Enumerable.Range(0, explored.States.Count).Where(state => explored.States[state].Rollout is { IsRunning: true }),
            state => Assert.Equal(RolloutOutcome.Killed, explored.States[killed[state]].Rollout!.Outcome)
        );
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Whoever_breaks_a_guard_anywhere_is_on_the_way_back_at_once(string[] steps, BreachShare onBreach)
    {
        var explored = new RolloutExploration(RolloutExploration.Order(onBreach, steps));
        var breaches = explored.Arrows.Where(arrow => arrow.Happened is RolloutJudged { Verdict.Kind: VerdictKind.Rollback }).ToList();
        Assert.NotEmpty(breaches);
        Assert.All(
            breaches.Where(arrow => explored.States[arrow.From].Rollout is { PromoteForced: false }),
            arrow => Assert.Equal(RolloutPhase.Returning, explored.States[arrow.To].Rollout!.Phase)
        );
    }

    [Fact]
    public void No_long_life_with_many_steps_breaks_an_invariant() =>
        Gen.Select(Gen.Select(Gen.Int[1, Share.Whole], Gen.Int[0, 2]).Array[1, 6], Gen.Bool, Gen.Int[0, int.MaxValue].Array[0, 300])
            .Sample(
                (steps, keeps, choices) =>
                {
                    var rising = steps.DistinctBy(step => step.Item1).OrderBy(step => step.Item1);
                    var texts = rising.Select(step => $"{new Share(step.Item1)} {step.Item2}").ToArray();
                    var order = RolloutExploration.Order(keeps ? BreachShare.Previous : BreachShare.Off, texts);
                    var state = RolloutState.New(new RolloutKey("production", "checkout"));
                    foreach (var choice in choices)
                    {
                        var events = RolloutExploration.Events(state, order).ToArray();
                        var happened = events[choice % events.Length];
                        var decision = RolloutMachine.Decide(state, happened);
                        var broken = RolloutInvariants.Check(state, happened, decision.State);
                        Assert.True(broken.Count == 0 || ReferenceEquals(decision.State, state), string.Join('\n', broken));
                        state = decision.State;
                    }
                },
                iter: 300
            );

    private static bool IsGood(RolloutArrow arrow) =>
        arrow.Happened is RolloutJudged { Verdict.Kind: VerdictKind.Continue } or RolloutEffectOutcome and not RolloutEffectFailed;

    /// <summary>Walks the arrows backwards from the ended states: what is not met is a dead end.</summary>
    private static void AllEnd(RolloutExploration explored, Func<RolloutArrow, bool> isAllowed)
    {
        var cameFrom = explored.Arrows.Where(isAllowed).ToLookup(arrow => arrow.To, arrow => arrow.From);
        var met = new HashSet<int>();
        var open = new Stack<int>(
            Enumerable.Range(0, explored.States.Count).Where(state => explored.States[state].Rollout is not { IsRunning: true })
        );
        while (open.TryPop(out var state))
        {
            if (met.Add(state))
            {
                cameFrom[state].ToList().ForEach(open.Push);
            }
        }
        var dead = Enumerable.Range(0, explored.States.Count).FirstOrDefault(state => !met.Contains(state), -1);
        Assert.True(dead < 0, dead < 0 ? "" : $"a dead end: {RolloutExploration.Text(explored.States[dead])}");
    }
}
