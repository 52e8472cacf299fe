using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Releases;
using Teal.Server;

namespace Teal.Tests.Fast.Releases;

/// <summary>One arrow of the machine: what happened in a state, and the state after it.</summary>
internal readonly record struct Arrow(int From, ReleaseEvent Happened, int To);

/// <summary>
/// Every state that the machine can reach from nothing, whatever happens in whatever order: breadth first, with everything that
/// only counts (effect ids, release numbers) numbered anew, so that there are finitely many.
/// </summary>
internal sealed class Exploration
{
    private const int MostStates = 60_000;
    private const int MostWaiting = 1;
    private static readonly JsonSerializerOptions Canonical = new(JournalJson.Default.Options) { Converters = { new ManifestByName() } };

    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly Manifest _manifest;

    public Exploration(Manifest manifest)
    {
        _manifest = manifest;
        Know(ServiceState.New("shop"));
        for (var next = 0; next < States.Count; next++)
        {
            Follow(next);
        }
    }

    public List<ServiceState> States { get; } = [];
    public List<Arrow> Arrows { get; } = [];

    /// <summary>Broken invariants, with the state and the event: none, if the machine is right.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Everything that can happen in a state, and a few things that come too late.</summary>
    public static IEnumerable<ReleaseEvent> Events(ServiceState state, Manifest manifest) =>
        Commands(manifest)
            .Concat(Health())
            .Concat(state.Outstanding.SelectMany(Outcomes))
            .Append(new SlotStopped(99))
            .Append(new SlotReady(99));

    private static IEnumerable<ReleaseEvent> Commands(Manifest manifest)
    {
        foreach (var version in new[] { "a", "b" })
        {
            yield return Given.Deploy(version, manifest);
            yield return Given.Deploy(version, manifest, supersede: true);
        }
        yield return Given.Deploy("b", manifest, wait: false);
        yield return new PromoteRequested(false, Given.Ann);
        yield return new PromoteRequested(true, Given.Ann);
        yield return new PauseRequested(Given.Ann);
        yield return new ResumeRequested(Given.Ann);
        yield return new AbortRequested(Given.Ann);
        yield return new RollbackRequested(null, Given.Ann);
    }

    private static IEnumerable<ReleaseEvent> Health()
    {
        foreach (var slot in new[] { SlotName.Blue, SlotName.Green })
        {
            yield return new SlotDown(slot, Given.Broken);
            yield return new SlotUp(slot);
        }
    }

    private static IEnumerable<ReleaseEvent> Outcomes(OutstandingEffect wanted)
    {
        yield return new EffectFailed(wanted.Id, Given.Broken);
        foreach (var outcome in Successes(wanted))
        {
            yield return outcome;
        }
    }

    private static IEnumerable<ReleaseEvent> Successes(OutstandingEffect wanted) =>
        wanted.Effect switch
        {
            StartSlot => [new SlotReady(wanted.Id), new SlotFailed(wanted.Id, Given.Broken)],
            SmokeSlot => [new SmokePassed(wanted.Id), new SmokeFailed(wanted.Id, Given.Broken)],
            MoveTraffic => [new TrafficMoved(wanted.Id, 1)],
            Observe => Enum.GetValues<VerdictKind>().Select(kind => new VerdictReached(wanted.Id, Given.Verdict(kind))),
            Wait => [new TimerElapsed(wanted.Id)],
            DrainSlot => [new SlotDrained(wanted.Id, 0)],
            StopSlot => [new SlotStopped(wanted.Id)],
            WriteReceipt => [new ReceiptWritten(wanted.Id, Given.Receipt)],
            _ => throw new NotSupportedException(wanted.Effect.GetType().Name),
        };

    private void Follow(int from)
    {
        Assert.True(States.Count < MostStates, "The machine has more states than anybody can look at.");
        var before = States[from];
        foreach (var happened in Events(before, _manifest))
        {
            var decision = ReleaseMachine.Decide(before, happened);
            if (ReferenceEquals(decision.State, before) || decision.State.Waiting.Count > MostWaiting)
            {
                continue;
            }
            var broken = ReleaseInvariants.Check(before, happened, decision.State);
            Broken.AddRange(
                broken.Select(sentence => $"{sentence}\n  when {happened}\n  in {Text(before)}\n  led to {Text(decision.State)}")
            );
            Arrows.Add(new Arrow(from, happened, Know(Renumbered(decision.State))));
        }
    }

    private int Know(ServiceState state)
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

    public static string Text(ServiceState state) => JsonSerializer.Serialize(state, Canonical);

    /// <summary>Counted names start again at 1; sentences become one, for nothing is decided by them.</summary>
    private static ServiceState Renumbered(ServiceState state) =>
        state with
        {
            Outstanding = [.. state.Outstanding.Select((wanted, index) => new OutstandingEffect(index + 1, Renumbered(wanted.Effect)))],
            NextEffect = state.Outstanding.Count + 1,
            Traffic = Renumbered(state.Traffic),
            Confirmed = Renumbered(state.Confirmed),
            Release = state.Release is { } release
                ? release with
                {
                    Number = 1,
                    Failure = release.Failure is null ? null : Given.Broken,
                    NeedsPerson = release.NeedsPerson is null ? null : "a person",
                    By = Given.Ann,
                }
                : null,
        };

    private static ReleaseEffect Renumbered(ReleaseEffect effect) =>
        effect switch
        {
            MoveTraffic move => new MoveTraffic(Renumbered(move.Shape)),
            Observe observe => observe with { Release = 1 },
            WriteReceipt => new WriteReceipt(1),
            _ => effect,
        };

    private static TrafficShape Renumbered(TrafficShape shape) => shape.Salt.Length == 0 ? shape : shape with { Salt = "salt" };

    /// <summary>There is one manifest in an exploration: its name is enough.</summary>
    private sealed class ManifestByName : JsonConverter<Manifest>
    {
        public override Manifest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Manifest value, JsonSerializerOptions options) => writer.WriteStringValue("it");
    }
}
