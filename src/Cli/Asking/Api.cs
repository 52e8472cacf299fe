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

    /// <summary>Sends a long body; how long that may take is the caller's to say.</summary>
    public Task<T> UploadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken stop) =>
        AskAsync(request, type, Timeout.InfiniteTimeSpan, stop);

    private Task<T> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken stop) =>
        AskAsync(request, type, _requestTimeout, stop);

    /// <summary>Asks and reads the whole answer.</summary>
    private async Task<T> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        using var response = await OpenAsync(request, stop, limit.Token);
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
            throw TimedOut();
        }
    }

    /// <summary>Status of a request whose answer has no body; refusals other than 404 and 409 fail.</summary>
    public async Task<HttpStatusCode> HeadAsync(string path, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_requestTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await ExchangeAsync(request, stop, limit.Token);
        return response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict
            ? response.StatusCode
            : throw await RefusalAsync(response, limit.Token);
    }

    public async Task DeleteAsync(string path, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_requestTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        (await OpenAsync(request, stop, limit.Token)).Dispose();
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
        return await OpenAsync(request, stop, limit.Token);
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

    private async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken stop, CancellationToken limit)
    {
        var response = await ExchangeAsync(request, stop, limit);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw await RefusalAsync(response, limit);
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(HttpRequestMessage request, CancellationToken stop, CancellationToken limit)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit);
        }
        catch (HttpRequestException e) when (SocketError(e) is { } error)
        {
            throw Unreachable(error);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Broken(e);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw TimedOut();
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

    private CliException TimedOut() =>
        new(
            ExitCode.TimedOut,
            "TEAL7007",
            $"{_address} did not answer within {Elapsed.Text(_requestTimeout)}.",
            "The command may have been taken: look before repeating it."
        )
        {
            Next = ["teal status"],
        };

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
