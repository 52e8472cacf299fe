using System.Text.Json;
using Teal.Releases;
using Teal.Server.Journal;

namespace Teal.Server.Driving;

/// <param name="Sequence">Of the journal after it; unchanged when nothing had to be remembered.</param>
public sealed record HandleResult(Decision Decision, long Sequence)
{
    public Refusal? Refusal => Decision.Refusal;
}

/// <summary>The machine decided something that must never be: a bug of Teal. Nothing was done.</summary>
public sealed class InvariantException(string service, string happened, IReadOnlyList<string> broken)
    : Exception($"{Code}: {happened} would break what must hold for {service}: {string.Join("; ", broken)}. Nothing was done.")
{
    public const string Code = "TEAL3104";

    public IReadOnlyList<string> Broken { get; } = broken;
}

/// <summary>
/// Performs what the machine decides: decide, append, publish, act; always in this order. Synchronous and for one thread at a
/// time, so that a simulation can crash it anywhere. It never decides.
/// </summary>
public sealed class ReleaseDriver(IJournal journal, IReleaseWorld world, TimeProvider time, int snapshotEvery = 1000)
{
    private const int ReadAtOnce = 1000;

    private volatile ServerState _state = ServerState.Empty;
    private long _snapshotAt;

    /// <summary>The fold of everything appended: one immutable value, for any thread to read.</summary>
    public ServerState State => _state;

    /// <summary>Live entries, after they were acted on. Runs on the driver's thread: hand over and return.</summary>
    public Action<JournalEntry, ServerState>? Appended { get; set; }

    /// <summary>Why the last snapshot could not be kept; a start takes longer without it, nothing else.</summary>
    public JournalException? SnapshotFailure { get; private set; }

    /// <summary>Folds the journal and begins again whatever was begun and has no outcome.</summary>
    public void Recover()
    {
        var state = FromSnapshot();
        _snapshotAt = state.Sequence;
        for (
            var entries = journal.ReadAfter(state.Sequence, ReadAtOnce);
            entries.Count > 0;
            entries = journal.ReadAfter(state.Sequence, ReadAtOnce)
        )
        {
            foreach (var entry in entries)
            {
                state = ServerFold.Apply(state, entry);
            }
        }
        _state = state;
        world.Follow(state);
        foreach (var (service, known) in state.Services)
        {
            foreach (var effect in known.Outstanding)
            {
                world.Begin(service, effect);
            }
        }
    }

    /// <summary>Decides and acts on one release event. What changes nothing is not appended.</summary>
    /// <exception cref="JournalException">It could not be appended: nothing was done, the state is as before.</exception>
    /// <exception cref="InvariantException">It must not be done: nothing was.</exception>
    public HandleResult Handle(string service, ReleaseEvent happened)
    {
        var before = ServerFold.Of(_state, service);
        var decision = ReleaseMachine.Decide(before, happened);
        if (ReferenceEquals(decision.State, before))
        {
            return new HandleResult(decision, _state.Sequence);
        }
        var broken = ReleaseInvariants.Check(before, happened, decision.State);
        if (broken.Count > 0)
        {
            throw new InvariantException(service, happened.GetType().Name, broken);
        }
        var by = happened is ReleaseCommand command ? command.By : ReleaseMachine.Itself;
        var entry = Append(service, new ReleaseHappened(happened, decision.Effects), by);
        _state = ServerFold.Happened(_state, happened, before, decision.State, entry);
        world.Follow(_state);
        CancelDropped(service, before, happened, decision.State);
        foreach (var effect in decision.Effects)
        {
            world.Begin(service, effect);
        }
        Tell(entry);
        return new HandleResult(decision, entry.Sequence);
    }

    /// <summary>Remembers something that is not a release event.</summary>
    /// <exception cref="JournalException">It could not be appended: nothing was done, the state is as before.</exception>
    public JournalEntry Record(string service, ServerEvent recorded, Origin by)
    {
        if (recorded is ReleaseHappened)
        {
            throw new ArgumentException("Release events are handled, not recorded.", nameof(recorded));
        }
        var entry = Append(service, recorded, by);
        _state = ServerFold.Recorded(_state, service, recorded, entry.Sequence);
        world.Follow(_state);
        Tell(entry);
        return entry;
    }

    /// <summary>Keeps a snapshot now: before a stop in good order, so that the next Teal has nothing to fold.</summary>
    public void SaveSnapshot()
    {
        try
        {
            journal.SaveSnapshot(new JournalSnapshot(_state.Sequence, JsonSerializer.Serialize(_state, JournalJson.Default.ServerState)));
            SnapshotFailure = null;
        }
        catch (JournalException e)
        {
            // The entries are the truth and are on disk: only the next start is slower.
            SnapshotFailure = e;
        }
        _snapshotAt = _state.Sequence;
    }

    private JournalEntry Append(string service, ServerEvent happened, Origin by)
    {
        var body = JsonSerializer.Serialize(happened, JournalJson.Default.ServerEvent);
        return journal.Append(new NewEntry(time.GetUtcNow(), service, JournalJson.KindOf(happened), by.Actor, by.From, by.Reason, body));
    }

    private void CancelDropped(string service, ServiceState before, ReleaseEvent happened, ServiceState after)
    {
        var ended = (happened as EffectOutcome)?.Effect;
        foreach (var effect in before.Outstanding)
        {
            if (effect.Id != ended && !after.Outstanding.Contains(effect))
            {
                world.Cancel(service, effect.Id);
            }
        }
    }

    private void Tell(JournalEntry entry)
    {
        if (_state.Sequence - _snapshotAt >= snapshotEvery)
        {
            SaveSnapshot();
        }
        Appended?.Invoke(entry, _state);
    }

    /// <summary>A snapshot that cannot be read costs time, not truth: everything is folded from the first entry.</summary>
    private ServerState FromSnapshot()
    {
        if (journal.LatestSnapshot() is not { } snapshot)
        {
            return ServerState.Empty;
        }
        try
        {
            var state = JsonSerializer.Deserialize(snapshot.State, JournalJson.Default.ServerState);
            return state?.Sequence == snapshot.Sequence ? state.Ordered() : ServerState.Empty;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return ServerState.Empty;
        }
    }
}
