using System.Text.Json;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Flags;
using Teal.Server.Journal;

namespace Teal.Server.Driving;

/// <param name="Sequence">Of the journal after it; unchanged when nothing had to be remembered.</param>
public sealed record HandleResult(Decision Decision, long Sequence)
{
    public Refusal? Refusal => Decision.Refusal;
}

/// <param name="Sequence">Of the journal after it; unchanged when nothing had to be remembered.</param>
public sealed record RolloutHandled(RolloutDecision Decision, long Sequence)
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
/// Performs what the machines decide: decide, append, publish, act; always in this order. Synchronous and for one thread at a
/// time, so that a simulation can crash it anywhere. It never decides.
/// </summary>
public sealed class ReleaseDriver(
    IJournal journal,
    IReleaseWorld world,
    IRolloutWorld rollouts,
    TimeProvider time,
    int snapshotEvery = 1000
)
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
        foreach (var rollout in state.Rollouts.Values)
        {
            foreach (var effect in rollout.Outstanding)
            {
                rollouts.Begin(rollout, effect);
            }
        }
    }

    /// <summary>Decides and acts on one release event. What changes nothing is not appended.</summary>
    /// <exception cref="JournalException">It could not be appended: nothing was done, the state is as before.</exception>
    /// <exception cref="InvariantException">It must not be done: nothing was.</exception>
    public HandleResult Handle(string service, ReleaseEvent happened)
    {
        var before = ServerFold.Of(_state, service);
        if (happened is DeployRequested asked)
        {
            if (ReleaseTies.Refusal(_state, service, asked) is { } refusal)
            {
                return new HandleResult(new Decision(before, [], refusal), _state.Sequence);
            }
            happened = ReleaseTies.Resolved(asked, _state.Flags.Set);
        }
        var decision = ReleaseMachine.Decide(before, happened);
        if (ReferenceEquals(decision.State, before))
        {
            return new HandleResult(decision, _state.Sequence);
        }
        Require(service, happened, ReleaseInvariants.Check(before, happened, decision.State));
        var by = happened is ReleaseCommand command ? command.By : ReleaseMachine.Itself;
        var entry = Remember(
            service,
            new ReleaseHappened(happened, decision.Effects),
            by,
            written => ServerFold.Happened(_state, happened, before, decision.State, written)
        );
        var dropped = Dropped(before.Outstanding.Select(Id), (happened as EffectOutcome)?.Effect, decision.State.Outstanding.Select(Id));
        foreach (var effect in dropped)
        {
            world.Cancel(service, effect);
        }
        foreach (var effect in decision.Effects)
        {
            world.Begin(service, effect);
        }
        Tell(entry);
        return new HandleResult(decision, entry.Sequence);

        static long Id(OutstandingEffect effect) => effect.Id;
    }

    /// <summary>Decides and acts on one event of a flag's rollout, in the same order.</summary>
    /// <exception cref="JournalException">It could not be appended: nothing was done, the state is as before.</exception>
    /// <exception cref="InvariantException">It must not be done: nothing was.</exception>
    public RolloutHandled Handle(RolloutKey key, RolloutEvent happened)
    {
        var before = ServerFold.Of(_state, key);
        if (happened is RolloutRequested asked && ReleaseTies.Refusal(_state, key, asked.Order) is { } refusal)
        {
            return new RolloutHandled(new RolloutDecision(before, [], refusal), _state.Sequence);
        }
        var decision = RolloutMachine.Decide(before, happened);
        if (ReferenceEquals(decision.State, before))
        {
            return new RolloutHandled(decision, _state.Sequence);
        }
        Require(key.ToString(), happened, RolloutInvariants.Check(before, happened, decision.State));
        var by = happened is RolloutCommand command ? command.By : ReleaseMachine.Itself;
        var entry = Remember(
            key.ToString(),
            new RolloutHappened(key.Environment, key.Flag, happened, decision.Effects),
            by,
            written => ServerFold.Happened(_state, happened, before, decision.State, written)
        );
        var ended = (happened as RolloutEffectOutcome)?.Effect;
        foreach (var effect in Dropped(before.Outstanding.Select(Id), ended, decision.State.Outstanding.Select(Id)))
        {
            rollouts.Cancel(key, effect);
        }
        foreach (var effect in decision.Effects)
        {
            rollouts.Begin(decision.State, effect);
        }
        Tell(entry);
        return new RolloutHandled(decision, entry.Sequence);

        static long Id(WantedRolloutEffect effect) => effect.Id;
    }

    /// <summary>Remembers something that is not a release event.</summary>
    /// <exception cref="JournalException">It could not be appended: nothing was done, the state is as before.</exception>
    public JournalEntry Record(string service, ServerEvent recorded, Origin by)
    {
        if (recorded is ReleaseHappened or RolloutHappened)
        {
            throw new ArgumentException("Events of a machine are handled, not recorded.", nameof(recorded));
        }
        var entry = Remember(service, recorded, by, written => ServerFold.Recorded(_state, recorded, written));
        Tell(entry);
        return entry;
    }

    /// <summary>Changes flags when they can be changed so; else nothing is remembered, and the outcome says why.</summary>
    /// <exception cref="JournalException">It could not be appended: nothing was done, the state is as before.</exception>
    public FlagBookOutcome ChangeFlags(ServerEvent changed, Origin by)
    {
        var (before, at) = (_state, time.GetUtcNow());
        var outcome = ReleaseTies.Guarded(before, before.Flags.After(changed, before.Sequence + 1, at));
        if (outcome.Book is { } after && !ReferenceEquals(after, before.Flags))
        {
            var written = before.Flags.Short(changed);
            Tell(Remember("", written, by, Folded, at));

            // What is journalled as it was asked for folds into what was tried: it is not made a second time. A whole set is journalled as
            // what is different in it, and folding that leaves every other flag the very same object.
            ServerState Folded(JournalEntry entry) =>
                ReferenceEquals(written, changed) && (entry.Sequence, entry.At) == (before.Sequence + 1, at)
                    ? ServerFold.Changed(before, after, entry)
                    : ServerFold.Recorded(before, written, entry);
        }
        return outcome;
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

    private static void Require(string subject, object happened, IReadOnlyList<string> broken)
    {
        if (broken.Count > 0)
        {
            throw new InvariantException(subject, happened.GetType().Name, broken);
        }
    }

    /// <summary>Appends, then publishes the state after it: nothing is done before both.</summary>
    private JournalEntry Remember(
        string subject,
        ServerEvent happened,
        Origin by,
        Func<JournalEntry, ServerState> folded,
        DateTimeOffset? at = null
    )
    {
        var body = JsonSerializer.Serialize(happened, JournalJson.Default.ServerEvent);
        var kind = JournalJson.KindOf(happened);
        var entry = journal.Append(new NewEntry(at ?? time.GetUtcNow(), subject, kind, by.Actor, by.From, by.Reason, body));
        _state = folded(entry);
        world.Follow(_state);
        return entry;
    }

    /// <summary>What was wanted and is not any more; what has just ended needs no cancelling.</summary>
    private static IEnumerable<long> Dropped(IEnumerable<long> before, long? ended, IEnumerable<long> after) =>
        before.Except(after).Where(effect => effect != ended);

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
