using System.Net;
using System.Net.Http.Json;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

public sealed class GateTests
{
    [Fact]
    public async Task Held_requests_reach_the_app_only_after_the_release_of_the_gate()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        using var user = new HttpClient { BaseAddress = teal.Users };
        var port = (await teal.StatusAsync()).Slots.Single(slot => slot.Version == "v1").Instances.Single().Port;
        using var app = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        var held = await teal.TealAsync("proxy", "hold", "-s", "app", "--reason", "moving");
        Assert.True(held.ExitCode == 0, held.ToString());
        Assert.Equal("held", (await teal.StatusAsync()).Gate);
        var hits = int.Parse(await app.GetStringAsync("/hits"));
        var waiting = Enumerable.Range(0, 20).Select(_ => user.GetStringAsync("/")).ToList();
        await Eventually.ReturnsAsync(async () => await WaitsAsync(teal, 20) ? teal : null, "20 requests to wait", teal.ServerOutput);
        Assert.Equal(hits + 1, int.Parse(await app.GetStringAsync("/hits")));
        Assert.DoesNotContain(waiting, request => request.IsCompleted);

        Assert.Equal(0, (await teal.TealAsync("proxy", "release", "-s", "app")).ExitCode);
        Assert.All(await Task.WhenAll(waiting), answer => Assert.StartsWith("v1 ", answer));
        Assert.Equal(hits + 22, int.Parse(await app.GetStringAsync("/hits")));
    }

    [Fact]
    public async Task In_maintenance_users_are_told_to_come_back_and_the_app_is_not_asked()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        Assert.Equal(0, (await teal.TealAsync("proxy", "maintenance", "-s", "app")).ExitCode);
        using var user = new HttpClient { BaseAddress = teal.Users };
        using (var answer = await user.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.False(answer.Headers.Contains("x-app-version"));
        }
        var routes = await teal.TealAsync("proxy", "routes");
        Assert.Contains("MAINTENANCE", routes.Output);

        // What a person has said stays said when the server dies.
        await teal.KillServerAsync();
        await teal.RunServerAsync();
        using (var answer = await user.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }
        Assert.Equal(0, (await teal.TealAsync("proxy", "release", "-s", "app")).ExitCode);
        Assert.StartsWith("v1 ", await user.GetStringAsync("/"));
    }

    private static async Task<bool> WaitsAsync(TealProcess teal, int count)
    {
        var metrics = await teal.Api.GetStringAsync("/metrics");
        return metrics.Contains($"teal_requests_inside{{service=\"app\"}} {count}\n", StringComparison.Ordinal);
    }
}
