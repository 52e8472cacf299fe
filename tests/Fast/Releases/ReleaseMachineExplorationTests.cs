using Teal.Analysis;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>Every reachable state of the machine, under every event.</summary>
public sealed class ReleaseMachineExplorationTests
{
    public static TheoryData<string, string[], BreachAction> Manifests =>
        new()
        {
            { "one stage", ["100% 60"], BreachAction.Rollback },
            { "two stages", ["5% 60", "100% 60"], BreachAction.Rollback },
            { "two stages without holds", ["5% 0", "100% 0"], BreachAction.Rollback },
            { "two stages that pause", ["5% 60", "100% 0"], BreachAction.Pause },
        };

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Whatever_happens_in_whatever_order_the_invariants_hold_and_every_release_can_end(
        string name,
        string[] stages,
        BreachAction onBreach
    )
    {
        var explored = new Exploration(Given.Manifest(onBreach, stages));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {explored.States.Count} states, {explored.Arrows.Count} arrows");
        Assert.True(explored.Broken.Count == 0, string.Join('\n', explored.Broken.Take(3)));
        Assert.True(explored.States.Count > 500, "The exploration has found too little to mean anything.");
        // A person who resumes and instances that come up again are enough …
        AllEnd(explored, arrow => IsGood(arrow) || arrow.Happened is ResumeRequested or SlotUp);
        // … and so is a person who overrules, when they never do.
        AllEnd(explored, arrow => IsGood(arrow) || arrow.Happened is ResumeRequested or PromoteRequested { Force: true });
    }

    private static bool IsGood(Arrow arrow) =>
        arrow.Happened
            is VerdictReached { Verdict.Kind: VerdictKind.Continue }
                or EffectOutcome
                and not EffectFailed
                and not SlotFailed
                and not SmokeFailed;

    /// <summary>Walks the arrows backwards from the ended states: what is not met is a dead end.</summary>
    private static void AllEnd(Exploration explored, Func<Arrow, bool> isAllowed)
    {
        var cameFrom = explored.Arrows.Where(isAllowed).ToLookup(arrow => arrow.To, arrow => arrow.From);
        var met = new bool[explored.States.Count];
        var open = new Stack<int>();
        for (var state = 0; state < met.Length; state++)
        {
            if (explored.States[state].Release is not { IsRunning: true })
            {
                met[state] = true;
                open.Push(state);
            }
        }
        while (open.TryPop(out var state))
        {
            foreach (var from in cameFrom[state].Where(from => !met[from]))
            {
                met[from] = true;
                open.Push(from);
            }
        }
        var dead = Array.IndexOf(met, false);
        Assert.True(dead < 0, dead < 0 ? "" : $"a dead end: {Exploration.Text(explored.States[dead])}");
    }
}
