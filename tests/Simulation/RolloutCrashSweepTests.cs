using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;

namespace Teal.Tests.Simulation;

/// <summary>One guarded rollout of a flag, its server killed at every moment at which it can be: around each append and before each effect.</summary>
public sealed class RolloutCrashSweepTests
{
    private static readonly Share _five = new(500);
    private static readonly Share _quarter = new(2500);

    public static TheoryData<Fate, BreachShare, RolloutOutcome, string> Stories =>
        new()
        {
            { Fate.Good, BreachShare.Off, RolloutOutcome.Done, "0% 5% 25% 100%" },
            { Fate.Doubtful, BreachShare.Off, RolloutOutcome.Done, "0% 5% 25% 100%" },
            { Fate.Bad, BreachShare.Off, RolloutOutcome.TakenBack, "0% 5% 0%" },
            { Fate.BadLater, BreachShare.Off, RolloutOutcome.TakenBack, "0% 5% 25% 0%" },
            { Fate.BadLater, BreachShare.Previous, RolloutOutcome.TakenBack, "0% 5% 25% 5%" },
        };

    [Theory]
    [MemberData(nameof(Stories))]
    public void A_rollout_that_is_killed_anywhere_ends_as_it_would_have(
        Fate fate,
        BreachShare onBreach,
        RolloutOutcome outcome,
        string shares
    )
    {
        var calm = RolloutRun.Run(Order(onBreach), fate, CrashPlan.Never);
        Ends(calm, "undisturbed", outcome, shares);
        Assert.True(calm.CrashMoments > 10, $"only {calm.CrashMoments} moments: the sweep has nothing to sweep");
        for (var moment = 0; moment < calm.CrashMoments; moment++)
        {
            var at = moment;
            var once = RolloutRun.Run(Order(onBreach), fate, CrashPlan.At(at));
            Assert.Equal(1, once.Crashes);
            Ends(once, $"killed at {at}", outcome, shares);
            Ends(
                RolloutRun.Run(Order(onBreach), fate, CrashPlan.At(at, at + 1, at + 2)),
                $"killed at {at} and twice after",
                outcome,
                shares
            );
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{fate}: killed at {calm.CrashMoments} moments");
    }

    private static void Ends(RolloutResult result, string when, RolloutOutcome outcome, string shares)
    {
        Assert.True(result.Violations.Count == 0, $"{when}: {string.Join("; ", result.Violations)}");
        Assert.Equal((when, outcome, shares), (when, result.Outcome, string.Join(' ', result.Shares)));
    }

    private static RolloutOrder Order(BreachShare onBreach)
    {
        var hold = TimeSpan.FromSeconds(2);
        return new RolloutOrder(
            "off",
            "on",
            [new RolloutStep(_five, hold), new RolloutStep(_quarter, hold), new RolloutStep(Share.All, TimeSpan.Zero)],
            [new Guard(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005)],
            onBreach
        );
    }
}
