using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>Promote, pause, resume, abort: what a person does to a release that goes on.</summary>
public sealed class SteeringTests
{
    private static readonly AppManifest Guarded = new()
    {
        Steps = "[ { share: 50%, hold: 1h }, { share: 100% } ]",
        Guard = "[ { metric: error_rate, max_increase: 5% } ]",
    };

    [Fact]
    public async Task A_promote_without_data_is_refused_and_with_force_skips_the_stages_and_says_so()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", Guarded);
        await teal.StatusWhenAsync(status => status.Release is { Phase: "observing", Verdicts: [{ Kind: "no_data" }] }, "no data");

        var refused = await teal.TealAsync("promote", "-s", "app");
        Assert.True(refused.ExitCode == 8, refused.ToString());
        Assert.Contains("TEAL3007", refused.Error);
        Assert.Contains("--force", refused.Error);
        Assert.Equal("50%", (await teal.StatusAsync()).Release!.Share);

        var forced = await teal.TealAsync("promote", "-s", "app", "--force", "--reason", "it is night");
        Assert.True(forced.ExitCode == 0, forced.ToString());
        Assert.Equal(0, (await deploy.EndAsync()).ExitCode);
        var status = await teal.StatusAsync();
        Assert.Equal(("v2", "done"), (status.Live, status.Release!.Outcome));
        Assert.Contains("against the guard", status.Release.Steps.Single(step => step.What == "promoted").Words);
        Assert.Contains("it is night", (await teal.TealAsync("audit", "-s", "app")).Output);
    }

    [Fact]
    public async Task A_promote_that_the_guard_allows_needs_no_force()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal);
        await using var deploy = teal.BeginDeploy("v2", Guarded);
        await teal.StatusWhenAsync(
            status => status.Release is { Phase: "observing", Verdicts: [.., { Kind: "continue" }] },
            "a good verdict"
        );
        var promoted = await teal.TealAsync("promote", "-s", "app");
        Assert.True(promoted.ExitCode == 0, promoted.ToString());
        Assert.Equal(0, (await deploy.EndAsync()).ExitCode);
        await callers.HearAsync("v2");
        callers.AssertNoneFailed();
    }

    [Fact]
    public async Task A_paused_stage_never_advances_and_a_resumed_one_goes_on()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal, 4);
        await using var deploy = teal.BeginDeploy("v2", new AppManifest { Steps = "[ { share: 25%, hold: 5s }, { share: 100% } ]" });
        await teal.StatusWhenAsync(status => status.Release is { Phase: "observing" }, "the first stage");
        Assert.Equal(HttpStatusCode.Accepted, (await CommandAsync(teal, "pause")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await CommandAsync(teal, "pause")).StatusCode);
        // Four callers rest 10 ms after each answer: so many take longer than the hold, however quick the machine is.
        await callers.HearAsync("v1", more: 2200);
        var held = await teal.StatusAsync();
        Assert.Equal(("25%", true, "paused"), (held.Release!.Share, held.Release.Paused, held.Told()[^1]));

        var resumed = await teal.TealAsync("resume", "-s", "app");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Equal(0, (await deploy.EndAsync()).ExitCode);
        var told = (await teal.StatusAsync()).Told().ToList();
        Assert.True(told.LastIndexOf("share") > told.IndexOf("resumed"), string.Join(' ', told));
        callers.AssertNoneFailed();
    }

    [Fact]
    public async Task A_release_paused_while_it_starts_moves_no_share_until_it_is_resumed()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var isWell = Path.Combine(teal.Root, "is-well");
        await using var deploy = teal.BeginDeploy("v2", new AppManifest($"health-file={isWell}"));
        await teal.StatusWhenAsync(status => status.Release is { Phase: "starting" } && status.PidsOf("v2").Length > 0, "the start");
        Assert.Equal(HttpStatusCode.Accepted, (await CommandAsync(teal, "pause")).StatusCode);
        await File.WriteAllTextAsync(isWell, "");
        var tested = await teal.StatusWhenAsync(status => status.Told().Contains("smoke_passed"), "the smoke test");
        Assert.Equal(("0%", false), (tested.Release!.Share, tested.Release.TrafficMoved));
        Assert.StartsWith("v1 ", await teal.AskAsync());

        Assert.Equal(HttpStatusCode.Accepted, (await CommandAsync(teal, "resume")).StatusCode);
        Assert.Equal(0, (await deploy.EndAsync()).ExitCode);
        var told = (await teal.StatusAsync()).Told().ToList();
        Assert.True(told.IndexOf("resumed") < told.IndexOf("share"), string.Join(' ', told));
    }

    [Fact]
    public async Task A_release_is_aborted_while_it_starts_and_no_user_saw_it()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", new AppManifest("health=503"));
        await teal.StatusWhenAsync(status => status.Release is { Phase: "starting" } && status.PidsOf("v2").Length > 0, "the start");
        var aborted = await teal.TealAsync("abort", "-s", "app", "--reason", "wrong one");
        Assert.True(aborted.ExitCode == 0, aborted.ToString());
        Assert.Equal(6, (await deploy.EndAsync()).ExitCode);
        var status = await teal.StatusAsync();
        Assert.Equal(("v1", "aborted", false), (status.Live, status.Release!.Outcome, status.Release.TrafficMoved));
        Assert.Empty(status.PidsOf("v2"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_release_is_aborted_in_its_canary_paused_or_not(bool isPaused)
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal);
        await using var deploy = teal.BeginDeploy("v2", new AppManifest().Lasting);
        await callers.HearAsync("v2");
        if (isPaused)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await CommandAsync(teal, "pause")).StatusCode);
        }
        var aborted = await teal.TealAsync("abort", "-s", "app");
        Assert.True(aborted.ExitCode == 0, aborted.ToString());
        Assert.Equal(7, (await deploy.EndAsync()).ExitCode);
        Assert.Equal("v1", (await teal.StatusAsync()).Live);
        await callers.HearAsync("v1", more: 20);
        callers.AssertNoneFailed();
    }

    [Fact]
    public async Task At_rest_there_is_nothing_to_steer()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        foreach (var verb in new[] { "promote", "pause", "resume", "abort", "rollback" })
        {
            using var refused = await CommandAsync(teal, verb);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(verb == "rollback" ? "TEAL3008" : "TEAL3003", problem.GetProperty("code").GetString());
            Assert.NotEqual(0, problem.GetProperty("next").GetArrayLength());
        }
    }

    private static Task<HttpResponseMessage> CommandAsync(TealProcess teal, string verb) =>
        teal.Api.PostAsJsonAsync($"/api/v1/services/app/{verb}", new CommandRequest("a test"), WireJson.Default.CommandRequest);
}
