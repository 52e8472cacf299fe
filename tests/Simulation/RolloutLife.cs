using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;

namespace Teal.Tests.Simulation;

/// <summary>The flag's part of one life of the server: effects performed on the flag, slowly, wrongly and twice, as the scenario has it.</summary>
internal sealed class RolloutLife(SimulationRun run, ServerLife life, MemoryJournal journal) : IRolloutWorld
{
    private static readonly Failure Fault = new("TEAL9999", "It did not work.", "The simulation said so.");

    private readonly HashSet<long> _performing = [];

    public void Begin(RolloutState state, WantedRolloutEffect wanted)
    {
        if (life.IsDead)
        {
            run.Plant.Violate("a dead server acts");
        }
        run.Scenario.Crashes.Moment();
        if (!life.IsRecovering && !journal.LastBody.Contains($"\"id\":{wanted.Id},", StringComparison.Ordinal))
        {
            run.Plant.Violate($"every step is in the journal before its effect: {wanted} is not");
        }
        _performing.Add(wanted.Id);
        if (run.Chance.NextDouble() < run.Scenario.EffectFails)
        {
            life.After(500, () => Finish(new RolloutEffectFailed(wanted.Id, Fault)));
            return;
        }
        Perform(state, wanted);
    }

    public void Cancel(RolloutKey key, long effect) => _performing.Remove(effect);

    private void Perform(RolloutState state, WantedRolloutEffect wanted)
    {
        var id = wanted.Id;
        switch (wanted.Effect)
        {
            case MoveShare move:
                life.After(200, () => Move(id, move.Share));
                break;
            case RolloutWait wait:
                run.Time.After((long)wait.For.TotalMilliseconds, life.Alive(() => Finish(new RolloutTimerElapsed(id))));
                break;
            case ObserveVariant:
                Watch(id, run.Scenario.FateOf((int)state.Rollout!.Number));
                break;
        }
    }

    /// <summary>The flag is changed, and the server may die before it can say so.</summary>
    private void Move(long id, Share share)
    {
        if (_performing.Contains(id))
        {
            run.Flag.Set(share, life.Everything);
            Finish(new ShareMoved(id));
        }
    }

    private void Watch(long id, Fate fate)
    {
        var (first, later) = fate switch
        {
            Fate.Good => (VerdictKind.NoData, VerdictKind.Continue),
            Fate.Bad => (VerdictKind.NoData, VerdictKind.Rollback),
            Fate.BadLater => (VerdictKind.Continue, VerdictKind.Rollback),
            Fate.Doubtful => (VerdictKind.Hold, run.Chance.Next(2) == 0 ? VerdictKind.Hold : VerdictKind.Continue),
            _ => (VerdictKind.NoData, VerdictKind.NoData),
        };
        life.After(1000, () => Say(id, first));
        life.After(9000, () => Say(id, later));
    }

    private void Say(long id, VerdictKind kind)
    {
        if (_performing.Contains(id) || life.IsLate())
        {
            life.Report(FlagPlant.Key, new RolloutJudged(id, new Verdict(kind, [])));
        }
    }

    private void Finish(RolloutEffectOutcome outcome)
    {
        if (_performing.Remove(outcome.Effect))
        {
            life.Report(FlagPlant.Key, outcome);
        }
        // Late, or once more: what is not wanted any more changes nothing.
        if (life.IsLate())
        {
            life.After(3000, () => life.Report(FlagPlant.Key, outcome));
        }
    }
}
