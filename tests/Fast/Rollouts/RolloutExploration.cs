using System.Text.Json;
using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Tests.Fast.Releases;

namespace Teal.Tests.Fast.Rollouts;

/// <summary>One arrow of the machine: what happened in a state, and the state after it.</summary>
internal readonly record struct RolloutArrow(int From, RolloutEvent Happened, int To);

/// <summary>
/// Every state that a rollout can reach from nothing, whatever happens in whatever order: breadth first, with everything that only
/// counts (effect ids, numbers) numbered anew, so that there are finitely many.
/// </summary>
internal sealed class RolloutExploration
{
    private const int MostStates = 20_000;

    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly RolloutOrder _order;

    public RolloutExploration(RolloutOrder order)
    {
        _order = order;
        Know(RolloutState.New(new RolloutKey("production", "checkout")));
        for (var next = 0; next < States.Count; next++)
        {
            Follow(next);
        }
    }

    public List<RolloutState> States { get; } = [];
    public List<RolloutArrow> Arrows { get; } = [];

    /// <summary>Broken invariants, with the state and the event: none, if the machine is right.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Steps written as <c>5% 60</c>: share and hold in seconds.</summary>
    public static RolloutOrder Order(BreachShare onBreach, params string[] steps) =>
        new("off", "on", [.. steps.Select(Step)], [new Guard(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005)], onBreach);

    public static string Text(RolloutState state) => JsonSerializer.Serialize(state, JournalJson.Default.RolloutState);

    /// <summary>Everything that can happen in a state, and a few things that come too late.</summary>
    public static IEnumerable<RolloutEvent> Events(RolloutState state, RolloutOrder order) =>
        Commands(order).Concat(state.Outstanding.SelectMany(Outcomes)).Append(new ShareMoved(99)).Append(new RolloutTimerElapsed(99));

    private static RolloutStep Step(string text)
    {
        var parts = text.Split(' ');
        Assert.True(Share.TryParse(parts[0], out var share));
        return new RolloutStep(share, TimeSpan.FromSeconds(int.Parse(parts[1])));
    }

    private static IEnumerable<RolloutEvent> Commands(RolloutOrder order)
    {
        yield return new RolloutRequested(order, Share.None, Given.Ann);
        yield return new RolloutRequested(order, new Share(100), Given.Ann);
        yield return new RolloutPromoteRequested(false, Given.Ann);
        yield return new RolloutPromoteRequested(true, Given.Ann);
        yield return new RolloutPauseRequested(Given.Ann);
        yield return new RolloutResumeRequested(Given.Ann);
        yield return new RolloutStopRequested(Given.Ann);
        yield return new RolloutKilled(Given.Ann);
    }

    private static IEnumerable<RolloutEvent> Outcomes(WantedRolloutEffect wanted)
    {
        yield return new RolloutEffectFailed(wanted.Id, Given.Broken);
        IEnumerable<RolloutEvent> successes = wanted.Effect switch
        {
            MoveShare => [new ShareMoved(wanted.Id)],
            RolloutWait => [new RolloutTimerElapsed(wanted.Id)],
            _ => Enum.GetValues<VerdictKind>().Select(kind => new RolloutJudged(wanted.Id, Given.Verdict(kind))),
        };
        foreach (var success in successes)
        {
            yield return success;
        }
    }

    private void Follow(int from)
    {
        Assert.True(States.Count < MostStates, "The machine has more states than anybody can look at.");
        var before = States[from];
        foreach (var happened in Events(before, _order))
        {
            var decision = RolloutMachine.Decide(before, happened);
            if (ReferenceEquals(decision.State, before))
            {
                continue;
            }
            var broken = RolloutInvariants.Check(before, happened, decision.State);
            Broken.AddRange(
                broken.Select(sentence => $"{sentence}\n  when {happened}\n  in {Text(before)}\n  led to {Text(decision.State)}")
            );
            Arrows.Add(new RolloutArrow(from, happened, Know(Renumbered(decision.State))));
        }
    }

    private int Know(RolloutState state)
    {
        var key = Text(state);
        if (!_known.TryGetValue(key, out var number))
        {
            number = States.Count;
            _known.Add(key, number);
            States.Add(state);
        }
        return number;
    }

    private static RolloutState Renumbered(RolloutState state) =>
        state with
        {
            Outstanding = [.. state.Outstanding.Select((wanted, index) => wanted with { Id = index + 1 })],
            NextEffect = state.Outstanding.Count + 1,
            Rollout = state.Rollout is { } rollout
                ? rollout with
                {
                    Number = 1,
                    Failure = rollout.Failure is null ? null : Given.Broken,
                    NeedsPerson = rollout.NeedsPerson is null ? null : "a person",
                }
                : null,
        };
}
