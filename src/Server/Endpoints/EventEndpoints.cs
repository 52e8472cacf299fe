using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Journal;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>The journal as a live stream: an event's id is its sequence, and a listener that was away resumes by it.</summary>
public static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet(
            "/events",
            (
                string? service,
                long? after,
                HttpContext context,
                EventHub hub,
                StateFolder folder,
                ServiceReader reader,
                CancellationToken ct
            ) =>
            {
                var last = long.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var id) ? id : after;
                var stream = new EventStream(hub, folder, reader, service);
                return hub.Listen() is { } channel
                    ? TypedResults.ServerSentEvents(stream.ReadAsync(channel, last, ct))
                    : Problems.Of(503, "TEAL8208", "Too many listeners", "256 event streams are open already.");
            }
        );

    private sealed class EventStream(EventHub hub, StateFolder folder, ServiceReader reader, string? service)
    {
        public async IAsyncEnumerable<SseItem<string>> ReadAsync(
            System.Threading.Channels.Channel<JournalEntry> channel,
            long? after,
            [EnumeratorCancellation] CancellationToken ct
        )
        {
            try
            {
                // Listening began before this reading, so nothing falls between; what is read here is skipped there.
                var last = after ?? long.MaxValue;
                foreach (var entry in after is null ? [] : Missed(last))
                {
                    last = entry.Sequence;
                    if (ItemOf(entry) is { } item)
                    {
                        yield return item;
                    }
                }
                await foreach (var entry in channel.Reader.ReadAllAsync(ct))
                {
                    if ((after is null || entry.Sequence > last) && ItemOf(entry) is { } item)
                    {
                        yield return item;
                    }
                }
            }
            finally
            {
                hub.Leave(channel);
            }
        }

        private IEnumerable<JournalEntry> Missed(long after)
        {
            using var journal = JournalReader.Open(folder.Journal);
            while (journal.ReadAfter(after) is { Count: > 0 } page)
            {
                foreach (var entry in page)
                {
                    yield return entry;
                }
                after = page[^1].Sequence;
            }
        }

        private SseItem<string>? ItemOf(JournalEntry entry)
        {
            if (
                entry.Service.Length == 0
                || (service is not null && entry.Service != service)
                || reader.Status(entry.Service) is not { } status
            )
            {
                return null;
            }
            var view = new EventView(entry.Sequence, entry.At, entry.Service, entry.Kind, entry.Actor, entry.Reason, status);
            return new SseItem<string>(JsonSerializer.Serialize(view, WireJson.Default.EventView))
            {
                EventId = entry.Sequence.ToString(CultureInfo.InvariantCulture),
            };
        }
    }
}
