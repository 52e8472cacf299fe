using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Teal.Server.Flags;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>OFREP's event stream, with raw requests.</summary>
public sealed class ListeningTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_listener_is_told_the_present_state_then_each_change_and_acknowledges_by_asking_again()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        using var client = Client(server);
        var stream = await EventStreamOfAsync(client);
        Assert.Equal(("sse", 120), (stream.GetProperty("type").GetString(), stream.GetProperty("inactivityDelaySec").GetInt32()));
        using var events = await EventReader.OpenAsync(server.Ofrep, UriOf(stream));
        var first = await events.NextAsync();
        Assert.Equal("refetchEvaluation", first.GetProperty("type").GetString());
        var listener = Assert.Single(server.Board.Listeners("production"));
        Assert.Equal((FlagListenerKind.Ofrep, 0L), (listener.Kind, listener.Acknowledged));
        Assert.StartsWith("web from 127.0.0.1:", listener.Name, StringComparison.Ordinal);

        var shown = server.ShowHeadline("Good evening");
        var second = await events.NextAsync();
        Assert.NotEqual(Etag(first), Etag(second));
        await RefetchAsync(client, Etag(second));
        await Eventually.ReturnsAsync(() => Task.FromResult(listener.Acknowledged == shown.Revision ? listener : null), "the word");
    }

    [Fact]
    public async Task Nobody_acknowledges_for_a_listener_of_another_environment()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        server.ShowHeadline("Hello", "staging");
        using var client = Client(server);
        using var events = await EventReader.OpenAsync(server.Ofrep, UriOf(await EventStreamOfAsync(client)));
        var told = Etag(await events.NextAsync());
        using var other = Client(server, "staging", "other");
        await RefetchAsync(other, told);
        Assert.Equal(0, Assert.Single(server.Board.Listeners("production")).Acknowledged);
    }

    [Fact]
    public async Task A_listener_whose_key_is_revoked_is_let_go()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        using var client = Client(server);
        var uri = UriOf(await EventStreamOfAsync(client));
        using var events = await EventReader.OpenAsync(server.Ofrep, uri);
        await events.NextAsync();
        server.Revoke();
        server.ShowHeadline("Good evening");
        await events.EndsAsync();
        using var again = await client.GetAsync(uri);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        await Eventually.ReturnsAsync(() => Task.FromResult(server.Board.Listeners("production").Count == 0 ? "" : null), "its leaving");
    }

    [Fact]
    public async Task A_listener_that_leaves_is_forgotten_and_a_stop_ends_the_others()
    {
        var server = await FlagServer.StartAsync();
        await using (server)
        {
            server.ShowHeadline("Hello");
            using var client = Client(server);
            var uri = UriOf(await EventStreamOfAsync(client));
            using var stays = await EventReader.OpenAsync(server.Ofrep, uri);
            using (var leaves = await EventReader.OpenAsync(server.Ofrep, uri))
            {
                await leaves.NextAsync();
                Assert.Equal(2, server.Board.Listeners("production").Count);
            }
            await Eventually.ReturnsAsync(
                () => Task.FromResult(server.Board.Listeners("production").Count == 1 ? "" : null),
                "its leaving"
            );
            await stays.NextAsync();
            server.Board.Close();
            await stays.EndsAsync();
        }
    }

    [Theory]
    [InlineData("/ofrep/v1/events")]
    [InlineData("/ofrep/v1/events?channel=")]
    [InlineData("/ofrep/v1/events?channel=web~0000")]
    [InlineData("/ofrep/v1/events?environment=production")]
    public async Task Nobody_listens_without_a_channel_or_a_key(string uri)
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        server.Key();
        using var client = new HttpClient { BaseAddress = server.Ofrep };
        using var answer = await client.GetAsync(uri);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static HttpClient Client(FlagServer server, string environment = "production", string name = "web")
    {
        var client = new HttpClient { BaseAddress = server.Ofrep };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key(environment, name));
        return client;
    }

    private static async Task<JsonElement> EventStreamOfAsync(HttpClient client)
    {
        using var content = new StringContent("""{"context":{}}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/ofrep/v1/evaluate/flags", content);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.GetProperty("eventStreams")[0].Clone();
    }

    private static async Task RefetchAsync(HttpClient client, string etag)
    {
        using var content = new StringContent("""{"context":{}}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync($"/ofrep/v1/evaluate/flags?flagConfigEtag={Uri.EscapeDataString(etag)}", content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static string UriOf(JsonElement stream) => stream.GetProperty("endpoint").GetProperty("requestUri").GetString()!;

    private static string Etag(JsonElement told) => told.GetProperty("etag").GetString()!;

    /// <summary>One connection that reads events as a browser does.</summary>
    private sealed class EventReader : IDisposable
    {
        private readonly HttpClient _client;
        private readonly StreamReader _lines;

        private EventReader(HttpClient client, StreamReader lines) => (_client, _lines) = (client, lines);

        public static async Task<EventReader> OpenAsync(Uri server, string uri)
        {
            var client = new HttpClient { BaseAddress = server };
            var answer = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
            return new EventReader(client, new StreamReader(await answer.Content.ReadAsStreamAsync()));
        }

        public async Task<JsonElement> NextAsync()
        {
            while (true)
            {
                var line = await LineAsync() ?? throw new InvalidOperationException("The stream ended.");
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    using var json = JsonDocument.Parse(line["data: ".Length..]);
                    return json.RootElement.Clone();
                }
            }
        }

        public async Task EndsAsync()
        {
            try
            {
                while (await LineAsync() is not null) { }
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // Cut off is an end too.
            }
        }

        public void Dispose()
        {
            _lines.Dispose();
            _client.Dispose();
        }

        private async Task<string?> LineAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            return await _lines.ReadLineAsync(patience.Token);
        }
    }
}
