using System.Net;
using System.Net.Http.Json;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

public sealed class TwoServicesTests
{
    private static readonly AppManifest Left = new() { Service = "left", Routes = "[ { host: left.example } ]" };
    private static readonly AppManifest Right = new()
    {
        Service = "right",
        Routes = "[ { host: right.example }, { host: left.example, path: /right } ]",
    };

    [Fact]
    public async Task Hosts_and_paths_decide_between_services_and_each_releases_by_itself()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("l1", Left);
        await teal.ReleaseAsync("r1", Right);
        await AssertAnswersAsync(teal, ("left.example", "/", "l1"), ("right.example", "/", "r1"), ("left.example", "/right", "r1"));
        await teal.ReleaseAsync("l2", Left);
        await AssertAnswersAsync(teal, ("left.example", "/", "l2"), ("LEFT.example", "/rightly", "l2"), ("right.example", "/", "r1"));
        using var nobody = await AskAsync(teal, "nobody.example", "/");
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task A_host_that_is_taken_is_refused_and_nothing_changes()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("l1", Left);
        var refused = await teal.DeployAsync("t1", Left with { Service = "thief" });
        Assert.True(refused.ExitCode == 5, refused.ToString());
        Assert.Contains("TEAL8207", refused.Error);
        Assert.Contains("left.example", refused.Error);
        var services = await teal.Api.GetFromJsonAsync("/api/v1/services", WireJson.Default.ServicesView);
        Assert.Equal(["left"], services!.Services.Select(service => service.Service));
        await AssertAnswersAsync(teal, ("left.example", "/", "l1"));
    }

    private static async Task AssertAnswersAsync(TealProcess teal, params (string Host, string Path, string Version)[] rows)
    {
        foreach (var (host, path, version) in rows)
        {
            using var answer = await AskAsync(teal, host, path);
            Assert.True(answer.Headers.TryGetValues("x-app-version", out var by), $"{host}{path}: {(int)answer.StatusCode}");
            Assert.Equal(version, by.Single());
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(TealProcess teal, string host, string path)
    {
        using var client = new HttpClient { BaseAddress = teal.Users };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        return await client.SendAsync(request);
    }
}
