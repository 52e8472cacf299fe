using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Teal.Wire;

namespace Teal.Client;

/// <summary>What became of a request.</summary>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="RetryAfter">What the server asked for.</param>
/// <param name="Why">For a person; nothing of it is a secret.</param>
internal sealed record LinkAnswer(HttpStatusCode? Status, TimeSpan? RetryAfter, string Why)
{
    public bool IsGood => (int?)Status is >= 200 and < 300;

    /// <summary>False when the same request will be refused again.</summary>
    public bool IsWorthRepeating =>
        Status
            is null
                or HttpStatusCode.Unauthorized
                or HttpStatusCode.Forbidden
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests
        || (int)Status.Value >= 500;
}

/// <summary>The three requests that a client makes. The key goes out in their headers and nowhere else.</summary>
internal sealed partial class ServerLink : IDisposable
{
    private const int MostErrorBytes = 4 * 1024;
    private const int LongestName = 60;
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public ServerLink(TealClientOptions options)
    {
        _time = options.Time;
        _http = new HttpClient(options.Handler ?? OwnHandler(), disposeHandler: options.Handler is null)
        {
            BaseAddress = new Uri(options.Address!.AbsoluteUri.TrimEnd('/') + "/"),
            // Each request has its own limit; the stream has none but silence.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Key);
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", AgentOf(options.Name));
    }

    /// <summary>The caller disposes the response, and reads its stream.</summary>
    public Task<HttpResponseMessage> OpenStreamAsync(CancellationToken ct) =>
        _http.GetAsync("client/v1/flags", HttpCompletionOption.ResponseHeadersRead, ct);

    public Task<LinkAnswer> AcknowledgeAsync(long connection, long revision, CancellationToken ct) =>
        PostAsync(
            "client/v1/heard",
            JsonSerializer.SerializeToUtf8Bytes(new ClientHeardRequest(connection, revision), WireJson.Default.ClientHeardRequest),
            ct
        );

    public Task<LinkAnswer> ReportAsync(byte[] batch, CancellationToken ct) => PostAsync("client/v1/events", batch, ct);

    /// <summary>What a refusal says: its status, and the code that the server gives it.</summary>
    public async Task<LinkAnswer> AnswerOfAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var status = response.StatusCode;
        var code = response.IsSuccessStatusCode ? "" : await CodeOfAsync(response, ct);
        return new LinkAnswer(status, RetryAfterOf(response), $"{(int)status} {status}{code}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<LinkAnswer> PostAsync(string path, byte[] json, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(LongestAnswer, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        using var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _http.PostAsync(path, content, either.Token);
            return await AnswerOfAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new LinkAnswer(null, null, $"no answer within {LongestAnswer.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new LinkAnswer(null, null, e.Message);
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };

    /// <summary>Of the first bytes only, and nothing but the code: what answers there may be anything.</summary>
    private static async Task<string> CodeOfAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var bytes = new byte[MostErrorBytes];
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        var code = Code().Match(System.Text.Encoding.UTF8.GetString(bytes, 0, length));
        return code.Success ? $" {code.Value}" : "";
    }

    private static string AgentOf(string name)
    {
        var shown = string.Concat(name.Where(character => character is > ' ' and <= '~').Take(LongestName));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Teal.Client/{typeof(ServerLink).Assembly.GetName().Version?.ToString(3)} {shown}"
        );
    }

    private static SocketsHttpHandler OwnHandler() =>
        new()
        {
            ConnectTimeout = LongestConnect,
            // The key is for this server, and for no other that it might send us to.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };

    [GeneratedRegex("TEAL[0-9]{4}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
