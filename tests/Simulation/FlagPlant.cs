using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;
using Teal.Server;

namespace Teal.Tests.Simulation;

/// <summary>The flag that rolls out beside the releases: what share it really has, whatever the server believes, and who steers it.</summary>
internal sealed class FlagPlant(Plant plant, Random chance)
{
    public static readonly RolloutKey Key = new("production", "checkout");

    private static readonly Guard Guard = new(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005);
    private int _restless;

    public Share Share { get; private set; } = Share.None;

    /// <summary>How often the share changed.</summary>
    public long Moves { get; private set; }

    /// <summary>Setting the same share again changes nothing, as the real flags have it.</summary>
    public void Set(Share share, ServerState state)
    {
        if (RolloutOf(state) is { } rollout && share > rollout.Present.Share)
        {
            plant.Violate($"the share of the flag is {share}, above the step's {rollout.Present.Share}");
        }
        Moves += share == Share ? 0 : 1;
        Share = share;
    }

    public bool IsOver(ServerState state, int rollouts) =>
        rollouts == 0 || (RolloutOf(state) is { IsRunning: false } last && last.Number >= rollouts && NothingIsWanted(state));

    /// <summary>What a person does about it now; null: nothing.</summary>
    public RolloutCommand? Decide(ServerState state, Scenario scenario)
    {
        if (RolloutOf(state) is not { IsRunning: true } rollout)
        {
            return Begin(state, scenario);
        }
        _restless = rollout.IsPaused || rollout.NeedsPerson is not null ? _restless + 1 : 0;
        var isHelping = _restless > 2 + chance.Next(3);
        _restless = isHelping ? 0 : _restless;
        return isHelping || chance.NextDouble() < scenario.PersonMeddles ? Steer() : null;
    }

    public void CheckEnd(ServerState state)
    {
        if (RolloutOf(state) is { } last && (last.Share != Share || last.Confirmed != Share))
        {
            plant.Violate($"at the end the flag has {Share} and should have {last.Share}, confirmed {last.Confirmed}");
        }
    }

    private static Rollout? RolloutOf(ServerState state) => state.Rollouts.GetValueOrDefault(Key.ToString())?.Rollout;

    private static bool NothingIsWanted(ServerState state) => state.Rollouts[Key.ToString()].Outstanding.Count == 0;

    private RolloutRequested? Begin(ServerState state, Scenario scenario)
    {
        if ((RolloutOf(state)?.Number ?? 0) >= scenario.Rollouts)
        {
            return null;
        }
        // Between two rollouts a person takes the variant from everybody.
        Share = Share.None;
        var hold = TimeSpan.FromSeconds(chance.Next(6));
        RolloutStep[] steps = [new(new Share(500), hold), new(new Share(2500), hold), new(Share.All, hold)];
        var onBreach = chance.Next(2) == 0 ? BreachShare.Off : BreachShare.Previous;
        return new RolloutRequested(
            new RolloutOrder("off", "on", steps[chance.Next(3)..], [Guard], onBreach),
            Share.None,
            SimulationRun.Person
        );
    }

    private RolloutCommand Steer() =>
        chance.Next(6) switch
        {
            0 => new RolloutPauseRequested(SimulationRun.Person),
            1 or 2 => new RolloutResumeRequested(SimulationRun.Person),
            3 => new RolloutStopRequested(SimulationRun.Person),
            _ => new RolloutPromoteRequested(chance.Next(2) == 0, SimulationRun.Person),
        };
}
