using Teal.Analysis;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Server.Driving;
using Teal.Server.Journal;

namespace Teal.Tests.Simulation;

/// <summary>One life of the server, from its start to its kill: the real driver, and effects performed on the plant.</summary>
public sealed partial class ServerLife : IReleaseWorld
{
    private const string Service = SimulationRun.Service;
    private static readonly Failure Fault = new("TEAL9999", "It did not work.", "The simulation said so.");

    private readonly SimulationRun _run;
    private readonly MemoryJournal _journal;
    private readonly ReleaseDriver _driver;
    private readonly Dictionary<long, ReleaseEffect> _performing = [];
    private readonly Queue<Action> _unwritten = new();
    private TrafficShape? _followed;
    private long _table;
    private bool _isBusy;

    public ServerLife(SimulationRun run)
    {
        _run = run;
        _journal = new MemoryJournal(run.Disk, run.Scenario.Crashes);
        _driver = new ReleaseDriver(_journal, this, new RolloutLife(run, this, _journal), run.Time, snapshotEvery: 40);
    }

    public bool IsDead { get; private set; }
    public bool IsRecovering { get; private set; }
    public ServiceState? State => _driver.State.Services.GetValueOrDefault(Service);
    public ServerState Everything => _driver.State;

    private Random Chance => _run.Chance;

    /// <summary>Folds the journal; the monitors then say how they find the slots.</summary>
    public void Start()
    {
        Survive(() =>
        {
            IsRecovering = true;
            _driver.Recover();
            IsRecovering = false;
        });
        foreach (var slot in new[] { SlotName.Blue, SlotName.Green })
        {
            if (_run.Plant[slot].IsRunning)
            {
                Report(_run.Plant[slot].IsHealthy ? new SlotUp(slot) : new SlotDown(slot, Fault));
            }
        }
    }

    public void Command(ReleaseCommand command) => Command(() => _driver.Handle(Service, command));

    public void Command(RolloutKey key, RolloutCommand command) => Command(() => _driver.Handle(key, command));

    public void Report(ReleaseEvent happened) => Report(() => _driver.Handle(Service, happened));

    public void Report(RolloutKey key, RolloutEvent happened) => Report(() => _driver.Handle(key, happened));

    /// <summary>A person's; lost when the server cannot take it.</summary>
    private void Command(Action handle) =>
        Survive(() =>
        {
            try
            {
                handle();
            }
            catch (JournalException)
            {
                // The person reads a clear error and tries again.
            }
        });

    /// <summary>What the world has to say; kept in order while the journal does not take it.</summary>
    private void Report(Action handle)
    {
        _unwritten.Enqueue(handle);
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
        if (!IsRecovering && !_journal.LastBody.Contains($"\"id\":{effect.Id},", StringComparison.Ordinal))
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
        if (IsRecovering)
        {
            _run.Plant.Apply(table, shape);
            return;
        }
        After(20, () => _run.Plant.Apply(table, shape));
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

    internal bool IsLate() => Chance.NextDouble() < _run.Scenario.OutcomeIsLateOrDouble;

    private void Write()
    {
        while (!IsDead && _unwritten.TryPeek(out var next))
        {
            var isWritten = false;
            Survive(() =>
            {
                try
                {
                    next();
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

    /// <summary>A kill goes through everything that the server was doing, also where one thing was done inside another.</summary>
    private void Survive(Action work)
    {
        var isInside = _isBusy;
        try
        {
            _isBusy = true;
            work();
        }
        catch (ServerKilledException)
        {
            Die();
            if (isInside)
            {
                throw;
            }
        }
        catch (InvariantException e)
        {
            _run.Plant.Violate(e.Message);
            IsDead = true;
        }
        finally
        {
            _isBusy = isInside;
        }
    }

    private void Die()
    {
        if (!IsDead)
        {
            IsDead = true;
            _run.Died(this);
        }
    }

    internal void After(int mostMilliseconds, Action work) => _run.Time.After(Chance.Next(mostMilliseconds) + 1, Alive(work));

    /// <summary>Work of this life: it dies with it.</summary>
    internal Action Alive(Action work) =>
        () =>
        {
            if (!IsDead)
            {
                work();
            }
        };
}
