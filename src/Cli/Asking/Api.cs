using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Asking;

/// <summary>The server's HTTP API, over its unix socket or TCP. Whatever goes wrong is a <see cref="CliException"/> that says what to do.</summary>
public sealed class Api : IDisposable
{
    private const int MostBytesOfAnswer = 64 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // The server flushes all of a folder to its disk before it answers.
    private const int UploadAnswerFactor = 10;

    private readonly ServerAddress _address;
    private readonly HttpClient _client;
    private readonly TimeSpan _requestTimeout;

    /// <param name="token">Sent as a bearer token; null over the socket.</param>
    public Api(ServerAddress address, string? token, TimeSpan requestTimeout)
    {
        _address = address;
        _requestTimeout = requestTimeout;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
        };
        if (address.SocketPath is not null)
        {
            handler.ConnectCallback = (_, stop) => ConnectAsync(address.SocketPath, stop);
        }
        _client = new HttpClient(handler)
        {
            BaseAddress = address.Url ?? new Uri("http://teal.sock/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostBytesOfAnswer,
        };
        if (token is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public void Dispose() => _client.Dispose();

    public static string Segment(string name) => Uri.EscapeDataString(name);

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop) =>
        AskAsync(new HttpRequestMessage(HttpMethod.Get, path), type, stop);

    public Task<T> SendAsync<TBody, T>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        CancellationToken stop
    ) => AskAsync(new HttpRequestMessage(method, path) { Content = Json(body, bodyType) }, type, stop);

    /// <summary>
    /// Sends a long body, which may take any time as long as it moves: when the server takes nothing of it for the time of one
    /// request, or does not answer within ten times that after its end, nobody waits on.
    /// </summary>
    public async Task<T> UploadAsync<T>(
        string path,
        string mediaType,
        Func<Stream, CancellationToken, Task> write,
        JsonTypeInfo<T> type,
        CancellationToken stop
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var body = new MovingContent(
            write,
            mediaType,
            isSent => limit.CancelAfter(isSent ? _requestTimeout * UploadAnswerFactor : _requestTimeout),
            limit.Token
        );
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = body };
        // Refused before the folder was sent: a server that says no closes the connection under a body it does not want.
        request.Headers.ExpectContinue = true;
        return await AskAsync(request, type, limit, () => StoodStill(body.Sent, body.IsSent), stop);
    }

    private async Task<T> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        return await AskAsync(request, type, limit, () => TimedOut(request), stop);
    }

    /// <summary>Asks and reads the whole answer.</summary>
    private async Task<T> AskAsync<T>(
        HttpRequestMessage request,
        JsonTypeInfo<T> type,
        CancellationTokenSource limit,
        Func<CliException> late,
        CancellationToken stop
    )
    {
        limit.CancelAfter(_requestTimeout);
        using var response = await OpenAsync(request, late, stop, limit.Token);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            return await JsonSerializer.DeserializeAsync(body, type, limit.Token) ?? throw NotTeal("its answer is empty");
        }
        catch (JsonException e)
        {
            throw NotTeal(e.Message);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Broken(e);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw late();
        }
    }

    /// <summary>Status of a request whose answer has no body; refusals other than 404 and 409 fail.</summary>
    public async Task<HttpStatusCode> HeadAsync(string path, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_requestTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await ExchangeAsync(request, () => TimedOut(request), stop, limit.Token);
        return response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict
            ? response.StatusCode
            : throw await RefusalAsync(response, limit.Token);
    }

    public async Task DeleteAsync(string path, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_requestTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        (await OpenAsync(request, () => TimedOut(request), stop, limit.Token)).Dispose();
    }

    /// <summary>A successful answer whose body is still to be read; the caller limits the time of that.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string path, string? lastEventId, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_requestTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }
        return await OpenAsync(request, () => TimedOut(request), stop, limit.Token);
    }

    public CliException NotTeal(string why) =>
        new(ExitCode.InternalError, "TEAL7008", $"What answers at {_address} does not speak like this teal.", why)
        {
            Next = ["teal --version", "teal doctor"],
        };

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private async Task<HttpResponseMessage> OpenAsync(
        HttpRequestMessage request,
        Func<CliException> late,
        CancellationToken stop,
        CancellationToken limit
    )
    {
        var response = await ExchangeAsync(request, late, stop, limit);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw await RefusalAsync(response, limit);
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(
        HttpRequestMessage request,
        Func<CliException> late,
        CancellationToken stop,
        CancellationToken limit
    )
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit);
        }
        // Whatever a body that was broken off fails with: it was broken off because nobody waits on.
        catch (Exception e) when (limit.IsCancellationRequested && e is OperationCanceledException or HttpRequestException or IOException)
        {
            stop.ThrowIfCancellationRequested();
            throw late();
        }
        catch (HttpRequestException e) when (SocketError(e) is { } error)
        {
            throw Unreachable(error);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Broken(e);
        }
    }

    private async Task<CliException> RefusalAsync(HttpResponseMessage response, CancellationToken limit)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(limit);
            var problem = await JsonSerializer.DeserializeAsync(body, WireJson.Default.ProblemView, limit);
            return problem is null ? Bare(response) : Refused.Of(problem);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            return Bare(response);
        }
    }

    private CliException Bare(HttpResponseMessage response) =>
        new(Refused.ExitOf((int)response.StatusCode), "TEAL7008", $"{_address} answered {(int)response.StatusCode} without a reason.")
        {
            Next = ["teal doctor"],
        };

    private static SocketError? SocketError(HttpRequestException e) => (e.InnerException as SocketException)?.SocketErrorCode;

    private CliException Unreachable(SocketError error) =>
        error is System.Net.Sockets.SocketError.AccessDenied
            ? new CliException(
                ExitCode.NotAllowed,
                "TEAL7006",
                $"This user may not use {_address}.",
                "The socket belongs to the user that runs the server."
            )
            {
                Next = ["teal doctor"],
            }
            : new CliException(ExitCode.InternalError, "TEAL7005", $"No server answers at {_address}.", Reason(error))
            {
                Next = ["teal server run", "teal doctor"],
            };

    private static string Reason(SocketError error) =>
        error switch
        {
            System.Net.Sockets.SocketError.ConnectionRefused => "Nothing listens there.",
            System.Net.Sockets.SocketError.AddressNotAvailable => "The socket does not exist.",
            System.Net.Sockets.SocketError.HostNotFound => "The host's name is not known.",
            _ => $"Connecting failed: {error}.",
        };

    private CliException Broken(Exception e) =>
        new(ExitCode.InternalError, "TEAL7009", $"The connection to {_address} broke off.", e.Message)
        {
            Next = ["teal status", "teal doctor"],
        };

    private CliException TimedOut(HttpRequestMessage request) =>
        Late(
            $"{_address} did not answer {request.Method} {PathOf(request)} within {Elapsed.Text(_requestTimeout)}.",
            "The command may have been taken: look before repeating it."
        );

    private CliException StoodStill(long sent, bool isWholeSent) =>
        Late(
            isWholeSent
                ? $"{_address} has the whole folder, {Bytes(sent)}, and did not confirm it within {Elapsed.Text(_requestTimeout * UploadAnswerFactor)}."
                : $"{_address} took nothing more of the folder for {Elapsed.Text(_requestTimeout)}, after {Bytes(sent)}.",
            "Nothing was released."
        );

    private static CliException Late(string what, string why) =>
        new(ExitCode.TimedOut, "TEAL7007", what, why) { Next = ["teal status", "teal doctor"] };

    private static string Bytes(long count) => Showing.StatusText.Bytes(count);

    private string PathOf(HttpRequestMessage request) => new Uri(_client.BaseAddress!, request.RequestUri!).AbsolutePath;

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
