using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

/// <summary>HTTP/2 at the edge, frame by frame: the goodbye, and clients that mean harm.</summary>
public sealed class Http2EdgeTests
{
    private const string H2c = "h2c://127.0.0.1:0";

    /// <summary>More than buffers on the way can hold; what an edge without limits would keep in memory.</summary>
    private const long FloodBytes = 64L << 20;

    private static readonly byte[] Answer = new byte[1 << 20];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_goodbye_comes_before_the_end_and_loses_no_request_that_was_on_its_way()
    {
        var time = new FakeTimeProvider();
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync(EdgeLimits.Default with { LameDuck = TimeSpan.FromSeconds(3) }, null, H2c, time);
        door.Publish(Door.Pool("blue", app));
        using var wire = await Http2Wire.ConnectAsync(door.Address);
        await wire.SendAsync(Http2Frame.Request(1, path: "/slow"));
        await Door.UntilAsync(() => app.Requests == 1, "the slow request is inside");

        var stopped = door.Edge.StopAsync(Door.Bound);
        await wire.SendAsync(Http2Frame.Request(3));
        // First: stop asking here, whatever was sent already is answered.
        var first = await wire.NextAsync(IsGoodbye);
        Assert.Equal((int.MaxValue, Http2Frame.NoError), (first!.LastStream, first.Error));
        await wire.SendAsync(Http2Frame.Request(5));
        Assert.NotNull(await wire.NextAsync(static frame => IsEndOf(frame, 5)));
        time.Advance(TimeSpan.FromSeconds(3));
        app.Gate.SetResult();
        Assert.NotNull(await wire.NextAsync(static frame => IsEndOf(frame, 1)));
        // Then the client, which was told, leaves; the edge waits for nobody else.
        wire.Dispose();
        await stopped;
        Assert.Equal(3, (await door.SettledAsync()).Served["v1"]);
    }

    [Fact]
    public async Task An_idle_connection_is_told_goodbye_before_it_is_closed()
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync(listen: H2c);
        door.Publish(Door.Pool("blue", app));
        using var wire = await Http2Wire.ConnectAsync(door.Address);
        await wire.SendAsync(Http2Frame.Request(1));
        Assert.NotNull(await wire.NextAsync(static frame => IsEndOf(frame, 1)));
        await door.Edge.StopAsync(Door.Bound);
        var goodbye = (await wire.RestAsync()).Last();
        Assert.Equal((Http2Frame.GoAway, 1, Http2Frame.NoError), (goodbye.Type, goodbye.LastStream, goodbye.Error));
    }

    [Fact]
    public async Task A_client_that_takes_its_requests_back_as_fast_as_it_sends_them_harms_nobody()
    {
        await using var app = await App.StartAsync("v1", StuckAsync);
        await using var door = await Door.OpenAsync(listen: H2c);
        door.Publish(Door.Pool("blue", app));
        using var wire = await Http2Wire.ConnectAsync(door.Address);
        var answers = wire.RestAsync();
        // CVE-2023-44487.
        var end = await wire.FloodAsync(static i => Enumerable.Range(100 * i, 100).SelectMany(Reset), 4 << 20, Patience);
        await IsServedAsync(door);
        // Its GOAWAY (ENHANCE_YOUR_CALM) may be lost: what the edge did not read any more resets the connection.
        Assert.True(end.IsEnded, end.ToString());
        await answers;
        wire.Dispose();
        var ledger = await door.SettledAsync();
        Assert.True(ledger.ClientGone > 0, ledger.ToString());

        static IEnumerable<Http2Frame> Reset(int i) => [Http2Frame.Request((2 * i) + 1, path: "/stuck"), Http2Frame.Reset((2 * i) + 1)];
    }

    public static TheoryData<string> Controls => ["settings", "ping"];

    [Theory]
    [MemberData(nameof(Controls))]
    public async Task Who_asks_for_answers_and_reads_none_is_not_listened_to_any_more(string kind)
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync(listen: H2c);
        door.Publish(Door.Pool("blue", app));
        using var wire = await Http2Wire.ConnectAsync(door.Address);
        var asked = kind == "ping" ? new Http2Frame(Http2Frame.Ping, 0, 0, new byte[8]) : Http2Frame.Setting(4, 65_535);
        Http2Frame[] many = [.. Enumerable.Repeat(asked, 1000)];
        var end = await wire.FloodAsync(_ => many, FloodBytes, Patience);
        Assert.True(end is { IsStuck: true } or { IsEnded: true }, end.ToString());
        await IsServedAsync(door);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    public async Task A_head_without_end_is_cut_off(int bytesOfFrame)
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync(EdgeLimits.Default with { HeadTime = TimeSpan.FromSeconds(1) }, listen: H2c);
        door.Publish(Door.Pool("blue", app));
        using var wire = await Http2Wire.ConnectAsync(door.Address);
        var answers = wire.RestAsync();
        var head = Http2Frame.Request(1);
        await wire.SendAsync(head with { Flags = 0 });
        // A literal header field, which goes on over all frames: its name alone never ends.
        Http2Frame[] more = [.. Enumerable.Repeat(new Http2Frame(Http2Frame.Continuation, 0, 1, Field(bytesOfFrame)), 100)];
        var end = await wire.FloodAsync(_ => more, long.MaxValue, Patience);
        Assert.True(end.IsEnded, end.ToString());
        await IsServedAsync(door);
        Assert.DoesNotContain(await answers, static frame => frame.Type == Http2Frame.Headers);
        Assert.Equal(1, (await door.SettledAsync()).Accepted);
    }

    [Fact]
    public async Task A_body_of_empty_frames_is_no_body_that_moves()
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync(EdgeLimits.Default with { Grace = TimeSpan.FromSeconds(1.5) }, listen: H2c);
        door.Publish(Door.Pool("blue", app));
        using var wire = await Http2Wire.ConnectAsync(door.Address);
        _ = wire.RestAsync();
        await wire.SendAsync(Http2Frame.Request(1, method: 0x83, isWhole: false));
        Http2Frame[] nothing = [.. Enumerable.Repeat(new Http2Frame(Http2Frame.Data, 0, 1, []), 100)];
        var end = await wire.FloodAsync(_ => nothing, long.MaxValue, Patience);
        Assert.True(end.IsEnded, end.ToString());
        await IsServedAsync(door);
        await door.SettledAsync();
    }

    [Fact]
    public async Task Who_opens_no_window_for_the_answer_holds_nothing_for_long()
    {
        await using var app = await App.StartAsync("v1", static (_, context) => context.Response.Body.WriteAsync(Answer).AsTask());
        await using var door = await Door.OpenAsync(EdgeLimits.Default with { Grace = TimeSpan.FromSeconds(1.5) }, listen: H2c);
        door.Publish(Door.Pool("blue", app));
        // SETTINGS_INITIAL_WINDOW_SIZE of 0, and no WINDOW_UPDATE ever.
        using var wire = await Http2Wire.ConnectAsync(door.Address, Http2Frame.Setting(4, 0));
        await wire.SendAsync(Enumerable.Range(0, 100).Select(static i => Http2Frame.Request((2 * i) + 1)));
        Assert.NotNull(await wire.NextAsync(static frame => frame.Type == Http2Frame.Headers));
        var rest = await wire.RestAsync();
        Assert.DoesNotContain(rest, static frame => frame.Type == Http2Frame.Data && frame.Payload.Length > 0);
        var ledger = await door.SettledAsync();
        Assert.True(ledger.ClientGone > 0, ledger.ToString());
    }

    private static bool IsGoodbye(Http2Frame frame) => frame.Type == Http2Frame.GoAway;

    private static bool IsEndOf(Http2Frame frame, int stream) =>
        frame.Stream == stream && frame.Type is Http2Frame.Data or Http2Frame.Headers && (frame.Flags & Http2Frame.EndStream) != 0;

    /// <summary>Answers only when nobody waits any more.</summary>
    private static async Task StuckAsync(App app, HttpContext context)
    {
        if (context.Request.Path == "/stuck")
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }
        await app.AnswerAsync(context);
    }

    /// <summary>The beginning of a header field as literal with a new name, or more bytes of it.</summary>
    private static byte[] Field(int bytes)
    {
        var field = new byte[bytes];
        Array.Fill(field, (byte)'a');
        return field;
    }

    private static async Task IsServedAsync(Door door)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, door.Address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
