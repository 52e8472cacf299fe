using System.Net;
using System.Net.Sockets;

namespace Shoppers;

/// <summary>
/// One client with at most one connection, used for one request at a time. It follows every connection it opens: .NET repeats a GET
/// by itself when a kept connection turns out to be closed, and a POST in the same place would have been lost. So a connection that
/// went away without <c>Connection: close</c> counts as a reset, although the answer looks good.
/// </summary>
internal sealed class Client : IDisposable
{
    public const string VersionHeader = "X-Shop-Version";

    private readonly Tally _tally;
    private readonly TimeSpan _patience;
    private readonly HttpMessageInvoker _http;
    public bool KeepsAlive { get; }
    private int _connects;
    private int _expectedConnects = 1;

    public Client(ShoppersOptions options, Tally tally, bool keepsAlive)
    {
        _tally = tally;
        _patience = options.Patience;
        KeepsAlive = keepsAlive;
        _http = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                MaxConnectionsPerServer = 1,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                PooledConnectionLifetime = keepsAlive ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
                UseCookies = keepsAlive,
                UseProxy = false,
                AllowAutoRedirect = false,
                ConnectCallback = ConnectAsync,
            }
        );
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends, reads the whole answer and counts it.</summary>
    /// <returns>The body of a good answer, else null; and the status, 0 when there was none.</returns>
    public async Task<(byte[]? Body, int Status)> AskAsync(string kind, HttpRequestMessage request, CancellationToken stopping)
    {
        var started = _tally.Start();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(_patience);
        try
        {
            using var response = await _http.SendAsync(request, patience.Token);
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            return Count(kind, started, response, body);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            _tally.Answered(kind, null, started, Outcome.Failed, $"no answer within {_patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            _tally.Answered(kind, null, started, Outcome.Reset, Why(e));
        }
        Forget();
        return (null, 0);
    }

    public static string Why(Exception e) =>
        e switch
        {
            HttpRequestException { InnerException: { } inner } outer => $"{outer.HttpRequestError} ({Why(inner)})",
            HttpRequestException outer => outer.HttpRequestError.ToString(),
            IOException { InnerException: SocketException socket } => socket.SocketErrorCode.ToString(),
            SocketException socket => socket.SocketErrorCode.ToString(),
            _ => e.Message,
        };

    private (byte[]? Body, int Status) Count(string kind, long started, HttpResponseMessage response, byte[] body)
    {
        var version = response.Headers.TryGetValues(VersionHeader, out var values) ? values.First() : null;
        var status = (int)response.StatusCode;
        var isSurprise = KeepsAlive && Volatile.Read(ref _connects) > _expectedConnects;
        if (response.Headers.ConnectionClose == true)
        {
            Forget();
        }
        else
        {
            _expectedConnects = Volatile.Read(ref _connects);
        }
        if (isSurprise)
        {
            _tally.Answered(kind, version, started, Outcome.Reset, ShoppersReport.ClosedSilently);
            return (response.IsSuccessStatusCode ? body : null, status);
        }
        if (response.IsSuccessStatusCode)
        {
            var isShop = version is not null;
            _tally.Answered(kind, version, started, isShop ? Outcome.Ok : Outcome.Failed, isShop ? null : "a good answer, not the shop's");
            return (body, status);
        }
        var outcome = version is not null && status >= 500 ? Outcome.AppError : Outcome.Failed;
        _tally.Answered(kind, version, started, outcome, $"{status}{(version is null ? " from before the shop" : $" from {version}")}");
        return (null, status);
    }

    /// <summary>The next request may open a connection of its own.</summary>
    private void Forget() => _expectedConnects = Volatile.Read(ref _connects) + 1;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        Interlocked.Increment(ref _connects);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
