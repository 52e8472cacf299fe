using System.Globalization;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Text;

namespace Shoppers;

/// <summary>The long conversations: a WebSocket and an event stream, each coming back when it is asked to.</summary>
internal static class Streams
{
    private const WebSocketCloseStatus ServiceRestart = (WebSocketCloseStatus)1012;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Sends numbered messages and waits for each echo. One that is under way at a 1012 is sent again on the next socket.</summary>
    public static async Task ChatAsync(ShoppersOptions options, Tally tally, CancellationToken stopping)
    {
        long message = 1;
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            var started = tally.Start();
            try
            {
                message = await ChatOnOneSocketAsync(options, tally, message, started, stopping);
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException)
            {
                var why = e is WebSocketException w ? $"{w.WebSocketErrorCode}: {w.Message}" : Client.Why(e);
                tally.Answered("websocket", null, started, Outcome.Reset, why);
            }
            catch (TimeoutException)
            {
                tally.ChatLost();
                tally.Answered("websocket", null, started, Outcome.Failed, "no echo");
                message++;
            }
            tally.Reconnected();
            await Task.Delay(_pause, stopping);
        }
    }

    /// <summary>Reads ticks, which count up by one, over as many connections as it takes.</summary>
    public static async Task ListenAsync(ShoppersOptions options, Tally tally, CancellationToken stopping)
    {
        long last = 0;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        while (true)
        {
            var started = tally.Start();
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.Url, "/events"));
                request.Headers.Add("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture));
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
                if (!response.IsSuccessStatusCode)
                {
                    tally.Answered("events", null, started, Outcome.Failed, $"{(int)response.StatusCode}");
                }
                else
                {
                    last = await ReadTicksAsync(response, tally, last, stopping);
                    tally.Answered("events", VersionOf(response), started, Outcome.Ok);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                tally.Answered("events", null, started, Outcome.Reset, Client.Why(e));
            }
            tally.Reconnected();
            await Task.Delay(_pause, stopping);
        }
    }

    /// <returns>The next message's number, after the other side said goodbye.</returns>
    private static async Task<long> ChatOnOneSocketAsync(
        ShoppersOptions options,
        Tally tally,
        long message,
        long started,
        CancellationToken stopping
    )
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(new Uri(options.Url, "/ws")) { Scheme = options.Url.Scheme == "https" ? "wss" : "ws" }.Uri;
        await socket.ConnectAsync(address, stopping);
        var buffer = new byte[1024];
        for (; ; message++)
        {
            var text = $"message {message}";
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, stopping);
            var received = await socket.ReceiveAsync(buffer.AsMemory(), stopping).AsTask().WaitAsync(options.Patience, stopping);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                // What was under way goes again: the other side was asked to close, not to answer.
                tally.ChattedAgain();
                await SayGoodbyeAsync(socket, tally, started, stopping);
                return message;
            }
            var echo = Encoding.UTF8.GetString(buffer, 0, received.Count);
            if (!echo.EndsWith(' ' + text, StringComparison.Ordinal))
            {
                tally.ChatLost();
            }
            tally.Chatted();
            await Task.Delay(options.Think, stopping);
        }
    }

    private static async Task SayGoodbyeAsync(ClientWebSocket socket, Tally tally, long started, CancellationToken stopping)
    {
        var status = socket.CloseStatus;
        var isPolite = status is ServiceRestart or WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable;
        tally.Answered("websocket", null, started, isPolite ? Outcome.Ok : Outcome.Failed, isPolite ? null : $"closed with {(int?)status}");
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stopping);
    }

    private static async Task<long> ReadTicksAsync(HttpResponseMessage response, Tally tally, long last, CancellationToken stopping)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stopping);
        await foreach (var tick in SseParser.Create(stream).EnumerateAsync(stopping))
        {
            var number = long.TryParse(tick.EventId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : last;
            tally.Ticked(missed: Math.Abs(number - last - 1));
            last = number;
        }
        return last;
    }

    private static string? VersionOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(Client.VersionHeader, out var values) ? values.First() : null;
}
