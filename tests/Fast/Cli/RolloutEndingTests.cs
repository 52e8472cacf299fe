using System.Text.Json;
using Teal.Cli.Following;
using Teal.Releases.Rollouts;
using Teal.Wire;

namespace Teal.Tests.Fast.Cli;

/// <summary>An exit code for every way in which a rollout can end.</summary>
public sealed class RolloutEndingTests
{
    public static TheoryData<RolloutOutcome> Outcomes => [.. Enum.GetValues<RolloutOutcome>()];

    [Theory]
    [InlineData(RolloutOutcome.Done, ExitCode.Done)]
    [InlineData(RolloutOutcome.TakenBack, ExitCode.RolledBack)]
    [InlineData(RolloutOutcome.Stopped, ExitCode.RolledBack)]
    [InlineData(RolloutOutcome.Killed, ExitCode.RolledBack)]
    [InlineData(RolloutOutcome.Running, ExitCode.TimedOut)]
    public void Who_wanted_the_variant_hears_whether_users_have_it(RolloutOutcome outcome, ExitCode exit) =>
        Assert.Equal(exit, RolloutEnding.ExitOf(Wire(outcome)));

    [Theory]
    [InlineData(RolloutOutcome.Stopped, ExitCode.Done)]
    [InlineData(RolloutOutcome.Killed, ExitCode.Done)]
    [InlineData(RolloutOutcome.TakenBack, ExitCode.Done)]
    [InlineData(RolloutOutcome.Running, ExitCode.TimedOut)]
    public void Who_stopped_it_hears_that_nobody_has_the_variant(RolloutOutcome outcome, ExitCode exit) =>
        Assert.Equal(exit, RolloutEnding.ExitOfStop(Wire(outcome)));

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void No_outcome_is_without_an_exit_code(RolloutOutcome outcome) =>
        Assert.NotEqual(ExitCode.InternalError, RolloutEnding.ExitOf(Wire(outcome)));

    private static string Wire(RolloutOutcome outcome) => JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString());
}
