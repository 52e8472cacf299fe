using System.Text;
using Teal.Flags;
using Teal.Releases;
using Teal.Tests.Fast.Manifests;

namespace Teal.Tests.Fast.Plans;

public sealed class ReleasePlannerTests
{
    private static readonly Origin Ann = new("ann", "cli");
    private static readonly Manifest Plain = Sample.Good(Sample.Least);
    private static readonly Manifest Whole = Sample.Good(Sample.Whole);
    private static readonly ServiceState OnV1 = ServiceState.New("shop") with
    {
        Blue = new SlotState(SlotPhase.Serving, new Deployed("v1", Plain)),
        Live = SlotName.Blue,
    };
    private static readonly ServiceState OnV2WithV1Warm = ServiceState.New("shop") with
    {
        Blue = new SlotState(SlotPhase.Warm, new Deployed("v1", Plain)),
        Green = new SlotState(SlotPhase.Serving, new Deployed("v2", Plain)),
        Live = SlotName.Green,
    };

    [Fact]
    public void A_first_release_goes_straight_to_all_traffic() => Matches("first-release", ReleasePlanner.Plan(null, Whole, "v1"));

    [Fact]
    public void A_release_in_steps_shows_the_way_back_of_each_line() => Matches("in-steps", ReleasePlanner.Plan(OnV1, Whole, "v2"));

    [Fact]
    public void A_warm_version_is_stopped_to_make_room() => Matches("warm-version-goes", ReleasePlanner.Plan(OnV2WithV1Warm, Plain, "v3"));

    [Fact]
    public void What_is_unusual_is_said()
    {
        var manifest = Plain with
        {
            Release = new ReleaseSection
            {
                Guard = [],
                Drain = TimeSpan.Zero,
                KeepPrevious = TimeSpan.Zero,
            },
        };
        var state = OnV1 with
        {
            Blue = OnV1.Blue with { IsDown = true },
            Release = new ReleaseState(
                7,
                ReleaseKind.Deploy,
                "v0",
                "v1",
                SlotName.Blue,
                Ann,
                ReleasePhase.Observing,
                0,
                ReleaseOutcome.Running
            )
            {
                Manifest = Plain,
            },
            Waiting = [new WaitingDeploy("v2", Plain, Ann)],
        };
        Matches("unusual", ReleasePlanner.Plan(state, manifest, "v3"));
    }

    [Fact]
    public void The_version_that_is_live_changes_nothing()
    {
        var plan = ReleasePlanner.Plan(OnV1, Plain, "v1");
        Assert.False(plan.Changes);
        Assert.Empty(plan.Lines);
        Assert.Equal(["v1 is live already: there is nothing to do."], plan.Notes);
    }

    [Fact]
    public void Deploying_the_warm_version_points_to_rollback() =>
        Assert.Contains(
            ReleasePlanner.Plan(OnV2WithV1Warm, Plain, "v1").Notes,
            note => note.Contains("teal rollback goes back to it at once")
        );

    [Fact]
    public void A_release_of_code_has_no_point_of_no_return_and_takes_at_least_its_holds()
    {
        var plan = ReleasePlanner.Plan(OnV1, Whole, "v2");
        Assert.Null(plan.PointOfNoReturn);
        Assert.Equal(TimeSpan.FromMinutes(7) + TimeSpan.FromSeconds(2), plan.AtLeast);
        Assert.Equal(Enumerable.Range(1, plan.Lines.Count), plan.Lines.Select(line => line.Number));
    }

    private static void Matches(string name, ReleasePlan plan)
    {
        var text = new StringBuilder($"{plan.Service}: {plan.From ?? "nothing"} -> {plan.To}, at least {Duration.Text(plan.AtLeast)}\n\n");
        foreach (var line in plan.Lines)
        {
            text.Append($"{line.Number}. {line.What}\n   way back: {line.Back.ToString().ToLowerInvariant()} ({line.Why})\n");
            text.Append(line.Guard is null ? "" : $"   guard: {line.Guard}\n");
            text.Append($"   takes: {(line.AtLeast is { } least ? $"{Duration.Text(least)} or more" : "nobody can know")}\n");
        }
        text.Append($"\npoint of no return: {plan.PointOfNoReturn?.ToString() ?? "none"}\n");
        text.AppendJoin("", plan.Notes.Select(note => $"note: {note}\n"));
        Golden.Matches($"tests/Fast/Plans/{name}.txt", text.ToString());
    }
}
