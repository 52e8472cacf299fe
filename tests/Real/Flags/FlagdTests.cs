using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Teal.Server.Flags;
using Teal.Server.Flags.Flagd.SyncV1;
using V1 = Teal.Server.Flags.Flagd.EvaluationV1;
using V2 = Teal.Server.Flags.Flagd.EvaluationV2;

namespace Teal.Tests.Real.Flags;

/// <summary>flagd's services as their contracts and flagd itself have them, with a bare gRPC client.</summary>
public sealed class FlagdTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task V2_answers_every_type_and_says_when_there_is_no_value()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var flags = new V2.Service.ServiceClient(channel);
        var gold = new Struct { Fields = { ["targetingKey"] = Value.ForString("user-1"), ["plan"] = Value.ForString("gold") } };
        var boolean = await flags.ResolveBooleanAsync(new() { FlagKey = "new-checkout", Context = gold });
        Assert.Equal((true, "on", "TARGETING_MATCH"), (boolean.Value, boolean.Variant, boolean.Reason));
        Assert.Equal(("shop", 3.0), (boolean.Metadata.Fields["owner"].StringValue, boolean.Metadata.Fields["version"].NumberValue));
        var other = await flags.ResolveBooleanAsync(new() { FlagKey = "new-checkout" });
        Assert.Equal((false, "off", "DEFAULT"), (other.Value, other.Variant, other.Reason));
        Assert.Equal("Hello", (await flags.ResolveStringAsync(new() { FlagKey = "headline" })).Value);
        Assert.Equal(50, (await flags.ResolveIntAsync(new() { FlagKey = "page-size" })).Value);
        Assert.Equal(50.0, (await flags.ResolveFloatAsync(new() { FlagKey = "page-size" })).Value);
        Assert.Equal(0.85, (await flags.ResolveFloatAsync(new() { FlagKey = "price-factor" })).Value);
        var theme = await flags.ResolveObjectAsync(new() { FlagKey = "theme" });
        Assert.Equal(("#fff", 2.0), (theme.Value.Fields["ink"].StringValue, theme.Value.Fields["size"].NumberValue));
        foreach (var (key, reason) in new[] { ("sleeping", "DISABLED"), ("no-default", "DEFAULT") })
        {
            var none = await flags.ResolveBooleanAsync(new() { FlagKey = key });
            Assert.Equal((false, false, reason), (none.HasValue, none.HasVariant, none.Reason));
        }
    }

    [Fact]
    public async Task V1_answers_all_at_once_and_has_no_word_for_no_value()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var flags = new V1.Service.ServiceClient(channel);
        var all = await flags.ResolveAllAsync(new());
        Assert.Equal(["headline", "new-checkout", "page-size", "price-factor", "theme"], all.Flags.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            ("Hello", "plain", "STATIC"),
            (all.Flags["headline"].StringValue, all.Flags["headline"].Variant, all.Flags["headline"].Reason)
        );
        Assert.Equal("production", all.Metadata.Fields["flagSetId"].StringValue);
        Assert.False((await flags.ResolveBooleanAsync(new() { FlagKey = "new-checkout" })).Value);
        Assert.Equal("#fff", (await flags.ResolveObjectAsync(new() { FlagKey = "theme" })).Value.Fields["ink"].StringValue);
        await FailsAsync(StatusCode.NotFound, () => flags.ResolveBooleanAsync(new() { FlagKey = "sleeping" }));
        await FailsAsync(StatusCode.NotFound, () => flags.ResolveBooleanAsync(new() { FlagKey = "no-default" }));
    }

    [Fact]
    public async Task Errors_have_the_status_that_flagds_clients_know()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var flags = new V2.Service.ServiceClient(channel);
        await FailsAsync(StatusCode.NotFound, () => flags.ResolveBooleanAsync(new() { FlagKey = "nothing-here" }));
        await FailsAsync(StatusCode.InvalidArgument, () => flags.ResolveBooleanAsync(new() { FlagKey = "headline" }));
        await FailsAsync(StatusCode.InvalidArgument, () => flags.ResolveIntAsync(new() { FlagKey = "price-factor" }));
        await FailsAsync(StatusCode.Unknown, () => flags.ResolveBooleanAsync(new() { FlagKey = "broken" }));
        var nameless = new Struct { Fields = { ["targetingKey"] = Value.ForNumber(7) } };
        await FailsAsync(StatusCode.InvalidArgument, () => flags.ResolveStringAsync(new() { FlagKey = "headline", Context = nameless }));
        await FailsAsync(StatusCode.InvalidArgument, () => flags.ResolveStringAsync(new() { FlagKey = "headline", Context = Nested(33) }));
        // Beyond a depth protobuf itself does not read on.
        await FailsAsync(StatusCode.Unknown, () => flags.ResolveStringAsync(new() { FlagKey = "headline", Context = Nested(200) }));
        Assert.Equal("Hello", (await flags.ResolveStringAsync(new() { FlagKey = "headline", Context = Nested(32) })).Value);
        var large = new Struct { Fields = { ["a"] = Value.ForString(new string('x', 80_000)) } };
        await FailsAsync(StatusCode.ResourceExhausted, () => flags.ResolveStringAsync(new() { FlagKey = "headline", Context = large }));
    }

    [Fact]
    public async Task A_key_that_is_shown_has_to_be_right_and_none_has_to_be_shown_on_loopback()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        server.ShowHeadline("Hello staging", "staging");
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var flags = new V2.Service.ServiceClient(channel);
        var key = server.Key("staging");
        Assert.Equal("Hello", await HeadlineAsync(flags, []));
        Assert.Equal("Hello staging", await HeadlineAsync(flags, new() { { "flagd-selector", "environment=staging" } }));
        Assert.Equal("Hello staging", await HeadlineAsync(flags, new() { { "authorization", $"Bearer {key}" } }));
        Assert.Equal("Hello staging", await HeadlineAsync(flags, new() { { "x-api-key", key } }));
        await FailsAsync(StatusCode.Unauthenticated, () => HeadlineAsync(flags, new() { { "authorization", "Bearer teal_wrong" } }));
        await FailsAsync(StatusCode.Unauthenticated, () => HeadlineAsync(flags, new() { { "x-api-key", "" } }));
        Metadata another = new() { { "x-api-key", key }, { "flagd-selector", "environment=production" } };
        await FailsAsync(StatusCode.PermissionDenied, () => HeadlineAsync(flags, another));
        await FailsAsync(StatusCode.InvalidArgument, () => HeadlineAsync(flags, new() { { "flagd-selector", "source=x" } }));
        await FailsAsync(StatusCode.NotFound, () => HeadlineAsync(flags, new() { { "flagd-selector", "environment=test" } }));
    }

    [Fact]
    public async Task Sync_sends_what_clients_may_have_now_and_at_each_change()
    {
        await using var server = await FlagServer.StartAsync();
        const string client = """{"flags":{"secret":{"state":"DISABLED"}}}""";
        server.Show(FlagServer.Sample, client: client);
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var sync = new FlagSyncService.FlagSyncServiceClient(channel);
        Assert.Equal(client, (await sync.FetchAllFlagsAsync(new())).FlagConfiguration);
        Assert.Empty((await sync.GetMetadataAsync(new())).Metadata.Fields);
        using var call = sync.SyncFlags(new() { ProviderId = "weather-app" });
        var first = await NextAsync(call.ResponseStream);
        Assert.Equal(client, first.FlagConfiguration);
        Assert.Empty(first.SyncContext.Fields);
        var listener = Assert.Single(server.Board.Listeners("production"));
        Assert.Equal(FlagListenerKind.FlagdSync, listener.Kind);
        Assert.Contains("weather-app", listener.Name, StringComparison.Ordinal);
        var shown = server.Show(FlagServer.Sample, client: """{"flags":{}}""");
        Assert.Equal("""{"flags":{}}""", (await NextAsync(call.ResponseStream)).FlagConfiguration);
        await EndToEnd.Eventually.ReturnsAsync(
            () => Task.FromResult(listener.Acknowledged == shown.Revision ? listener : null),
            "what was flushed to count as taken"
        );
    }

    [Fact]
    public async Task Sync_takes_the_selector_of_the_header_before_that_of_the_request()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show("""{"flags":{}}""");
        server.Show("""{"flags":{}, "metadata":{"flagSetId":"staging"}}""", "staging");
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var sync = new FlagSyncService.FlagSyncServiceClient(channel);
        var byField = await sync.FetchAllFlagsAsync(new() { Selector = "flagSetId=staging" });
        Assert.Contains("staging", byField.FlagConfiguration, StringComparison.Ordinal);
        var byHeader = await sync.FetchAllFlagsAsync(
            new() { Selector = "flagSetId=staging" },
            new Metadata { { "flagd-selector", "environment=production" } }
        );
        Assert.DoesNotContain("staging", byHeader.FlagConfiguration, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_event_stream_is_ready_then_names_the_flags_that_changed_and_ends_with_an_error()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        using var one = new V1.Service.ServiceClient(channel).EventStream(new());
        using var two = new V2.Service.ServiceClient(channel).EventStream(new());
        Assert.Equal("provider_ready", (await NextAsync(one.ResponseStream)).Type);
        Assert.Equal("provider_ready", (await NextAsync(two.ResponseStream)).Type);
        server.ShowHeadline("Good evening");
        var (told, same) = (await NextAsync(one.ResponseStream), await NextAsync(two.ResponseStream));
        Assert.Equal(("configuration_change", "configuration_change"), (told.Type, same.Type));
        Assert.Equal(told.Data, same.Data);
        var flag = Assert.Single(told.Data.Fields["flags"].StructValue.Fields);
        Assert.Equal(("headline", "update"), (flag.Key, flag.Value.StructValue.Fields["type"].StringValue));
        // Providers come back after an error, and would wait for ever after a good end.
        server.Board.Close();
        await FailsAsync(StatusCode.Unavailable, () => NextAsync(one.ResponseStream));
        await FailsAsync(StatusCode.Unavailable, () => NextAsync(two.ResponseStream));
    }

    [Fact]
    public async Task A_stream_whose_key_is_revoked_is_told_nothing_more()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        using var channel = GrpcChannel.ForAddress(server.Flagd);
        var sync = new FlagSyncService.FlagSyncServiceClient(channel);
        using var call = sync.SyncFlags(new(), new Metadata { { "x-api-key", server.Key() } });
        await NextAsync(call.ResponseStream);
        server.Revoke();
        server.ShowHeadline("Good evening");
        await FailsAsync(StatusCode.Unauthenticated, () => NextAsync(call.ResponseStream));
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_let_go_and_holds_up_nobody()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await FlagServer.StartAsync(time);
        // More than all buffers on the way hold.
        var large = "{\"flags\":{},\"metadata\":{\"filling\":\"" + new string('x', 20 << 20) + "\"}}";
        server.Show("""{"flags":{}}""", client: large);
        using var channel = GrpcChannel.ForAddress(server.Flagd, new() { MaxReceiveMessageSize = null });
        var sync = new FlagSyncService.FlagSyncServiceClient(channel);
        using var stuck = sync.SyncFlags(new());
        await stuck.ResponseHeadersAsync;
        var listener = Assert.Single(server.Board.Listeners("production"));
        server.Show("""{"flags":{}}""");
        using var other = sync.SyncFlags(new());
        Assert.Equal("""{"flags":{}}""", (await NextAsync(other.ResponseStream)).FlagConfiguration);
        Assert.Equal(0, listener.Acknowledged);
        await EndToEnd.Eventually.ReturnsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(11));
                return Task.FromResult(server.Board.Find(listener.Id) is null ? "" : null);
            },
            "its being let go"
        );
    }

    private static Struct Nested(int depth)
    {
        var nested = new Struct { Fields = { ["a"] = Value.ForString("b") } };
        for (var level = 1; level < depth; level++)
        {
            nested = new Struct { Fields = { ["a"] = Value.ForStruct(nested) } };
        }
        return nested;
    }

    private static async Task<string> HeadlineAsync(V2.Service.ServiceClient flags, Metadata headers) =>
        (await flags.ResolveStringAsync(new() { FlagKey = "headline" }, headers)).Value;

    private static async Task<T> NextAsync<T>(IAsyncStreamReader<T> stream)
    {
        using var patience = new CancellationTokenSource(Patience);
        Assert.True(await stream.MoveNext(patience.Token), "the stream ended");
        return stream.Current;
    }

    private static Task FailsAsync<T>(StatusCode status, Func<AsyncUnaryCall<T>> call) => FailsAsync(status, async () => await call());

    private static async Task FailsAsync<T>(StatusCode status, Func<Task<T>> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(call);
        Assert.True(failure.StatusCode == status, failure.ToString());
    }
}
