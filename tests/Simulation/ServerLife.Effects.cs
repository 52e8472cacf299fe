using Teal.Analysis;
using Teal.Releases;

namespace Teal.Tests.Simulation;

/// <summary>A release's effects on the plant: slow, and each with what the version's fate makes of it.</summary>
public sealed partial class ServerLife
{
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
}
