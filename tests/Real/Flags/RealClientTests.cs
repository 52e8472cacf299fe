using System.Text.Json;
using Teal.Server.Access;

namespace Teal.Tests.Real.Flags;

/// <summary>The published OpenFeature clients, as they are: each is told the right values, and each learns of a change by itself.</summary>
public sealed class RealClientTests
{
    [Fact]
    public async Task The_server_sdk_over_ofrep()
    {
        await NeedsAsync();
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        await using var client = await NodeClient.StartAsync("server.mjs", "ofrep", Bare(server.Ofrep), server.Key());
        AssertAnswers(await client.AskAsync(), "Hello");
        // This provider keeps nothing: the next question is answered by the next state.
        server.ShowHeadline("Good evening");
        Assert.Equal("Good evening", Value(await client.AskAsync(), "headline").GetString());
    }

    [Theory]
    [InlineData("rpc")]
    [InlineData("in-process")]
    public async Task The_server_sdk_over_flagd(string resolver)
    {
        await NeedsAsync();
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        await using var client = await NodeClient.StartAsync("server.mjs", resolver, Authority(server.Flagd), "");
        AssertAnswers(await client.AskAsync(), "Hello");
        server.ShowHeadline("Good evening");
        var changed = await client.ChangedAsync();
        Assert.Equal(["headline"], changed.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        AssertAnswers(await client.AskAsync(), "Good evening");
    }

    [Theory]
    [InlineData("rpc", "environment=staging")]
    [InlineData("in-process", "flagSetId=staging")]
    public async Task A_flagd_client_chooses_its_environment_by_its_selector(string resolver, string selector)
    {
        await NeedsAsync();
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        server.ShowHeadline("Hello staging", "staging");
        await using var client = await NodeClient.StartAsync("server.mjs", resolver, Authority(server.Flagd), selector);
        Assert.Equal("Hello staging", Value(await client.AskAsync(), "headline").GetString());
    }

    [Fact]
    public async Task The_web_sdk_in_a_browser_over_ofrep_and_its_event_stream()
    {
        await NeedsAsync();
        Assert.SkipUnless(File.Exists("/usr/bin/chromium"), "chromium is not installed: ./test installs it on Debian");
        await using var pages = await PageServer.StartAsync();
        await using var server = await FlagServer.StartAsync(origins: [pages.Origin]);
        server.ShowHeadline("Hello");
        var page = $"{pages.Origin}/page.html?server={Uri.EscapeDataString(Bare(server.Ofrep))}&key={server.Key(role: Role.Page)}";
        await using var client = await NodeClient.StartAsync("web.mjs", page);
        AssertAnswers(await client.AskAsync(), "Hello");
        var listener = await EndToEnd.Eventually.ReturnsAsync(
            () => Task.FromResult(server.Board.Listeners("production") is [var one, ..] ? one : null),
            "the page to listen"
        );
        var shown = server.ShowHeadline("Good evening");
        var changed = await client.ChangedAsync();
        Assert.Equal(["headline"], changed.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        AssertAnswers(await client.AskAsync(), "Good evening");
        // It asked again with the tag of the event: that is its word that it has the change.
        Assert.Equal(shown.Revision, listener.Acknowledged);
    }

    private static void AssertAnswers(JsonElement answers, string headline)
    {
        AssertAnswer(answers, "new-checkout", "true", "on", "TARGETING_MATCH");
        AssertAnswer(answers, "headline", JsonSerializer.Serialize(headline), "plain", "STATIC");
        AssertAnswer(answers, "page-size", "50", "large", "STATIC");
        AssertAnswer(answers, "price-factor", "0.85", "less", "STATIC");
        AssertAnswer(answers, "theme", """{"ink":"#fff","size":2}""", "dark", "STATIC");
        // What is disabled is the code's own default.
        Assert.True(Value(answers, "sleeping").GetBoolean());
        var unknown = answers.GetProperty("nothing-here");
        Assert.Equal(
            ("FLAG_NOT_FOUND", "ERROR", true),
            (
                unknown.GetProperty("errorCode").GetString(),
                unknown.GetProperty("reason").GetString(),
                unknown.GetProperty("value").GetBoolean()
            )
        );
    }

    private static void AssertAnswer(JsonElement answers, string key, string value, string variant, string reason)
    {
        var answer = answers.GetProperty(key);
        using var expected = JsonDocument.Parse(value);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, answer.GetProperty("value")), $"{key}: {answer}");
        // A client may have kept a static value: it says so.
        var said = answer.GetProperty("reason").GetString();
        Assert.True(said == reason || said == "CACHED", $"{key}: {answer}");
        Assert.Equal(variant, answer.GetProperty("variant").GetString());
    }

    private static JsonElement Value(JsonElement answers, string key) => answers.GetProperty(key).GetProperty("value");

    private static string Bare(Uri address) => address.ToString().TrimEnd('/');

    private static string Authority(Uri address) => address.Authority;

    private static async Task NeedsAsync()
    {
        var missing = await NodeClients.Installed;
        Assert.SkipWhen(missing is not null, missing ?? "");
    }
}
