using Teal.Cli.Asking;
using Teal.Cli.Following;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Tests.Fast.Cli;

public sealed class ReleaseEndingTests
{
    [Theory]
    [InlineData("done", true, ExitCode.Done)]
    [InlineData("done", false, ExitCode.Done)]
    [InlineData("not_switched", false, ExitCode.NotSwitched)]
    [InlineData("aborted", false, ExitCode.NotSwitched)]
    [InlineData("aborted", true, ExitCode.RolledBack)]
    [InlineData("rolled_back", true, ExitCode.RolledBack)]
    [InlineData("superseded", false, ExitCode.Conflict)]
    [InlineData("superseded", true, ExitCode.Conflict)]
    [InlineData("running", true, ExitCode.TimedOut)]
    [InlineData("melted", true, ExitCode.InternalError)]
    public void A_deploy_exits_by_the_outcome_of_its_release(string outcome, bool trafficMoved, ExitCode expected) =>
        Assert.Equal(expected, ReleaseEnding.ExitOf(outcome, trafficMoved));

    [Theory]
    [InlineData("done", ExitCode.Done)]
    [InlineData("rolled_back", ExitCode.Done)]
    [InlineData("aborted", ExitCode.Done)]
    [InlineData("not_switched", ExitCode.Done)]
    [InlineData("superseded", ExitCode.Conflict)]
    [InlineData("running", ExitCode.TimedOut)]
    [InlineData("melted", ExitCode.InternalError)]
    public void Going_back_exits_well_when_the_old_version_has_the_traffic(string outcome, ExitCode expected) =>
        Assert.Equal(expected, ReleaseEnding.ExitOfGoingBack(outcome));

    [Fact]
    public void Every_outcome_of_the_machine_has_its_exit_code()
    {
        foreach (var outcome in Enum.GetValues<ReleaseOutcome>())
        {
            var word = System.Text.Json.JsonSerializer.Serialize(outcome).Trim('"');
            Assert.NotEqual(ExitCode.InternalError, ReleaseEnding.ExitOf(word, trafficMoved: true));
            Assert.NotEqual(ExitCode.InternalError, ReleaseEnding.ExitOfGoingBack(word));
        }
    }

    [Theory]
    [InlineData(400, ExitCode.Usage)]
    [InlineData(401, ExitCode.NotAllowed)]
    [InlineData(403, ExitCode.NotAllowed)]
    [InlineData(404, ExitCode.Usage)]
    [InlineData(409, ExitCode.Conflict)]
    [InlineData(428, ExitCode.NeedsPerson)]
    [InlineData(422, ExitCode.Usage)]
    [InlineData(500, ExitCode.InternalError)]
    [InlineData(503, ExitCode.InternalError)]
    public void A_refusal_exits_by_its_status(int status, ExitCode expected) => Assert.Equal(expected, Refused.ExitOf(status));

    [Fact]
    public void A_refusal_keeps_the_servers_code_reason_and_advice()
    {
        var refused = Refused.Of(
            new ProblemView("about:blank", "The guard holds.", 428, "no data", "TEAL2105", ["here"], ["teal promote --force"])
        );
        Assert.Equal(
            (ExitCode.NeedsPerson, "TEAL2105", "The guard holds.", "no data"),
            (refused.Exit, refused.Code, refused.What, refused.Why)
        );
        Assert.Equal(["here", "teal promote --force"], refused.Places.Concat(refused.Next));
    }

    [Fact]
    public void Whatever_users_saw_as_a_failure_is_counted()
    {
        var receipt = Sample.Receipt with
        {
            Failed = new Dictionary<string, long> { ["v2"] = 3 },
            Shed = new Dictionary<string, long> { ["held_full"] = 2 },
            CutCount = 1,
            Dropped = 4,
        };
        Assert.Equal(10, ReleaseEnding.FailedRequests(receipt));
        Assert.Equal(0, ReleaseEnding.FailedRequests(Sample.Receipt));
    }
}
