using System.Net;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>A version that users have seen comes back out by itself: exit 7.</summary>
public sealed class TakenBackTests
{
    private static readonly AppManifest Guarded = new()
    {
        Steps = "[ { share: 50%, hold: 30s }, { share: 100%, hold: 30s } ]",
        Guard = "[ { metric: error_rate, max_increase: 2% } ]",
    };

    [Fact]
    public async Task A_version_that_answers_errors_is_taken_back_and_the_failure_names_guard_figure_and_limit()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v2", new AppManifest());
        await using var callers = Callers.Call(teal);
        await callers.HearAsync("v2");
        var result = await teal.DeployAsync("v3", Guarded with { Modes = ["errors=60"] });
        Assert.True(result.ExitCode == 7, result.ToString());
        Assert.Contains("error_rate max_increase 2%", result.Output);
        Assert.Contains("limit 2%", result.Output);
        Assert.Contains("users saw", result.Output);

        var status = await teal.StatusAsync();
        Assert.Equal(("v2", null, "rolled_back"), (status.Live, status.Warm, status.Release!.Outcome));
        var told = status.Release.Steps.Select(step => step.What).ToList();
        Assert.Equal(
            ["share", "taking_back", "returning", "returned", "drained", "stopped", "receipt", "rolled_back"],
            told.Where(what =>
                what is not ("begun" or "starting" or "healthy" or "testing" or "smoke_passed" or "holding" or "draining" or "stopping")
            )
        );
        var verdict = status.Release.Verdicts.Single(verdict => verdict.Kind == "rollback");
        Assert.True(verdict.At <= status.Release.Steps.Single(step => step.What == "returned").At);
        Assert.True(status.Release.Receipt is { AddsUp: true, Dropped: 0 });
        Assert.True(callers.Of("v3", HttpStatusCode.InternalServerError) > 0);

        await using var later = Callers.Call(teal);
        await later.HearAsync("v2", more: 20);
        await later.HangUpAsync();
        later.AssertOnly("v2");
    }

    [Fact]
    public async Task A_version_that_crashes_during_its_canary_is_taken_back()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal);
        await using var deploy = teal.BeginDeploy("v2", new AppManifest().Lasting);
        var canary = await teal.StatusWhenAsync(status => status.Release is { Phase: "observing" }, "the canary");
        await callers.HearAsync("v2");
        await canary.KillAsync("v2");
        var result = await deploy.EndAsync();
        Assert.True(result.ExitCode == 7, result.ToString());
        var status = await teal.StatusAsync();
        Assert.Equal(("v1", "rolled_back"), (status.Live, status.Release!.Outcome));
        await callers.HearAsync("v1", more: 20);
    }

    [Fact]
    public async Task A_version_that_dies_after_its_promotion_is_rolled_back_to_the_warm_one()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var released = await teal.ReleaseAsync("v2", new AppManifest());
        Assert.Equal(("v2", "v1"), (released.Live, released.Warm));
        await using var callers = Callers.Call(teal);
        await callers.HearAsync("v2", more: 20);
        await released.KillAsync("v2");
        var rolledBack = await teal.StatusWhenAsync(
            status => status is { Live: "v1", Release: { Kind: "rollback", Outcome: not "running" } },
            "the rollback"
        );
        Assert.Equal("rolled_back", rolledBack.Release!.Outcome);
        Assert.NotNull(rolledBack.Release.Failure);
        await callers.HearAsync("v1", more: 20);
        Assert.StartsWith("v1 ", await teal.AskAsync());
    }
}
