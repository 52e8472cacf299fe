using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Teal.Server.Access;
using Teal.Server.Flags.Flagd.SyncV1;
using V1 = Teal.Server.Flags.Flagd.EvaluationV1;
using V2 = Teal.Server.Flags.Flagd.EvaluationV2;

namespace Teal.Tests.Real.Flags;

/// <summary>Every visitor of a page can read its key: what they can do with it, and what they cannot.</summary>
public sealed class PageKeyTests : IAsyncLifetime
{
    private const string Empty = """{"context":{}}""";
    private const string Anna = """{"context":{"targetingKey":"anna","plan":"gold"}}""";
    private const string NoEvents = """{"client":"c","sequence":1,"exposures":[],"outcomes":[]}""";

    private FlagServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FlagServer.StartAsync();
        _server.Show(FlagServer.Sample);
        _server.Show(FlagServer.Sample, "staging");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task It_asks_what_flags_are_and_hears_that_they_changed()
    {
        using var page = Client(Role.Page);
        using var one = await PostAsync(page, "/ofrep/v1/evaluate/flags/headline", Empty);
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        using var all = await PostAsync(page, "/ofrep/v1/evaluate/flags", Empty);
        Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        using var body = JsonDocument.Parse(await all.Content.ReadAsStringAsync());
        var uri = body.RootElement.GetProperty("eventStreams")[0].GetProperty("endpoint").GetProperty("requestUri").GetString()!;
        // As a browser's EventSource comes: by the address alone.
        using var browser = new HttpClient { BaseAddress = _server.Ofrep };
        using var events = await browser.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, events.StatusCode);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType!.MediaType);
        // The channel is no key: rules do not come by it.
        using var rules = await browser.GetAsync("/client/v1/flags?" + uri[(uri.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        Assert.Equal(HttpStatusCode.Unauthorized, rules.StatusCode);
    }

    [Fact]
    public async Task It_reads_no_rules_acknowledges_nothing_and_reports_nothing()
    {
        using var page = Client(Role.Page);
        using var rules = await page.GetAsync("/client/v1/flags", HttpCompletionOption.ResponseHeadersRead);
        await RefusedAsync(rules);
        using var heard = await PostAsync(page, "/client/v1/heard", """{"connection":1,"revision":1}""");
        await RefusedAsync(heard);
        using var reported = await PostAsync(page, "/client/v1/events", NoEvents);
        await RefusedAsync(reported);
        Assert.Empty(_server.Board.Listeners("production"));
        Assert.Empty(_server.Events.Counts);
    }

    [Fact]
    public async Task Whom_it_asks_as_is_no_evidence_for_a_rollout()
    {
        _server.Rollouts = ClientEventTests.Rolling();
        using var page = Client(Role.Page);
        using var asked = await PostAsync(page, "/ofrep/v1/evaluate/flags/new-checkout", Anna);
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Equal(0, Units());
        using var sdk = Client(Role.Sdk);
        using var again = await PostAsync(sdk, "/ofrep/v1/evaluate/flags/new-checkout", Anna);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, Units());

        int Units() => _server.Reports.Of(ClientEventTests.Checkout)!.Variants.Sum(variant => variant.Units);
    }

    [Fact]
    public async Task It_opens_none_of_flagds_services()
    {
        var key = _server.Key(role: Role.Page);
        var headers = new Metadata { { "authorization", $"Bearer {key}" } };
        using var channel = GrpcChannel.ForAddress(_server.Flagd);
        var sync = new FlagSyncService.FlagSyncServiceClient(channel);
        await DeniedAsync(() => sync.FetchAllFlagsAsync(new(), headers).ResponseAsync);
        using var stream = sync.SyncFlags(new(), headers);
        await DeniedAsync(() => stream.ResponseStream.MoveNext(CancellationToken.None));
        await DeniedAsync(() =>
            new V1.Service.ServiceClient(channel).ResolveBooleanAsync(new() { FlagKey = "new-checkout" }, headers).ResponseAsync
        );
        await DeniedAsync(() =>
            new V2.Service.ServiceClient(channel).ResolveBooleanAsync(new() { FlagKey = "new-checkout" }, headers).ResponseAsync
        );
    }

    [Fact]
    public async Task It_is_of_one_environment()
    {
        using var page = Client(Role.Page);
        page.DefaultRequestHeaders.Add("Flagd-Selector", "environment=staging");
        using var answer = await PostAsync(page, "/ofrep/v1/evaluate/flags/headline", Empty);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task An_sdks_key_opens_all_of_it_as_before()
    {
        using var sdk = Client(Role.Sdk);
        using var one = await PostAsync(sdk, "/ofrep/v1/evaluate/flags/headline", Empty);
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        using var rules = await sdk.GetAsync("/client/v1/flags", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, rules.StatusCode);
        using var reported = await PostAsync(sdk, "/client/v1/events", NoEvents);
        Assert.Equal(HttpStatusCode.OK, reported.StatusCode);
    }

    private HttpClient Client(Role role)
    {
        var client = new HttpClient { BaseAddress = _server.Ofrep };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _server.Key(role: role));
        return client;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await client.PostAsync(path, content);
    }

    /// <summary>And told what to do instead.</summary>
    private static async Task RefusedAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{(int)answer.StatusCode} {body}");
        Assert.Contains("TEAL6002", body, StringComparison.Ordinal);
        Assert.Contains("--role sdk", body, StringComparison.Ordinal);
    }

    private static async Task DeniedAsync<T>(Func<Task<T>> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains("TEAL6002", refused.Status.Detail, StringComparison.Ordinal);
    }
}
