using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Teal.Flags;

namespace Teal.Tests.Real.Traffic;

public sealed class DrainTests
{
    [Fact]
    public async Task A_long_request_over_the_swap_ends_with_the_version_that_has_it()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        var slow = door.Client.GetStringAsync("/slow");
        await Door.UntilAsync(() => blue.Requests == 1, "the request is inside");

        door.Publish(Door.Pool("green", green));
        var drain = door.DrainAsync("blue");
        Assert.Equal("v2", await door.Client.GetStringAsync("/"));
        Assert.False(drain.IsCompleted);
        blue.Gate.SetResult();

        Assert.Equal("v1", await slow);
        var report = await drain;
        Assert.Equal((0, 0), (report.CutCount, report.StillInside));
        var ledger = await door.SettledAsync();
        Assert.Equal((1, 1), (ledger.Served["v1"], ledger.Served["v2"]));
    }

    [Fact]
    public async Task What_is_inside_at_the_deadline_is_cut_and_named_without_its_query()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        var slow = door.Client.GetAsync("/slow?card=4111");
        await Door.UntilAsync(() => blue.Requests == 1, "the request is inside");
        door.Publish(Door.Pool("green", green));

        var report = await door.DrainAsync("blue", deadline: TimeSpan.FromMilliseconds(100));

        var cut = Assert.Single(report.Cut);
        Assert.Equal(("GET", "/slow", "v1"), (cut.Method, cut.Path, cut.Version));
        // Since it was accepted. A timer counts coarse ticks and may be some milliseconds early.
        Assert.True(cut.Age >= TimeSpan.FromMilliseconds(90), cut.ToString());
        using var answer = await slow;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("TEAL4023", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var ledger = await door.SettledAsync();
        Assert.Equal((1, 1), (ledger.CutCount, ledger.Cut.Count));
        Assert.Equal(0, door.Plane.Evidence(Door.Service, "v1").Errors);
    }

    [Fact]
    public async Task A_slot_with_a_share_is_never_drained()
    {
        await using var blue = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));

        await Assert.ThrowsAsync<InvalidOperationException>(() => door.DrainAsync("blue"));
    }

    [Fact]
    public async Task An_upload_that_trickles_over_the_swap_arrives_whole_at_the_version_that_has_it()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        using var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n");
        await client.SendAsync("0123456789");
        await Door.UntilAsync(() => blue.Requests == 1, "the upload is inside");

        door.Publish(Door.Pool("green", green));
        var drain = door.DrainAsync("blue");
        await client.SendAsync("0123456789");
        Assert.Equal("v2", await door.Client.GetStringAsync("/"));
        Assert.False(drain.IsCompleted);
        await client.SendAsync("0123456789");

        Assert.StartsWith(
            "HTTP/1.1 200",
            await client.ReadUntilAsync(static text => text.Contains("v1", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Equal(0, (await drain).CutCount);
        Assert.Equal("012345678901234567890123456789", Assert.Single(blue.Bodies));
    }

    [Fact]
    public async Task An_event_stream_ends_after_a_whole_event_and_cleanly()
    {
        await using var blue = await App.StartAsync("v1", StreamEventsAsync);
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        using var answer = await door.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("data: first", await reader.ReadLineAsync());

        door.Publish(Door.Pool("green", green));
        var report = await door.DrainAsync("blue", connections: TimeSpan.FromMilliseconds(50));

        // Half of an event was sent whenever the drain began: the other half came later and was waited for.
        Assert.Matches(@"\A\ndata: second half\n\n(data: third half\n\n)*\z", await reader.ReadToEndAsync());
        Assert.Equal((0, 1), (report.CutCount, report.ConnectionsEnded));
        Assert.Equal(1, (await door.SettledAsync()).Served["v1"]);
        Assert.Equal(0, door.Plane.Evidence(Door.Service, "v1").Latency.Count);
    }

    [Fact]
    public async Task A_WebSocket_is_told_1012_on_both_sides_and_frames_before_it_arrive()
    {
        WebSocketCloseStatus? toldApp = null;
        await using var blue = await App.StartAsync("v1", async (app, context) => toldApp = await EchoAsync(context));
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(door.Address.ToString().Replace("http", "ws", StringComparison.Ordinal)), CancellationToken.None);
        Assert.Equal("hello", await AskAsync(socket, "hello"));

        door.Publish(Door.Pool("green", green));
        var drain = door.DrainAsync("blue", connections: TimeSpan.FromMilliseconds(50));
        var buffer = new byte[100];
        var close = await socket.ReceiveAsync(buffer, CancellationToken.None);

        Assert.Equal(WebSocketMessageType.Close, close.MessageType);
        Assert.Equal(1012, (int)close.CloseStatus!);
        var report = await drain;
        Assert.Equal((0, 1, 0), (report.CutCount, report.ConnectionsEnded, report.StillInside));
        await Door.UntilAsync(() => toldApp is not null, "the application was told");
        Assert.Equal(1012, (int)toldApp!);
        Assert.Equal(1, (await door.SettledAsync()).Served["v1"]);
    }

    [Fact]
    public async Task A_client_that_says_goodbye_after_the_application_has_left_still_finds_its_connection()
    {
        var appIsGone = new TaskCompletionSource();
        await using var blue = await App.StartAsync(
            "v1",
            async (app, context) =>
            {
                await EchoAsync(context);
                context.Response.OnCompleted(() => Task.FromResult(appIsGone.TrySetResult()));
            }
        );
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync(change: static options => options with { Goodbye = 2 * Door.Bound });
        door.Publish(Door.Pool("blue", blue));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(door.Address.ToString().Replace("http", "ws", StringComparison.Ordinal)), CancellationToken.None);
        Assert.Equal("hello", await AskAsync(socket, "hello"));
        door.Publish(Door.Pool("green", green));
        var drain = door.DrainAsync("blue", connections: TimeSpan.FromMilliseconds(50));
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[100], CancellationToken.None)).MessageType);
        await appIsGone.Task.WaitAsync(Door.Bound);

        // What it was about to say when it was told: a connection closed under it answers with a reset, and the next word fails.
        for (var late = 0; late < 5; late++)
        {
            await socket.SendAsync("late"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal(WebSocketState.Closed, socket.State);
        Assert.Equal((0, 0), ((await drain).CutCount, (await drain).StillInside));
    }

    [Fact]
    public async Task Frames_of_a_WebSocket_go_through_byte_for_byte()
    {
        var heard = new TaskCompletionSource<string>();
        using var app = new RawApp(
            async (socket, head) =>
            {
                await RawApp.SendAsync(socket, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                var buffer = new byte[4];
                for (var at = 0; at < 4; )
                {
                    at += await socket.ReceiveAsync(buffer.AsMemory(at));
                }
                heard.SetResult(Convert.ToHexString(buffer));
                await socket.SendAsync(new byte[] { 0x82, 0x02, 0xff, 0x00, 0x89, 0x00 });
            }
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, app.Address));
        using var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync(
            "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        await client.ReadUntilAsync(static text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        await client.SendAsync([0x81, 0x81]);
        await client.SendAsync([0x01, 0x02]);

        Assert.Equal("81810102", await heard.Task);
        Assert.Equal("8202FF008900", Convert.ToHexString(await client.ReadBytesAsync(6)));
    }

    [Fact]
    public async Task A_stream_over_HTTP2_goes_on_over_the_swap()
    {
        await using var blue = await App.StartAsync("v1", StreamDuplexAsync, protocols: HttpProtocols.Http2);
        await using var green = await App.StartAsync("v2", protocols: HttpProtocols.Http2);
        await using var door = await Door.OpenAsync(listen: "h2c://127.0.0.1:0");
        door.Publish(Door.Pool("blue", blue, isHttp2: true));
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        var pipe = new System.IO.Pipelines.Pipe();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Address, "/shop.Orders/Watch"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new FlushedContent(pipe.Reader),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        var asked = client.SendAsync(request, CancellationToken.None);
        await pipe.Writer.WriteAsync("one"u8.ToArray());
        using var answer = await asked;
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.Equal("one", await ReadAsync(body, 3));

        door.Publish(Door.Pool("green", green, isHttp2: true));
        var drain = door.DrainAsync("blue");
        await pipe.Writer.WriteAsync("two"u8.ToArray());
        Assert.Equal("two", await ReadAsync(body, 3));
        Assert.False(drain.IsCompleted);
        await pipe.Writer.CompleteAsync();
        Assert.Equal("", await ReadAsync(body, 1));

        Assert.Equal(0, (await drain).CutCount);
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal(1, (await door.SettledAsync()).Served["v1"]);
    }

    private static async Task StreamEventsAsync(App app, HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: first\n\ndata: second");
        await context.Response.Body.FlushAsync();
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await Task.Delay(100, context.RequestAborted);
            await context.Response.WriteAsync(" half\n\ndata: third");
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task StreamDuplexAsync(App app, HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.AppendTrailer("grpc-status", "0");
        var buffer = new byte[100];
        while (await context.Request.Body.ReadAsync(buffer) is var read and > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task<WebSocketCloseStatus?> EchoAsync(HttpContext context)
    {
        var upgrade = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature>()!;
        var key = context.Request.Headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        context.Response.Headers["Sec-WebSocket-Accept"] = Convert.ToBase64String(
#pragma warning disable CA5350 // RFC 6455 wants SHA-1.
            System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key))
#pragma warning restore CA5350
        );
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
        using var socket = WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[1000];
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(got.CloseStatus!.Value, got.CloseStatusDescription, CancellationToken.None);
                return got.CloseStatus;
            }
            await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, CancellationToken.None);
        }
    }

    private static async Task<string> AskAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[1000];
        var count = 0;
        for (var isWhole = false; !isWhole; )
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(count), CancellationToken.None);
            count += got.Count;
            isWhole = got.EndOfMessage;
        }
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    /// <summary>So many bytes, or fewer when the stream ends.</summary>
    private static async Task<string> ReadAsync(Stream stream, int count)
    {
        var buffer = new byte[count];
        using var bound = new CancellationTokenSource(Door.Bound);
        return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false, bound.Token));
    }

    /// <summary>HttpClient keeps small writes over HTTP/2 back until it is told.</summary>
}
