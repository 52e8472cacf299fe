namespace Teal.Tests.Real.EndToEnd;

/// <summary>Two deploys of one service: one holds it, the other waits, goes or takes its place.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task A_second_deploy_waits_for_the_first_and_then_runs()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var first = teal.BeginDeploy("v2", new AppManifest().Lasting);
        await teal.StatusWhenAsync(status => status.Release is { Phase: "observing" }, "the canary");
        await using var second = teal.BeginDeploy("v3", new AppManifest());
        await teal.StatusWhenAsync(status => status.Waiting is ["v3"], "the second deploy to wait");

        var refused = await teal.DeployAsync("v4", new AppManifest(), "--no-wait");
        Assert.True(refused.ExitCode == 5, refused.ToString());
        Assert.Contains("TEAL3001", refused.Error);
        Assert.Contains("v2", refused.Error);

        Assert.Equal(0, (await teal.TealAsync("promote", "-s", "app", "--force")).ExitCode);
        Assert.Equal(0, (await first.EndAsync()).ExitCode);
        var waited = await second.EndAsync();
        Assert.True(waited.ExitCode == 0, waited.ToString());
        Assert.Contains("Waiting for", waited.Output);
        var status = await teal.StatusAsync();
        Assert.Equal(("v3", "v2"), (status.Live, status.Warm));
        Assert.Empty(status.Waiting);
    }

    [Fact]
    public async Task A_superseding_deploy_replaces_one_in_its_canary()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal);
        await using var first = teal.BeginDeploy("v2", new AppManifest().Lasting);
        await callers.HearAsync("v2");
        var second = await teal.DeployAsync("v3", new AppManifest(), "--supersede");
        Assert.True(second.ExitCode == 0, second.ToString());
        var displaced = await first.EndAsync();
        Assert.True(displaced.ExitCode == 5, displaced.ToString());
        var history = await teal.HistoryAsync();
        Assert.Equal(
            [("v3", "done"), ("v2", "superseded"), ("v1", "done")],
            history.Releases.Select(release => (release.To, release.Outcome))
        );
        Assert.All(history.Releases, release => Assert.True(release.Receipt is { AddsUp: true, Dropped: 0 }));
        await callers.HearAsync("v3");
        callers.AssertNoneFailed();
    }

    [Fact]
    public async Task Ctrl_C_leaves_the_release_and_it_goes_on_to_its_end()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", new AppManifest().Lasting);
        await deploy.SaysAsync("50%");
        await deploy.PressCtrlCAsync();
        var left = await deploy.EndAsync();
        Assert.True(left.ExitCode == 130, left.ToString());
        Assert.Contains("goes on in the server", left.Error);
        Assert.Equal("running", (await teal.StatusAsync()).Release!.Outcome);
        Assert.Equal(0, (await teal.TealAsync("promote", "-s", "app", "--force")).ExitCode);
        Assert.Equal("v2", (await teal.StatusAsync()).Live);
    }

    [Fact]
    public async Task A_wait_that_is_over_and_a_detached_deploy_leave_the_release_too()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var over = await teal.DeployAsync("v2", new AppManifest().Lasting, "--timeout", "5s");
        Assert.True(over.ExitCode == 9, over.ToString());
        Assert.Contains("TEAL7016", over.Error);
        Assert.Equal("running", (await teal.StatusAsync()).Release!.Outcome);

        var detached = await teal.DeployAsync("v3", new AppManifest(), "--detach");
        Assert.True(detached.ExitCode == 0, detached.ToString());
        Assert.Contains("waits its turn", detached.Output);
        Assert.Equal(0, (await teal.TealAsync("abort", "-s", "app", "--detach")).ExitCode);
        var status = await teal.StatusWhenAsync(status => status is { Live: "v3", Release.Outcome: "done" }, "v3");
        Assert.Equal("v1", status.Warm);
    }
}
