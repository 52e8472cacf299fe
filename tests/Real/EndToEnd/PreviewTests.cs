using System.Net;
using System.Text.Json;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>Who sees a version before users do.</summary>
public sealed class PreviewTests
{
    /// <summary>A stage for targets alone: no user is moved by chance.</summary>
    private static readonly AppManifest ForTargets = new()
    {
        Steps = "[ { share: 0%, hold: 1h }, { share: 100% } ]",
        Release = ["target: ['header:x-beta=1', 'cookie:beta=yes']"],
    };

    [Fact]
    public async Task The_smoke_test_reaches_the_new_version_at_its_own_address_before_any_user_does()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var seen = Path.Combine(teal.Root, "seen.txt");
        var users = new Uri(teal.Users, "/");
        var smoke = $"curl -sf $TEAL_PREVIEW_URL > {seen} && curl -sf {users} >> {seen}";
        await teal.ReleaseAsync("v2", new AppManifest { Release = [$"smoke: [sh, -c, {JsonSerializer.Serialize(smoke)}]"] });
        var answers = await File.ReadAllLinesAsync(seen);
        Assert.StartsWith("v2 ", answers[0]);
        Assert.StartsWith("v1 ", answers[1]);
    }

    [Fact]
    public async Task Targets_see_a_version_that_has_no_share_and_everybody_else_does_not()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", ForTargets);
        var status = await teal.StatusWhenAsync(status => status.Release is { Phase: "observing" }, "the stage of targets");
        Assert.Equal("0%", status.Release!.Share);
        Assert.Equal("v2", await VersionAsync(teal.Users, ("x-beta", "1")));
        Assert.Equal("v2", await VersionAsync(teal.Users, ("Cookie", "beta=yes")));
        Assert.Equal("v1", await VersionAsync(teal.Users, ("x-beta", "0")));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("v1", await VersionAsync(teal.Users));
        }
        Assert.Equal("v2", await VersionAsync(new Uri(status.PreviewUrl!)));
    }

    [Fact]
    public async Task A_preview_on_the_public_port_needs_a_token_for_it()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await using var deploy = teal.BeginDeploy("v2", ForTargets);
        await teal.StatusWhenAsync(status => status.Release is { Phase: "observing" }, "the stage of targets");
        var (id, secret) = await TokenAsync(teal, "--role", "preview", "-s", "app");
        var (_, viewer) = await TokenAsync(teal, "--role", "viewer");
        var (_, other) = await TokenAsync(teal, "--role", "preview", "-s", "other");

        Assert.Equal("v2", await VersionAsync(teal.Users, ("X-Teal-Preview", secret)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(teal.Users, "wrong"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(teal.Users, viewer));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(teal.Users, other));
        Assert.Equal("v1", await VersionAsync(teal.Users));

        Assert.Equal(0, (await teal.TealAsync("token", "revoke", id)).ExitCode);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(teal.Users, secret));
        Assert.DoesNotContain(secret, (await teal.TealAsync("audit", "-s", "app", "-o", "json")).Output);
    }

    private static async Task<(string Id, string Secret)> TokenAsync(TealProcess teal, params string[] arguments)
    {
        var created = await teal.TealAsync(["token", "create", .. arguments, "-o", "json"]);
        Assert.True(created.ExitCode == 0, created.ToString());
        var token = JsonDocument.Parse(created.Output).RootElement;
        return (token.GetProperty("id").GetString()!, token.GetProperty("secret").GetString()!);
    }

    private static async Task<string> VersionAsync(Uri address, params (string Name, string Value)[] headers)
    {
        using var answer = await AskAsync(address, headers);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.GetValues("x-app-version").Single();
    }

    private static async Task<HttpStatusCode> StatusAsync(Uri address, string token)
    {
        using var answer = await AskAsync(address, ("X-Teal-Preview", token));
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> AskAsync(Uri address, params (string Name, string Value)[] headers)
    {
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }
        return await client.SendAsync(request);
    }
}
