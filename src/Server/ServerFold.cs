using System.Text.Json;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Flags;
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
        switch (Read(entry))
        {
            case ReleaseHappened it:
                var service = Of(state, entry.Service);
                var decision = ReleaseMachine.Decide(service, it.Event);
                RequireSame(entry, decision.Effects.Select(effect => effect.Id), it.Effects.Select(effect => effect.Id));
                return Happened(state, it.Event, service, decision.State, entry);
            case RolloutHappened it:
                var rollout = Of(state, new RolloutKey(it.Environment, it.Flag));
                var decided = RolloutMachine.Decide(rollout, it.Event);
                RequireSame(entry, decided.Effects.Select(effect => effect.Id), it.Effects.Select(effect => effect.Id));
                return Happened(state, it.Event, rollout, decided.State, entry);
            case var recorded:
                return Recorded(state, recorded, entry);
        }
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
        var (notices, dropped) = DueNotices.With(state.Notices, before, after, entry.Sequence, entry.At);
        return state with
        {
            Sequence = entry.Sequence,
            Services = state.Services.SetItem(entry.Service, after),
            Histories = state.Histories.SetItem(entry.Service, history.Told(before, happened, after, entry.At)),
            Notices = notices,
            DroppedNotices = state.DroppedNotices + dropped,
        };
    }

    /// <summary>The state after a rollout's event that was decided just now.</summary>
    internal static ServerState Happened(
        ServerState state,
        RolloutEvent happened,
        RolloutState before,
        RolloutState after,
        JournalEntry entry
    )
    {
        var key = after.Key.ToString();
        var history = state.RolloutHistories.GetValueOrDefault(key, RolloutHistory.Empty);
        return state with
        {
            Sequence = entry.Sequence,
            Rollouts = state.Rollouts.SetItem(key, after),
            RolloutHistories = state.RolloutHistories.SetItem(key, history.Told(before, happened, after, entry.At)),
        };
    }

    /// <summary>The state after something that the server itself has to remember.</summary>
    internal static ServerState Recorded(ServerState state, ServerEvent recorded, JournalEntry entry)
    {
        var next = state with { Sequence = entry.Sequence };
        return recorded switch
        {
            InstanceStarted it => next with { Instances = state.Instances.SetItem(it.Instance.Id, it.Instance) },
            InstanceExited it => next with { Instances = state.Instances.Remove(it.Id) },
            GateChanged it => next with { Gates = state.Gates.SetItem(entry.Service, it.Gate) },
            TokenCreated it => next with { Tokens = state.Tokens.SetItem(it.Id, it) },
            NoticeDelivered it => next with { Notices = state.Notices.RemoveAll(notice => notice.Id == it.Notice) },
            NoticeFailed it => next with { Notices = state.Notices.RemoveAll(notice => notice.Id == it.Notice) },
            TokenRevoked it => next with { Tokens = state.Tokens.Remove(it.Id) },
            FlagsChanged or FlagFileTaken or FlagDocumentTaken or FlagDocumentLeft => next with
            {
                Flags = FlagsAfter(state.Flags, recorded, entry),
            },
            _ => throw new ArgumentException($"{recorded.GetType().Name} is not recorded.", nameof(recorded)),
        };
    }

    /// <summary>The state after a change of flags that was made just now.</summary>
    internal static ServerState Changed(ServerState state, FlagBook after, JournalEntry entry) =>
        state with
        {
            Sequence = entry.Sequence,
            Flags = after,
        };

    internal static ServiceState Of(ServerState state, string service) =>
        state.Services.TryGetValue(service, out var known) ? known : ServiceState.New(service);

    internal static RolloutState Of(ServerState state, RolloutKey key) =>
        state.Rollouts.TryGetValue(key.ToString(), out var known) ? known : RolloutState.New(key);

    private static FlagBook FlagsAfter(FlagBook flags, ServerEvent recorded, JournalEntry entry)
    {
        var outcome = flags.After(recorded, entry.Sequence, entry.At);
        // They were checked before they were written down: another answer now means that another Teal wrote them.
        return outcome.Book
            ?? throw new JournalException(
                "TEAL3102",
                $"Entry {entry.Sequence} changed flags in a way that this Teal refuses: {string.Join("; ", outcome.Problems)} "
                    + "Start the Teal that wrote it, stop it in good order, and update then."
            );
    }

    /// <summary>Outcomes name effects by id: when the ids part, every later entry would be misunderstood.</summary>
    private static void RequireSame(JournalEntry entry, IEnumerable<long> decided, IEnumerable<long> written)
    {
        if (!decided.SequenceEqual(written))
        {
            throw new JournalException(
                "TEAL3102",
                $"Entry {entry.Sequence} ({entry.Kind} of {entry.Service}) was decided otherwise than this Teal decides it. "
                    + "Start the Teal that wrote it, stop it in good order, and update then."
            );
        }
    }

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
