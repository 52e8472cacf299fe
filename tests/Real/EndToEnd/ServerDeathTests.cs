using System.Globalization;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Teal.Server.Journal;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>SIGKILL to the server, then the same home and the same port again.</summary>
public sealed class ServerDeathTests
{
    [Fact]
    public async Task Killed_at_any_journalled_step_of_a_release_it_goes_on_and_the_live_instances_never_notice()
    {
        await using var teal = await TealProcess.StartAsync();
        var status = await teal.ReleaseAsync("v0", new AppManifest());
        var eventsOfRelease = int.MaxValue;
        // The first release is left alone and counted; in the k-th after it the server dies at its k-th event.
        for (var k = 0; k <= eventsOfRelease; k++)
        {
            var before = status;
            var began = await SequenceAsync(teal);
            var version = string.Create(CultureInfo.InvariantCulture, $"v{k + 1}");
            var detached = await teal.DeployAsync(version, new AppManifest(), "--detach");
            Assert.True(detached.ExitCode == 0, detached.ToString());
            if (k > 0)
            {
                await HappenedAsync(teal, began + k, version);
                await teal.KillServerAsync();
                await teal.RunServerAsync();
                Assert.Matches("^v[0-9]+ ", await teal.AskAsync());
            }
            status = await teal.StatusWhenAsync(
                now => now.Release is { Outcome: not "running" } && now.Release.To == version,
                $"the end of {version}, killed at {k}"
            );
            AssertWentOn(before, status, k);
            eventsOfRelease = k == 0 ? (int)(await SequenceAsync(teal) - began) : eventsOfRelease;
        }
        Assert.InRange(eventsOfRelease, 10, 20);
        await AssertHistoryAndChainAsync(teal);
    }

    [Fact]
    public async Task Killed_at_rest_both_versions_are_found_again_and_the_way_back_is_still_instant()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest { Instances = 2 });
        var before = await teal.ReleaseAsync("v2", new AppManifest { Instances = 2 });
        await teal.KillServerAsync();
        await teal.RunServerAsync();
        Assert.StartsWith("v2 ", await teal.AskAsync());
        var after = await teal.StatusAsync();
        Assert.Equal(("v2", "v1"), (after.Live, after.Warm));
        Assert.Equal(before.PidsOf("v1"), after.PidsOf("v1"));
        Assert.Equal(before.PidsOf("v2"), after.PidsOf("v2"));

        var back = await teal.TealAsync("rollback", "-s", "app");
        Assert.True(back.ExitCode == 0, back.ToString());
        Assert.StartsWith("v1 ", await teal.AskAsync());
        Assert.Equal(before.PidsOf("v1"), (await teal.StatusAsync()).PidsOf("v1"));
    }

    [Fact]
    public async Task A_deploy_that_is_followed_outlives_the_servers_death()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", new AppManifest().Lasting);
        // The command's own word: the server may be ahead of it, and dead before it has answered.
        await deploy.SaysAsync("50%");
        await teal.KillServerAsync();
        await teal.RunServerAsync();
        var promoted = await teal.TealAsync("promote", "-s", "app", "--force");
        Assert.True(promoted.ExitCode == 0, promoted.ToString());
        var result = await deploy.EndAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("The server is back", result.Output);
    }

    private static void AssertWentOn(StatusView before, StatusView after, int k)
    {
        var version = after.Release!.To;
        Assert.True(after.Release.Outcome == "done", $"killed at {k}: {after.Release.Outcome}, {after.Release.Failure}");
        Assert.Equal((version, before.Live), (after.Live, after.Warm));
        Assert.Equal(before.PidsOf(before.Live!), after.PidsOf(before.Live!));
    }

    private static async Task AssertHistoryAndChainAsync(TealProcess teal)
    {
        foreach (var release in (await teal.HistoryAsync()).Releases)
        {
            var steps = release.Steps.Select(step => step.Words).ToList();
            Assert.Equal(steps.Distinct(), steps);
            Assert.True(release.Receipt is { AddsUp: true, Dropped: 0 }, release.ToString());
        }
        using var journal = JournalReader.Open(Path.Combine(teal.Home, "journal.db"));
        var check = journal.Verify();
        Assert.True(check.Ok, check.Why);
    }

    private static async Task<long> SequenceAsync(TealProcess teal) =>
        (await teal.Api.GetFromJsonAsync("/api/v1/server", WireJson.Default.ServerView))!.JournalSequence;

    /// <summary>Until that event, or the end of a release that had fewer.</summary>
    private static async Task HappenedAsync(TealProcess teal, long sequence, string version)
    {
        await using var stream = await teal.Api.GetStreamAsync($"/api/v1/events?service=app&after={sequence - 1}");
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            var happened = JsonSerializer.Deserialize(item.Data, WireJson.Default.EventView)!;
            if (happened.Sequence >= sequence || happened.Status.Release is { Outcome: not "running" } ended && ended.To == version)
            {
                return;
            }
        }
    }
}
