namespace Teal.Tests.Real.EndToEnd;

/// <summary>Apps that flap, do not go when asked, and never stop talking: users notice none of it.</summary>
public sealed class BadAppTests
{
    [Fact]
    public async Task A_version_that_flaps_is_never_switched_to()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal, 2);
        var flapping = new AppManifest("health-flap")
        {
            Health = "{ path: /healthz, every: 100ms, timeout: 1s, rise: 2, fall: 2, give_up_after: 4s }",
        };
        var result = await teal.DeployAsync("v2", flapping);
        Assert.True(result.ExitCode == 6, result.ToString());
        Assert.Contains("TEAL5005", result.Output);
        await callers.HearAsync("v1");
        await callers.HangUpAsync();
        callers.AssertOnly("v1");
    }

    [Fact]
    public async Task A_version_that_ignores_SIGTERM_is_ended_after_its_deadline_and_nobody_waits_for_it()
    {
        await using var teal = await TealProcess.StartAsync();
        var stubborn = new AppManifest("sigterm-ignore") { KeepPrevious = "0s" };
        var pid = (await teal.ReleaseAsync("v1", stubborn)).PidsOf("v1").Single();
        await using var callers = Callers.Call(teal, 2);
        await callers.HearAsync("v1");
        await teal.ReleaseAsync("v2", new AppManifest { KeepPrevious = "0s" });
        await Eventually.ReturnsAsync(
            () => Task.FromResult(Directory.Exists($"/proc/{pid}") ? null : "gone"),
            "the process that ignores SIGTERM to be gone",
            teal.ServerOutput
        );
        await callers.HearAsync("v2");
        await callers.HangUpAsync();
        callers.AssertNoneFailed();
        Assert.Empty((await teal.StatusAsync()).PidsOf("v1"));
    }

    [Fact]
    public async Task A_version_that_floods_its_output_is_served_released_away_and_keeps_bounded_logs()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest("flood"));
        await using var callers = Callers.Call(teal, 1);
        await callers.HearAsync("v1", more: 5);
        // The reader leaves after three lines of an endless stream: that is an end, not a failure.
        var piped = await teal.ShellAsync("teal logs -s app -f | head -n 3; echo exit ${PIPESTATUS[0]}");
        Assert.Equal(3, piped.Output.Split('\n').Count(line => line.Contains("flood", StringComparison.Ordinal)));
        Assert.Contains("exit 0", piped.Output);
        Assert.Equal("", piped.Error);
        await teal.ReleaseAsync("v2", new AppManifest { KeepPrevious = "0s" });
        await callers.HearAsync("v2");
        await callers.HangUpAsync();
        callers.AssertNoneFailed();
        // Rotated at 10 MiB, four of them kept; what comes while one is copied may double it, not more.
        var logs = new DirectoryInfo(Path.Combine(teal.Home, "logs"))
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => char.IsAsciiDigit(file.Name[^1]))
            .ToList();
        Assert.InRange(logs.Count, 1, 4);
        Assert.All(logs, file => Assert.InRange(file.Length, 1, 21 << 20));
    }

    [Fact]
    public async Task A_terminal_that_goes_away_leaves_the_release_alone()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", new AppManifest().Lasting);
        await teal.StatusWhenAsync(status => status.Release is { Phase: "observing", To: "v2" }, "the canary");
        await deploy.HangUpAsync();
        var left = await deploy.EndAsync();
        Assert.True(left.ExitCode == 130, left.ToString());
        Assert.Contains("TEAL7017", left.Error);
        Assert.Equal(("running", "50%"), await teal.StatusAsync() is { Release: { } release } ? (release.Outcome, release.Share) : default);
    }
}
