using Teal.Releases;

namespace Teal.Tests.Simulation;

/// <summary>One scripted release, killed at every moment at which it can be: around each append and before each effect.</summary>
public sealed class CrashSweepTests
{
    private const int Seed = 7;

    [Theory]
    [InlineData(Fate.Good, ReleaseOutcome.Done, "v2")]
    [InlineData(Fate.Bad, ReleaseOutcome.RolledBack, "v1")]
    [InlineData(Fate.Stillborn, ReleaseOutcome.NotSwitched, "v1")]
    public void A_release_that_is_killed_anywhere_ends_as_it_would_have(Fate second, ReleaseOutcome outcome, string live)
    {
        var calm = SimulationRun.Run(Seed, _ => Scenario.Scripted(second, CrashPlan.Never));
        Ends(calm, 0, outcome, live);
        Assert.True(calm.CrashMoments > 20, $"only {calm.CrashMoments} moments: the sweep has nothing to sweep");
        for (var moment = 0; moment < calm.CrashMoments; moment++)
        {
            var at = moment;
            Ends(SimulationRun.Run(Seed, _ => Scenario.Scripted(second, CrashPlan.At(at))), 1, outcome, live);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{second}: killed at {calm.CrashMoments} moments");
    }

    [Theory]
    [InlineData(Fate.Good)]
    [InlineData(Fate.Bad)]
    public void It_may_be_killed_again_while_it_recovers(Fate second)
    {
        var calm = SimulationRun.Run(Seed, _ => Scenario.Scripted(second, CrashPlan.Never));
        for (var moment = 0; moment < calm.CrashMoments; moment++)
        {
            var at = moment;
            var result = SimulationRun.Run(Seed, _ => Scenario.Scripted(second, CrashPlan.At(at, at + 1, at + 2)));
            Assert.True(result.Violations.Count == 0, $"killed at {at}, {at + 1}, {at + 2}: {string.Join("; ", result.Violations)}");
            Assert.InRange(result.Crashes, 1, 3);
        }
    }

    private static void Ends(SimulationResult result, int crashes, ReleaseOutcome outcome, string live)
    {
        Assert.True(result.Violations.Count == 0, string.Join("; ", result.Violations));
        Assert.Equal(crashes, result.Crashes);
        Assert.Equal(live, result.Live);
        Assert.Equal(1, result.Outcomes.GetValueOrDefault(outcome, 0) - (outcome == ReleaseOutcome.Done ? 1 : 0));
        Assert.Equal(2, result.Releases);
    }
}
