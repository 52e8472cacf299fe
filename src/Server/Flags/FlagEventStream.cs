using System.Buffers;
using Microsoft.AspNetCore.Http;
using Teal.Server.Endpoints;
using Teal.Server.Views;

namespace Teal.Server.Flags;

/// <summary>
/// Server-sent events for one listener: the present state first, so that whoever was away, or came between two changes, misses none; then
/// each change. It ends when the key is revoked, when the server stops, and when the client takes nothing.
/// </summary>
internal sealed class FlagEventStream(FlagBoard board, TimeProvider time)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    /// <summary>Milliseconds after which a browser comes back.</summary>
    private static readonly byte[] Opening = "retry: 2000\n\n"u8.ToArray();

    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    private readonly FlagTurns _turns = new(time);

    /// <param name="isStillLetIn">Asked before each word: a token may be revoked meanwhile.</param>
    /// <param name="write">One event, unflushed.</param>
    public async Task StreamAsync(
        HttpContext http,
        FlagReader reader,
        FlagListenerKind kind,
        Func<bool> isStillLetIn,
        Action<HttpResponse, FlagSnapshot, FlagListener> write
    )
    {
        using var listener = board.Listen(reader.Environment, kind, NameOf(http, reader), reader.Caller?.Token);
        if (listener is null)
        {
            await Refusal(http, reader).ExecuteAsync(http);
            return;
        }
        Open(http.Response);
        do
        {
            await _turns.TakeAsync(TellAsync, http.RequestAborted);
        } while (
            await Silence.HasMoreAsync(
                listener.Changes,
                LongestSilence,
                time,
                ct => KeepAliveAsync(http, isStillLetIn, ct),
                http.RequestAborted
            ) && isStillLetIn()
        );

        async Task TellAsync()
        {
            while (isStillLetIn() && listener.Changes.TryRead(out var snapshot))
            {
                write(http.Response, snapshot, listener);
            }
            await FlushAsync(http);
        }
    }

    private IResult Refusal(HttpContext http, FlagReader reader)
    {
        if (board.Of(reader.Environment) is null)
        {
            return Problems.Of(404, "TEAL9406", "No such environment", FlagAudience.NoSuchEnvironment(reader.Environment));
        }
        http.Response.Headers.RetryAfter = "30";
        return Problems.Of(
            429,
            "TEAL9413",
            "Too many listeners",
            $"{FlagBoard.MostListeners} clients listen already, or the server stops."
        );
    }

    private static void Open(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx would keep events until it has a buffer full of them.
        response.Headers["X-Accel-Buffering"] = "no";
        response.BodyWriter.Write(Opening);
    }

    private ValueTask KeepAliveAsync(HttpContext http, Func<bool> isStillLetIn, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!isStillLetIn())
        {
            http.Abort();
            throw new OperationCanceledException(http.RequestAborted);
        }
        http.Response.BodyWriter.Write(Comment);
        return FlushAsync(http);
    }

    /// <summary>Who does not read for as long as this is let go: it comes back and is told the present state.</summary>
    private async ValueTask FlushAsync(HttpContext http)
    {
        using var late = new CancellationTokenSource(FlagListening.LongestWrite, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
        try
        {
            await http.Response.BodyWriter.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            http.Abort();
            throw;
        }
    }

    private static string NameOf(HttpContext http, FlagReader reader) =>
        FlagListening.NameOf(http, reader, http.Request.Headers.UserAgent.ToString());
}
