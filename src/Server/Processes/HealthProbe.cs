using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <param name="Listens">False when nobody accepted the connection.</param>
/// <param name="Words">Without the body, for status: <c>500 Internal Server Error in 3 ms</c>.</param>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="Response">With the beginning of the body, for the evidence of a failure.</param>
internal sealed record ProbeResult(bool IsGood, bool Listens, int? Status, string Words, string Response);

/// <summary>Asks an instance once. Each probe has its own connection, follows no redirect and reads at most 4 KiB.</summary>
internal sealed class HealthProbe(TimeProvider time) : IDisposable
{
    private const int BodyBytes = 4 << 10;

    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 16,
            ActivityHeadersPropagator = null,
        }
    );

    /// <summary>Never throws but when cancelled from outside.</summary>
    public async Task<ProbeResult> AskAsync(Uri address, UpstreamProtocol protocol, TimeSpan timeout, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var request = Request(address, protocol);
            using var response = await _http.SendAsync(request, either.Token);
            var words = $"{(int)response.StatusCode} {response.ReasonPhrase} in {Milliseconds(time.GetElapsedTime(began))}";
            if (response.IsSuccessStatusCode)
            {
                return new ProbeResult(true, true, (int)response.StatusCode, words, words);
            }
            var body = await BeginningOfBodyAsync(response, either.Token);
            return new ProbeResult(false, true, (int)response.StatusCode, words, body.Length == 0 ? words : $"{words}\n{body}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Bad(true, $"no answer within {Milliseconds(timeout)}");
        }
        catch (HttpRequestException e)
        {
            var isRefused = e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            return Bad(!isRefused, isRefused ? "connection refused" : $"no HTTP answer: {e.InnerException?.Message ?? e.Message}");
        }
        catch (IOException e)
        {
            return Bad(true, $"the answer broke off: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static ProbeResult Bad(bool listens, string words) => new(false, listens, null, words, words);

    private static HttpRequestMessage Request(Uri address, UpstreamProtocol protocol)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address) { VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Version = protocol == UpstreamProtocol.H2 ? HttpVersion.Version20 : HttpVersion.Version11;
        request.Headers.ConnectionClose = protocol == UpstreamProtocol.Http1;
        request.Headers.UserAgent.ParseAdd("teal-health/1");
        return request;
    }

    private static async Task<string> BeginningOfBodyAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var buffer = new byte[BodyBytes];
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        var count = await body.ReadAtLeastAsync(buffer, BodyBytes, throwOnEndOfStream: false, ct);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private static string Milliseconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms");
}
