using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Teal.Client;
using Teal.Flags;
using Teal.Server.Flags;
using Teal.Tests.Real.EndToEnd;
using Teal.Tests.Real.Flags;

namespace Teal.Tests.Real.Client;

/// <summary>The client on the port for SDKs, over a board of the test's own.</summary>
public sealed class FollowingTests
{
    [Fact]
    public async Task It_has_the_present_flags_then_each_change_and_acknowledges_by_its_name()
    {
        await using var server = await FlagServer.StartAsync();
        var first = server.ShowHeadline("Hello");
        await using var client = ClientFacts.Start(server.Ofrep, server.Key());
        await client.WaitUntilReadyAsync();
        Assert.Equal("Hello", client.GetString("headline", "?"));
        Assert.Equal((TealClientState.Live, "production", first.Revision), StandingOf(client));
        Assert.Null(client.Status.StaleSince);

        var told = new ConcurrentQueue<long>();
        client.Changed += (_, change) => told.Enqueue(change.Revision);
        var second = server.ShowHeadline("Good evening");
        await Eventually.ReturnsAsync(() => Task.FromResult(told.Contains(second.Revision) ? told : null), "the event");
        Assert.Equal("Good evening", client.GetString("headline", "?"));
        var listener = Assert.Single(server.Board.Listeners("production"));
        Assert.Equal(FlagListenerKind.TealClient, listener.Kind);
        Assert.Matches("^web from 127.0.0.1:[0-9]+, Teal.Client/[0-9.]+ shop-web$", listener.Name);
        await AcknowledgedAsync(listener, second.Revision);
    }

    [Fact]
    public async Task It_has_the_form_of_the_document_that_may_leave_the_server()
    {
        await using var server = await FlagServer.StartAsync();
        var shortened = """
            {
              "flags": { "headline": { "state": "DISABLED", "variants": { "plain": "Hello" }, "defaultVariant": "plain" } }
            }
            """;
        server.Show(FlagServer.Sample, client: shortened.ReplaceLineEndings("\r\n"));
        await using var client = ClientFacts.Start(server.Ofrep, server.Key());
        await client.WaitUntilReadyAsync();
        Assert.Equal(1, client.Status.Flags);
        Assert.Equal("DISABLED", client.GetStringDetails("headline", "?").Reason);
    }

    [Fact]
    public async Task A_revoked_key_ends_the_stream_and_the_last_flags_stay()
    {
        await using var server = await FlagServer.StartAsync();
        var key = server.Key();
        var shown = server.ShowHeadline("Hello");
        await using var client = ClientFacts.Start(server.Ofrep, key);
        await client.LiveAsync(shown.Revision);
        server.Revoke();
        server.ShowHeadline("Secret");
        var status = await client.WhenAsync(status => status.LastError?.Contains("TEAL6", StringComparison.Ordinal) == true, "the refusal");
        Assert.Equal((TealClientState.Stale, shown.Revision), (status.State, status.Revision));
        Assert.NotNull(status.StaleSince);
        Assert.DoesNotContain(key, status.ToString(), StringComparison.Ordinal);
        Assert.Equal("Hello", client.GetString("headline", "?"));
    }

    [Fact]
    public async Task Flags_of_another_environment_than_wanted_are_not_taken()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello", "staging");
        await using var client = ClientFacts.Start(server.Ofrep, server.Key("staging"), options => options.Environment = "production");
        await client.WhenAsync(status => status.LastError?.StartsWith("TEAL9454", StringComparison.Ordinal) == true, "the refusal");
        Assert.Equal("PROVIDER_NOT_READY", client.GetStringDetails("headline", "?").ErrorCode);
        Assert.Equal(0, Assert.Single(server.Board.Listeners("staging")).Acknowledged);
    }

    [Fact]
    public async Task Nobody_acknowledges_for_another_key_or_environment_or_what_was_never_sent()
    {
        await using var server = await FlagServer.StartAsync();
        var shown = server.ShowHeadline("Hello");
        server.ShowHeadline("Hello", "staging");
        using var own = Http(server, server.Key());
        using var other = Http(server, server.Key("production", "other"));
        using var staging = Http(server, server.Key("staging", "staging"));
        using var stream = await own.GetAsync("client/v1/flags", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType!.MediaType);
        var listener = Assert.Single(server.Board.Listeners("production"));
        var heard = $"{{\"connection\":{listener.Id},\"revision\":{long.MaxValue}}}";
        Assert.Equal(HttpStatusCode.NotFound, await HeardAsync(other, heard));
        Assert.Equal(HttpStatusCode.NotFound, await HeardAsync(staging, heard));
        Assert.Equal(HttpStatusCode.NotFound, await HeardAsync(own, "{\"connection\":999999,\"revision\":1}"));
        foreach (var bad in new[] { "", "{}", "[]", "{\"connection\":1}", "{\"connection\":\"1\",\"revision\":1}", new string(' ', 5_000) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await HeardAsync(own, bad));
        }
        Assert.Equal(0, listener.Acknowledged);
        Assert.Equal(HttpStatusCode.NoContent, await HeardAsync(own, heard));
        Assert.InRange(listener.Acknowledged, 1, server.Board.Of("production")!.Revision);
        Assert.Equal(shown.Revision, listener.Acknowledged);
    }

    [Theory]
    [InlineData("GET", "client/v1/flags")]
    [InlineData("POST", "client/v1/heard")]
    [InlineData("GET", "client/v1/flags?channel=web~0000")]
    public async Task Nobody_is_let_in_without_a_key(string method, string path)
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        server.Key();
        using var client = new HttpClient { BaseAddress = server.Ofrep };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task What_it_gives_is_what_the_server_explains_for_random_contexts()
    {
        await using var server = await FlagServer.StartAsync();
        var snapshot = server.Show(FlagServer.Sample);
        await using var client = ClientFacts.Start(server.Ofrep, server.Key());
        await client.LiveAsync(snapshot.Revision);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var run = 0; run < 1_000; run++)
        {
            var plan = random.GetItems(["gold", "silver", ""], 1)[0];
            var context = EvaluationContext.Of($"user-{random.Next(100)}", new ContextAttribute("plan", plan));
            var expected = snapshot.Document.Evaluate("new-checkout", context, DateTimeOffset.UnixEpoch);
            var given = client.GetBooleanDetails("new-checkout", false, context);
            Assert.True((expected.Variant, expected.ReasonWord) == (given.Variant, given.Reason), $"seed {seed}: {plan}");
        }
    }

    private static (TealClientState, string?, long) StandingOf(TealClient client) =>
        (client.Status.State, client.Status.Environment, client.Status.Revision);

    private static Task<FlagListener> AcknowledgedAsync(FlagListener listener, long revision) =>
        Eventually.ReturnsAsync(() => Task.FromResult(listener.Acknowledged == revision ? listener : null), "the acknowledgement");

    private static HttpClient Http(FlagServer server, string key)
    {
        var client = new HttpClient { BaseAddress = server.Ofrep };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static async Task<HttpStatusCode> HeardAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("client/v1/heard", content);
        return answer.StatusCode;
    }
}
