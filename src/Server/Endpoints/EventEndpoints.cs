using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;
using Teal.Server.Journal;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>The journal as a live stream (SSE): an event's id is its sequence, and a listener that was away resumes by it.</summary>
public static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/events", ListenAsync)
            .WithName("listen")
            .WithSummary("Live events, as server-sent events; Last-Event-ID or after resumes.")
            .Produces<EventView>(200, "text/event-stream");

    private static async Task<IResult> ListenAsync(
        string? service,
        string? flag,
        string? environment,
        long? after,
        HttpContext context,
        EventHub hub,
        EventWriter writer,
        IFlagShares shares,
        CancellationToken ct
    )
    {
        if (hub.Listen() is not { } channel)
        {
            return Problems.Of(503, "TEAL8208", "Too many listeners", "256 event streams are open already.");
        }
        try
        {
            var last = long.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var id) ? id : after;
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            var rollout = flag is null ? (RolloutKey?)null : new RolloutKey(environment ?? shares.DefaultEnvironment, flag);
            await writer.WriteAsync(context.Response, channel.Reader, new EventFilter(service, rollout), last, ct);
        }
        finally
        {
            hub.Leave(channel);
        }
        return Results.Empty;
    }
}

/// <summary>Writes one listener's stream until it leaves or the server stops.</summary>
/// <param name="journal">Where the journal's file is.</param>
public sealed class EventWriter(string journal, EventTexts texts, TimeProvider time)
{
    /// <summary>A comment is sent in a silence as long as this: listeners and proxies tell a quiet stream from a dead one by it.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    /// <param name="after">What the listener has seen already; null: only what comes from now on.</param>
    public async Task WriteAsync(
        HttpResponse response,
        ChannelReader<JournalEntry> live,
        EventFilter filter,
        long? after,
        CancellationToken ct
    )
    {
        await response.Body.WriteAsync(Comment, ct);
        // Listening began before the journal is read, so nothing falls between the two; what is read here is skipped there.
        var last = after ?? 0;
        foreach (var entry in after is { } seen ? Missed(seen) : [])
        {
            last = entry.Sequence;
            await WriteAsync(response, entry, filter, ct);
        }
        await response.Body.FlushAsync(ct);
        while (await Silence.HasMoreAsync(live, LongestSilence, time, rest => TellAliveAsync(response, rest), ct))
        {
            while (live.TryRead(out var entry))
            {
                if (entry.Sequence > last)
                {
                    await WriteAsync(response, entry, filter, ct);
                }
            }
            await response.Body.FlushAsync(ct);
        }
    }

    private static async ValueTask TellAliveAsync(HttpResponse response, CancellationToken ct)
    {
        await response.Body.WriteAsync(Comment, ct);
        await response.Body.FlushAsync(ct);
    }

    private IEnumerable<JournalEntry> Missed(long after)
    {
        using var read = JournalReader.Open(journal);
        while (read.ReadAfter(after) is { Count: > 0 } page)
        {
            foreach (var entry in page)
            {
                // On disk and not in the state yet: told now it would come with an old status. It comes live in a moment.
                if (entry.Sequence > texts.Sequence)
                {
                    yield break;
                }
                yield return entry;
            }
            after = page[^1].Sequence;
        }
    }

    private async ValueTask WriteAsync(HttpResponse response, JournalEntry entry, EventFilter filter, CancellationToken ct)
    {
        if (texts.Of(entry, filter) is { } text)
        {
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
        }
    }
}
