using System.Text.Json;
using Teal.Releases;
using Teal.Server.Journal;
using Teal.Server.Notifying;

namespace Teal.Server;

/// <summary>How the journal becomes the state: one entry at a time, by the same machine that decided it.</summary>
public static class ServerFold
{
    /// <exception cref="JournalException">The entry is not the next one, cannot be read, or was decided otherwise.</exception>
    public static ServerState Apply(ServerState state, JournalEntry entry)
    {
        if (entry.Sequence != state.Sequence + 1)
        {
            throw new JournalException("TEAL3101", $"The journal has entry {entry.Sequence} where {state.Sequence + 1} was expected.");
        }
        var read = Read(entry);
        if (read is not ReleaseHappened happened)
        {
            return Recorded(state, entry.Service, read, entry.Sequence);
        }
        var before = Of(state, entry.Service);
        var decision = ReleaseMachine.Decide(before, happened.Event);
        // Outcomes name effects by id: when the ids part, every later entry would be misunderstood.
        if (!decision.Effects.Select(effect => effect.Id).SequenceEqual(happened.Effects.Select(effect => effect.Id)))
        {
            throw new JournalException(
                "TEAL3102",
                $"Entry {entry.Sequence} ({entry.Kind} of {entry.Service}) was decided otherwise than this Teal decides it. "
                    + "Start the Teal that wrote it, stop it in good order, and update then."
            );
        }
        return Happened(state, happened.Event, before, decision.State, entry);
    }

    /// <summary>The state after a release event that was decided just now.</summary>
    internal static ServerState Happened(
        ServerState state,
        ReleaseEvent happened,
        ServiceState before,
        ServiceState after,
        JournalEntry entry
    )
    {
        var history = state.Histories.GetValueOrDefault(entry.Service, ServiceHistory.Empty);
        return state with
        {
            Sequence = entry.Sequence,
            Services = state.Services.SetItem(entry.Service, after),
            Histories = state.Histories.SetItem(entry.Service, history.Told(before, happened, after, entry.At)),
            Notices = DueNotices.With(state.Notices, before, after, entry.Sequence, entry.At),
        };
    }

    /// <summary>The state after something that the server itself has to remember.</summary>
    internal static ServerState Recorded(ServerState state, string service, ServerEvent recorded, long sequence)
    {
        var next = state with { Sequence = sequence };
        return recorded switch
        {
            InstanceStarted it => next with { Instances = state.Instances.SetItem(it.Instance.Id, it.Instance) },
            InstanceExited it => next with { Instances = state.Instances.Remove(it.Id) },
            GateChanged it => next with { Gates = state.Gates.SetItem(service, it.Gate) },
            TokenCreated it => next with { Tokens = state.Tokens.SetItem(it.Id, it) },
            NoticeDelivered it => next with { Notices = state.Notices.RemoveAll(notice => notice.Id == it.Notice) },
            NoticeFailed it => next with { Notices = state.Notices.RemoveAll(notice => notice.Id == it.Notice) },
            TokenRevoked it => next with { Tokens = state.Tokens.Remove(it.Id) },
            _ => throw new ArgumentException($"{recorded.GetType().Name} is not recorded.", nameof(recorded)),
        };
    }

    internal static ServiceState Of(ServerState state, string service) =>
        state.Services.TryGetValue(service, out var known) ? known : ServiceState.New(service);

    private static ServerEvent Read(JournalEntry entry)
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Body, JournalJson.Default.ServerEvent) ?? throw new JsonException("The body is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new JournalException(
                "TEAL3103",
                $"Entry {entry.Sequence} of the journal ({entry.Kind} of {entry.Service}) cannot be read: {e.Message} "
                    + "A newer Teal may have written it: start that one, or restore a backup with `teal server restore`.",
                e
            );
        }
    }
}
