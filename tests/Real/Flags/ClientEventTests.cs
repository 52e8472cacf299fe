using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using Microsoft.Extensions.Time.Testing;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Wire;
using V2 = Teal.Server.Flags.Flagd.EvaluationV2;

namespace Teal.Tests.Real.Flags;

/// <summary><c>POST /client/v1/events</c> on the port for SDKs, with raw requests.</summary>
public sealed class ClientEventTests : IAsyncLifetime
{
    internal static readonly RolloutKey Checkout = new("production", "new-checkout");

    private FlagServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FlagServer.StartAsync();
        _server.Show(FlagServer.Sample);
        _server.Rollouts = Rolling();
        _client = Client(_server, "production", "web");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_is_counted_once_and_its_outcomes_for_the_variants_of_their_units()
    {
        var batch = Batch(
            1,
            $$"""{"flag":"new-checkout","variant":"on","unit":"u1","at":"{{Now}}"},{"flag":"gone","variant":"on","unit":"u1","at":"{{Now}}"}""",
            $$"""{"unit":"u1","at":"{{Now}}","failed":true,"ms":12.5},{"unit":"u1","at":"2020-01-01T00:00:00Z"}"""
        );
        Assert.Equal("""{"version":1,"accepted":2,"refused":2}""", await AcceptedAsync(_client, batch));
        Assert.Equal("""{"version":1,"accepted":0,"refused":0}""", await AcceptedAsync(_client, batch));
        var seen = _server.Reports.Read(Checkout, "on")!;
        Assert.Equal((1, 1, 1), (seen.Requests, seen.Errors, seen.Latency.Count));
    }

    [Fact]
    public async Task A_key_reports_for_its_own_environment_and_nobody_without_one()
    {
        _server.Show(FlagServer.Sample, "staging");
        using var staging = Client(_server, "staging", "other");
        var batch = Batch(1, Exposure("on"), $$"""{"unit":"u1","at":"{{Now}}","failed":true}""");
        Assert.Equal("""{"version":1,"accepted":2,"refused":0}""", await AcceptedAsync(staging, batch));
        Assert.Equal(0, _server.Reports.Read(Checkout, "on")!.Requests);
        staging.DefaultRequestHeaders.Add("Flagd-Selector", "environment=production");
        Assert.Equal((HttpStatusCode.Forbidden, "TEAL9405"), await RefusedAsync(staging, batch));
        using var nobody = new HttpClient { BaseAddress = _server.Ofrep };
        Assert.Equal((HttpStatusCode.Unauthorized, "TEAL9407"), await RefusedAsync(nobody, batch));
        using var nowhere = Client(_server, "test", "test");
        Assert.Equal((HttpStatusCode.NotFound, "TEAL9406"), await RefusedAsync(nowhere, batch));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[],"outcomes":[]} {}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[],"outcomes":[],"more":1}""")]
    [InlineData("""{"client":"c","client":"d","sequence":1,"exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":null,"sequence":1,"exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":"","sequence":1,"exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":0,"exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":"1","exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":1e400,"exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":1,"dropped":-1,"exposures":[],"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[null],"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":null,"outcomes":[]}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[],"outcomes":[{"unit":"u"}]}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[],"outcomes":[{"unit":"u","at":"yesterday"}]}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[],"outcomes":[{"unit":"u","at":"2026-11-24T00:00:00Z","ms":NaN}]}""")]
    [InlineData("""{"client":"c","sequence":1,"exposures":[],"outcomes":[{"unit":"\ud800","at":"2026-11-24T00:00:00Z"}]}""")]
    public async Task A_body_that_is_no_batch_is_refused_whole(string body)
    {
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL9441"), await RefusedAsync(_client, body));
        Assert.Empty(_server.Events.Counts);
    }

    [Fact]
    public async Task Hostile_bodies_get_a_defined_answer_and_are_not_kept()
    {
        var deep = new string('[', 10_000) + new string(']', 10_000);
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL9441"), await RefusedAsync(_client, Batch(1, deep, "")));
        var many = string.Join(',', Enumerable.Repeat($$"""{"unit":"u","at":"{{Now}}"}""", 1001));
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL9441"), await RefusedAsync(_client, Batch(1, "", many)));
        var large = Batch(1, Exposure("on", new string('u', 1 << 17)), "");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "TEAL9440"), await RefusedAsync(_client, large));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "TEAL9440"), await RefusedAsync(_client, large, isChunked: true));
        byte[] notText = [.. Encoding.UTF8.GetBytes("{\"client\":\""), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\",\"sequence\":1}")];
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL9441"), await RefusedAsync(_client, notText, "application/json"));
        var good = Encoding.UTF8.GetBytes(Batch(1, Exposure("on"), ""));
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL9441"), await RefusedAsync(_client, good, "text/plain"));
        Assert.Empty(_server.Events.Counts);
        // Whatever a unit or a variant is called: judged by itself, and counted.
        var strange = string.Join(',', new[] { "__proto__", "../../x", "\\u0000", "\\u202e" }.Select(name => Exposure(name, name)));
        Assert.Equal("""{"version":1,"accepted":0,"refused":4}""", await AcceptedAsync(_client, Batch(1, strange, "")));
        Assert.Equal(4, _server.Events.Counts.Single().Refused["unknown_variant"]);
    }

    [Fact]
    public async Task Who_evaluates_here_was_exposed_and_has_only_to_report_what_came_of_it()
    {
        using var evaluated = await PostAsync(
            _client,
            "/ofrep/v1/evaluate/flags/new-checkout",
            """{"context":{"targetingKey":"node-1","plan":"gold"}}"""
        );
        Assert.Equal(HttpStatusCode.OK, evaluated.StatusCode);
        using var channel = GrpcChannel.ForAddress(_server.Flagd);
        var context = new Struct { Fields = { ["targetingKey"] = Value.ForString("python-1") } };
        await new V2.Service.ServiceClient(channel).ResolveBooleanAsync(new() { FlagKey = "new-checkout", Context = context });
        // All flags at once are fetched, not used.
        using var all = await PostAsync(_client, "/ofrep/v1/evaluate/flags", """{"context":{"targetingKey":"page-1"}}""");
        Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        var outcomes = string.Join(
            ',',
            new[] { "node-1", "python-1", "page-1" }.Select(unit => $$"""{"unit":"{{unit}}","at":"{{Now}}"}""")
        );
        await AcceptedAsync(_client, Batch(1, "", outcomes));
        var view = _server.Reports.Of(Checkout)!;
        Assert.Equal([("off", 1, 1L), ("on", 1, 1L)], view.Variants.Select(it => (it.Variant, it.Units, it.Outcomes)));
        Assert.Equal(1, view.Unmatched);
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_to_come_back()
    {
        await using var server = await FlagServer.StartAsync(new FakeTimeProvider(DateTimeOffset.UtcNow), mostASecond: 3);
        server.Show(FlagServer.Sample);
        using var client = Client(server, "production", "web");
        for (var i = 0; i < 3; i++)
        {
            using var served = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", """{"context":{}}""");
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }
        using var refused = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", """{"context":{}}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Equal((HttpStatusCode.TooManyRequests, "TEAL9442"), await RefusedAsync(client, Batch(1, "", "")));
        using var other = Client(server, "production", "another");
        await AcceptedAsync(other, Batch(1, "", ""));
    }

    private static string Now => DateTimeOffset.UtcNow.ToString("O");

    private static string Exposure(string variant, string unit = "u1") =>
        $$"""{"flag":"new-checkout","variant":"{{variant}}","unit":"{{unit}}","at":"{{Now}}"}""";

    private static string Batch(long sequence, string exposures, string outcomes) =>
        $$"""{"client":"c1","sequence":{{sequence}},"exposures":[{{exposures}}],"outcomes":[{{outcomes}}]}""";

    internal static ImmutableSortedDictionary<string, RolloutState> Rolling()
    {
        var (half, by) = (new Share(5000), new Origin("test", "test"));
        var order = new RolloutOrder("off", "on", [new RolloutStep(half, TimeSpan.FromMinutes(1))], [], BreachShare.Off);
        var rollout = new Rollout(1, order, Share.None, by, RolloutPhase.Observing, 0, RolloutOutcome.Running, half, half, Share.None);
        var state = RolloutState.New(Checkout) with { Rollout = rollout };
        return ImmutableSortedDictionary<string, RolloutState>.Empty.Add(Checkout.ToString(), state);
    }

    private static HttpClient Client(FlagServer server, string environment, string name)
    {
        var client = new HttpClient { BaseAddress = server.Ofrep };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key(environment, name));
        return client;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string body) =>
        client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<string> AcceptedAsync(HttpClient client, string batch)
    {
        using var answer = await PostAsync(client, "/client/v1/events", batch);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return text;
    }

    private static Task<(HttpStatusCode, string?)> RefusedAsync(HttpClient client, string batch, bool isChunked = false) =>
        RefusedAsync(client, Encoding.UTF8.GetBytes(batch), "application/json", isChunked);

    private static async Task<(HttpStatusCode, string?)> RefusedAsync(HttpClient client, byte[] body, string type, bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/client/v1/events");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = isChunked;
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return (answer.StatusCode, json.RootElement.GetProperty("code").GetString());
    }
}
