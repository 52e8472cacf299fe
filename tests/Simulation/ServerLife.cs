using Teal.Analysis;
using Teal.Releases;
using Teal.Server;
using Teal.Server.Driving;
using Teal.Server.Journal;

namespace Teal.Tests.Simulation;

/// <summary>One life of the server, from its start to its kill: the real driver, and effects performed on the plant.</summary>
public sealed class ServerLife : IReleaseWorld
{
    private const string Service = SimulationRun.Service;
    private static readonly Failure Fault = new("TEAL9999", "It did not work.", "The simulation said so.");

    private readonly SimulationRun _run;
    private readonly MemoryJournal _journal;
    private readonly ReleaseDriver _driver;
    private readonly Dictionary<long, ReleaseEffect> _performing = [];
    private readonly Queue<ReleaseEvent> _unwritten = new();
    private TrafficShape? _followed;
    private long _table;
    private bool _isRecovering;

    public ServerLife(SimulationRun run)
    {
        _run = run;
        _journal = new MemoryJournal(run.Disk, run.Scenario.Crashes);
        _driver = new ReleaseDriver(_journal, this, new NoRollouts(), run.Time, snapshotEvery: 40);
    }

    public bool IsDead { get; private set; }
    public ServiceState? State => _driver.State.Services.GetValueOrDefault(Service);
    public ServerState Everything => _driver.State;

    private Random Chance => _run.Chance;

    /// <summary>Folds the journal; the monitors then say how they find the slots.</summary>
    public void Start()
    {
        Survive(() =>
        {
            _isRecovering = true;
            _driver.Recover();
            _isRecovering = false;
        });
        foreach (var slot in new[] { SlotName.Blue, SlotName.Green })
        {
            if (_run.Plant[slot].IsRunning)
            {
                Report(_run.Plant[slot].IsHealthy ? new SlotUp(slot) : new SlotDown(slot, Fault));
            }
        }
    }

    /// <summary>A person's command; null when the server could not take it.</summary>
    public HandleResult? Command(ReleaseCommand command)
    {
        HandleResult? result = null;
        Survive(() =>
        {
            try
            {
                result = _driver.Handle(Service, command);
            }
            catch (JournalException)
            {
                // The person reads a clear error and tries again.
            }
        });
        return result;
    }

    /// <summary>What the world has to say; kept in order while the journal does not take it.</summary>
    public void Report(ReleaseEvent happened)
    {
        _unwritten.Enqueue(happened);
        if (_unwritten.Count == 1)
        {
            Write();
        }
    }

    /// <summary>This server is dead and does not know it: what it tries must be refused.</summary>
    public void HauntAsZombie()
    {
        var written = _run.Disk.Offsets.Count;
        try
        {
            _driver.Handle(Service, new DeployRequested("zombie", _run.Scenario.Manifests[0], true, true, SimulationRun.Person));
        }
        catch (JournalException)
        {
            // Fenced out, as it should be.
        }
        if (_run.Disk.Offsets.Count != written)
        {
            _run.Plant.Violate("at most one writer: a fenced server has written");
        }
    }

    public void Begin(string service, OutstandingEffect effect)
    {
        if (IsDead)
        {
            _run.Plant.Violate("a dead server acts");
        }
        _run.Scenario.Crashes.Moment();
        if (!_isRecovering && !_journal.LastBody.Contains($"\"id\":{effect.Id},", StringComparison.Ordinal))
        {
            _run.Plant.Violate($"every step is in the journal before its effect: {effect} is not");
        }
        _performing.Add(effect.Id, effect.Effect);
        if (Chance.NextDouble() < _run.Scenario.EffectFails)
        {
            After(500, () => Fail(effect));
            return;
        }
        Perform(effect.Id, effect.Effect);
    }

    public void Cancel(string service, long effect)
    {
        // One that is not being performed any more has an outcome that waits to be written.
        if (_performing.Remove(effect, out var cancelled) && cancelled is StopSlot)
        {
            _run.Plant.Violate("a stop was cancelled");
        }
    }

    public void Follow(ServerState state)
    {
        if (!state.Services.TryGetValue(Service, out var service) || service.Traffic == _followed)
        {
            return;
        }
        _followed = service.Traffic;
        var (table, shape) = (++_table, service.Traffic);
        if (_isRecovering)
        {
            _run.Plant.Apply(table, shape);
            return;
        }
        After(20, () => _run.Plant.Apply(table, shape));
    }

    private void Perform(long id, ReleaseEffect effect)
    {
        switch (effect)
        {
            case StartSlot start:
                Start(id, start);
                break;
            case SmokeSlot:
                After(
                    800,
                    () => Finish(id, Chance.NextDouble() < _run.Scenario.EffectFails ? new SmokeFailed(id, Fault) : new SmokePassed(id))
                );
                break;
            case MoveTraffic:
                Confirm(id, _table);
                break;
            case Observe observe:
                Watch(id, observe);
                break;
            case Wait wait:
                _run.Time.After((long)wait.For.TotalMilliseconds, Alive(() => Finish(id, new TimerElapsed(id))));
                break;
            case DrainSlot drain:
                Drain(id, drain);
                break;
            case StopSlot stop:
                After(300, () => Stop(id, stop.Slot, new SlotStopped(id)));
                break;
            case WriteReceipt:
                After(
                    20,
                    () =>
                        Finish(
                            id,
                            IsWanted(id)
                                ? new ReceiptWritten(id, _run.Plant.Close(_run.Time.GetUtcNow()))
                                : new ReceiptWritten(id, _run.NoReceipt)
                        )
                );
                break;
        }
    }

    private void Start(long id, StartSlot start)
    {
        var slot = _run.Plant[start.Slot];
        var fate = _run.FateOf(start.Deployed.Version);
        if (slot.Version is { } there && there != start.Deployed.Version)
        {
            _run.Plant.Violate($"{start.Deployed.Version} was started where {there} still is");
        }
        if (slot.Version is null)
        {
            slot.Boot(start.Deployed.Version);
            var life = slot.Life;
            if (fate != Fate.Stillborn)
            {
                _run.Time.After(Chance.Next(3000), () => Up(slot, life));
            }
        }
        AwaitHealth(id, slot, _run.Time.Milliseconds + 10_000);
    }

    private static void Up(Machinery slot, int life)
    {
        if (slot.Life == life)
        {
            slot.Up();
        }
    }

    private void AwaitHealth(long id, Machinery slot, long giveUpAt)
    {
        if (slot.IsHealthy)
        {
            Finish(id, new SlotReady(id));
        }
        else if (_run.Time.Milliseconds >= giveUpAt)
        {
            Finish(id, new SlotFailed(id, Fault));
        }
        else if (IsWanted(id))
        {
            _run.Time.After(250, Alive(() => AwaitHealth(id, slot, giveUpAt)));
        }
        else if (IsLate())
        {
            After(2000, () => Report(new SlotReady(id)));
        }
    }

    private void Confirm(long id, long table)
    {
        if (_run.Plant.Table >= table)
        {
            After(10, () => Finish(id, new TrafficMoved(id, table)));
            return;
        }
        After(10, () => Confirm(id, table));
    }

    private void Watch(long id, Observe observe)
    {
        var version = _run.Plant[observe.New].Version ?? "";
        var (first, later) = _run.FateOf(version) switch
        {
            Fate.Good => (VerdictKind.NoData, VerdictKind.Continue),
            Fate.Bad => (VerdictKind.NoData, VerdictKind.Rollback),
            Fate.BadLater => (VerdictKind.Continue, VerdictKind.Rollback),
            Fate.Doubtful => (VerdictKind.Hold, Chance.Next(2) == 0 ? VerdictKind.Hold : VerdictKind.Continue),
            _ => (VerdictKind.NoData, VerdictKind.NoData),
        };
        After(1000, () => Say(id, first));
        After(9000, () => Say(id, later));
        _run.Time.After(9100, Alive(() => Say(id, later)));
    }

    private void Say(long id, VerdictKind kind)
    {
        if (IsWanted(id) || IsLate())
        {
            Report(new VerdictReached(id, new Verdict(kind, [])));
        }
    }

    private void Drain(long id, DrainSlot drain)
    {
        if (_run.Plant.Applied.Names(drain.Slot))
        {
            _run.Plant.Violate($"{drain.Slot} is drained while the table names it");
        }
        AwaitEmpty(id, drain.Slot, _run.Time.Milliseconds + (long)drain.Deadline.TotalMilliseconds);
    }

    private void AwaitEmpty(long id, SlotName slot, long deadline)
    {
        if (!IsWanted(id))
        {
            return;
        }
        if (_run.Plant[slot].Inside.Count == 0)
        {
            Finish(id, new SlotDrained(id, 0));
        }
        else if (_run.Time.Milliseconds >= deadline)
        {
            Finish(id, new SlotDrained(id, _run.Plant.End(slot, isCut: true)));
        }
        else
        {
            _run.Time.After(200, Alive(() => AwaitEmpty(id, slot, deadline)));
        }
    }

    private void Stop(long id, SlotName slot, ReleaseEvent outcome)
    {
        _run.Plant.Stop(slot);
        Finish(id, outcome);
    }

    /// <summary>Retries are used up. What can be done by force is done: connections are cut, processes killed.</summary>
    private void Fail(OutstandingEffect effect)
    {
        if (!IsWanted(effect.Id))
        {
            return;
        }
        if (effect.Effect is DrainSlot drain)
        {
            _run.Plant.End(drain.Slot, isCut: true);
        }
        if (effect.Effect is StopSlot stop)
        {
            Stop(effect.Id, stop.Slot, new EffectFailed(effect.Id, Fault));
            return;
        }
        Finish(effect.Id, new EffectFailed(effect.Id, Fault));
    }

    private void Finish(long id, ReleaseEvent outcome)
    {
        if (_performing.Remove(id))
        {
            Report(outcome);
            if (!IsLate())
            {
                return;
            }
        }
        else if (!IsLate())
        {
            return;
        }
        After(3000, () => Report(outcome));
    }

    private bool IsWanted(long id) => _performing.ContainsKey(id);

    private bool IsLate() => Chance.NextDouble() < _run.Scenario.OutcomeIsLateOrDouble;

    private void Write()
    {
        while (!IsDead && _unwritten.TryPeek(out var next))
        {
            var isWritten = false;
            Survive(() =>
            {
                try
                {
                    _driver.Handle(Service, next);
                    isWritten = true;
                }
                catch (JournalException)
                {
                    _run.Time.After(1000, Alive(Write));
                }
            });
            if (!isWritten)
            {
                return;
            }
            _unwritten.Dequeue();
        }
    }

    private void Survive(Action work)
    {
        try
        {
            work();
        }
        catch (ServerKilledException)
        {
            IsDead = true;
            _run.Died(this);
        }
        catch (InvariantException e)
        {
            _run.Plant.Violate(e.Message);
            IsDead = true;
        }
    }

    private void After(int mostMilliseconds, Action work) => _run.Time.After(Chance.Next(mostMilliseconds) + 1, Alive(work));

    /// <summary>Work of this life: it dies with it.</summary>
    private Action Alive(Action work) =>
        () =>
        {
            if (!IsDead)
            {
                work();
            }
        };
}
