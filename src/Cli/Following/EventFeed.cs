using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Teal.Cli.Asking;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>Which events, and how they are read.</summary>
/// <param name="Query">Of the stream: <c>service=shop</c>.</param>
internal sealed record EventKind<T>(string Query, JsonTypeInfo<T> Type, Func<T, long> SequenceOf)
    where T : class;

/// <summary>Both kinds of events that there are.</summary>
internal static class EventKinds
{
    public static EventKind<EventView> Releases(string service) =>
        new($"service={Api.Segment(service)}", WireJson.Default.EventView, happened => happened.Sequence);

    public static EventKind<RolloutEventView> Rollouts(string environment, string flag) =>
        new(
            $"environment={Api.Segment(environment)}&flag={Api.Segment(flag)}",
            WireJson.Default.RolloutEventView,
            happened => happened.Sequence
        );
}

/// <summary>
/// Events of one kind in order, each once. A stream that ends or falls silent (the server restarts) is opened again behind the
/// last event that was seen, for as long as the caller wants to wait.
/// </summary>
internal sealed class EventFeed<T>(Api api, EventKind<T> kind, long after, TimeProvider time) : IDisposable
    where T : class
{
    private const int MostCharactersOfEvent = 4 << 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // The server says something at least every 15 s, if only a comment.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private long _last = after;
    private HttpResponseMessage? _response;
    private StreamReader? _reader;
    private TimeSpan _pause = FirstPause;

    /// <summary>Called once when the server went away, with the reason, and once when it is back.</summary>
    public Action<string> WhenLost { get; init; } = _ => { };
    public Action WhenFound { get; init; } = () => { };

    private bool _isLost;

    public async Task<T> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                if (await ReadAsync(stop) is { } happened && kind.SequenceOf(happened) > _last)
                {
                    _last = kind.SequenceOf(happened);
                    return happened;
                }
            }
            catch (Exception e) when (IsPassing(e) && !stop.IsCancellationRequested)
            {
                Close();
                Lost(e.Message);
                await Task.Delay(_pause, time, stop);
                _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            }
        }
    }

    public void Dispose() => Close();

    private async Task<T?> ReadAsync(CancellationToken stop)
    {
        var reader = _reader ?? await OpenAsync(stop);
        using var silence = new CancellationTokenSource(LongestSilence, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Token);
        var data = new StringBuilder();
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            silence.CancelAfter(LongestSilence);
            if (line.Length == 0 && data.Length > 0)
            {
                return Parse(data.ToString());
            }
            Take(line, data);
        }
        throw new IOException("the stream of events ended");
    }

    private static void Take(string line, StringBuilder data)
    {
        if (!line.StartsWith("data:", StringComparison.Ordinal))
        {
            return;
        }
        if (data.Length + line.Length > MostCharactersOfEvent)
        {
            throw new IOException("an event is too large");
        }
        data.Append(line.AsSpan(5).TrimStart(' ')).Append('\n');
    }

    private T Parse(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, kind.Type) ?? throw api.NotTeal("an event is empty");
        }
        catch (JsonException e)
        {
            throw api.NotTeal(e.Message);
        }
    }

    private async Task<StreamReader> OpenAsync(CancellationToken stop)
    {
        var last = _last.ToString(CultureInfo.InvariantCulture);
        _response = await api.StreamAsync($"api/v1/events?{kind.Query}&after={last}", last, stop);
        _reader = new StreamReader(await _response.Content.ReadAsStreamAsync(stop), Encoding.UTF8);
        _pause = FirstPause;
        if (_isLost)
        {
            _isLost = false;
            WhenFound();
        }
        return _reader;
    }

    private void Lost(string why)
    {
        if (!_isLost)
        {
            _isLost = true;
            WhenLost(why);
        }
    }

    private void Close()
    {
        _reader?.Dispose();
        _response?.Dispose();
        (_reader, _response) = (null, null);
    }

    // A restart looks like this: refused, broken off, 503, silence. A refusal by name (no such service, no right) does not pass.
    private static bool IsPassing(Exception e) =>
        e is IOException or HttpRequestException or OperationCanceledException
        || e is CliException { Exit: ExitCode.InternalError or ExitCode.TimedOut, Code: not "TEAL7008" };
}
