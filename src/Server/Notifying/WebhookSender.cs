using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Teal.Releases;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Notifying;

/// <summary>How one attempt ended.</summary>
internal abstract record Sent
{
    public sealed record Taken : Sent;

    /// <param name="Why">Without the address.</param>
    /// <param name="IsFinal">Another attempt would end the same way.</param>
    public sealed record Refused(string Why, bool IsFinal) : Sent;
}

/// <summary>One POST to a webhook: the name is resolved once, judged and connected to as judged; redirects and answers are not followed.</summary>
internal sealed class WebhookSender : IDisposable
{
    public const string IdHeader = "Teal-Notice";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client;

    public WebhookSender(Func<int, bool> isOwnPort)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, isOwnPort, ct),
        };
        _client = new HttpClient(handler) { Timeout = Patience };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Teal", ServerFacts.Release));
    }

    public async Task<Sent> SendAsync(Notice notice, Uri address, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = Body(notice) };
        request.Headers.Add(IdHeader, notice.Id);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return Judge(answer.StatusCode);
        }
        catch (HttpRequestException e) when (e.InnerException is ForbiddenAddressException forbidden)
        {
            return new Sent.Refused(forbidden.Message, IsFinal: true);
        }
        catch (HttpRequestException e)
        {
            // The exception's own words name the host.
            return new Sent.Refused($"it was not reached ({e.HttpRequestError})", IsFinal: false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new Sent.Refused($"it did not answer within {Duration.Text(Patience)}", IsFinal: false);
        }
    }

    public void Dispose() => _client.Dispose();

    private static Sent Judge(HttpStatusCode status) =>
        (int)status switch
        {
            >= 200 and < 300 => new Sent.Taken(),
            408 or 429 or >= 500 => new Sent.Refused($"it answered {(int)status}", IsFinal: false),
            >= 300 and < 400 => new Sent.Refused($"it answered {(int)status}, and a redirect is not followed", IsFinal: true),
            _ => new Sent.Refused($"it answered {(int)status}", IsFinal: true),
        };

    private static ByteArrayContent Body(Notice notice)
    {
        var view = new NoticeView(
            StatusViews.FormatVersion,
            notice.Id,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(notice.Kind.ToString()),
            notice.Service,
            StatusViews.IdOf(notice.Service, notice.Release),
            notice.From,
            notice.To,
            notice.At,
            notice.Actor,
            notice.Code,
            notice.What,
            notice.Why
        );
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(view, WireJson.Default.NoticeView));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, Func<int, bool> isOwnPort, CancellationToken ct)
    {
        var addresses = await Dns.GetHostAddressesAsync(to.Host, ct);
        // All must be allowed: a name with a good and a bad address leads to the bad one some day.
        if (
            addresses.Select(address => WebhookAddress.WhyNot(address, to.Port, isOwnPort)).FirstOrDefault(why => why is not null) is { } no
        )
        {
            throw new ForbiddenAddressException(no);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class ForbiddenAddressException(string why) : Exception(why);
}
