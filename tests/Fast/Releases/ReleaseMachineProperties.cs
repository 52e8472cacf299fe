using CsCheck;
using Teal.Flags;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>Long random lives of a service, with manifests that the exploration is too small for. CsCheck prints the seed of a failure.</summary>
public sealed class ReleaseMachineProperties
{
    private static readonly Gen<Manifest> Manifests = Gen.Select(
        Gen.Select(Gen.Int[0, Share.Whole], Gen.Int[0, 2]).Array[0, 4],
        Gen.Bool,
        (stages, pauses) =>
            Given.Manifest(
                pauses ? BreachAction.Pause : BreachAction.Rollback,
                [.. stages.OrderBy(stage => stage.Item1).Select(stage => $"{new Share(stage.Item1)} {stage.Item2}")]
            )
    );

    [Fact]
    public void No_life_breaks_an_invariant_and_the_same_life_is_decided_the_same() =>
        Gen.Select(Manifests, Gen.Int[0, int.MaxValue].Array[0, 300])
            .Sample((manifest, choices) => Lived(manifest, choices) == Lived(manifest, choices), iter: 200);

    [Fact]
    public void Shares_of_both_versions_always_make_a_whole() =>
        Gen.Select(Manifests, Gen.Int[0, int.MaxValue].Array[0, 200])
            .Sample(
                (manifest, choices) =>
                    Lives(manifest, choices)
                        .All(state =>
                            state.Traffic.Main is null
                            || state.Traffic.ShareOf(SlotName.Blue).Parts + state.Traffic.ShareOf(SlotName.Green).Parts == Share.Whole
                        ),
                iter: 200
            );

    private static string Lived(Manifest manifest, int[] choices) => Exploration.Text(Lives(manifest, choices).Last());

    private static IEnumerable<ServiceState> Lives(Manifest manifest, int[] choices)
    {
        var state = ServiceState.New("shop");
        yield return state;
        foreach (var choice in choices)
        {
            var events = Exploration.Events(state, manifest).ToArray();
            var happened = events[choice % events.Length];
            var decision = ReleaseMachine.Decide(state, happened);
            var broken = ReleaseInvariants.Check(state, happened, decision.State);
            Assert.True(broken.Count == 0 || ReferenceEquals(decision.State, state), string.Join('\n', broken));
            state = decision.State;
            yield return state;
        }
    }
}
