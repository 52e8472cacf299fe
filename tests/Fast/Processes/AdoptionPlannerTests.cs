using Teal.Releases;
using Teal.Server;
using Teal.Server.Processes;

namespace Teal.Tests.Fast.Processes;

public sealed class AdoptionPlannerTests
{
    private static readonly SlotOrder Wanted = new(
        "shop",
        SlotName.Green,
        "v2",
        new Manifest
        {
            Service = "shop",
            Run = new RunSection { Command = ["app"], Instances = 2 },
        },
        "/stored",
        "app"
    );

    [Fact]
    public void What_is_recorded_and_runs_is_adopted_as_recorded()
    {
        var plan = Plan([Record(1), Record(2)], [Session(1), Session(2)]);
        Assert.Equal([(Record(1), true), (Record(2), true)], plan.Adopt.Select(each => (each.Record, each.IsRecorded)));
        Assert.Empty(plan.End);
        Assert.Empty(plan.Gone);
    }

    [Fact]
    public void What_runs_unrecorded_is_adopted_by_its_marks()
    {
        var adopted = Assert.Single(Plan([], [Session(2)]).Adopt);
        Assert.Equal((Record(2), false), (adopted.Record, adopted.IsRecorded));
    }

    [Fact]
    public void What_is_recorded_and_gone_is_said_to_be_gone() =>
        Assert.Equal([Record(1)], Plan([Record(1), Record(2)], [Session(2)]).Gone);

    [Fact]
    public void A_pid_that_was_given_to_somebody_else_is_no_instance()
    {
        // The same number, another start time, and no marks of ours.
        var plan = Plan([Record(1)], []);
        Assert.Empty(plan.Adopt);
        Assert.Empty(plan.End);
        Assert.Equal([Record(1)], plan.Gone);
    }

    [Fact]
    public void An_instance_whose_environment_cannot_be_read_is_known_by_pid_and_start_time()
    {
        var plan = AdoptionPlanner.Plan([Wanted], [Record(1)], [], _ => true);
        Assert.Equal(Record(1), Assert.Single(plan.Adopt).Record);
        Assert.Equal(Record(1).Pid, Assert.Single(AdoptionPlanner.Plan([], [Record(1)], [], _ => true).End).Leader);
    }

    [Theory]
    [InlineData("shop", "green", "v1")]
    [InlineData("shop", "blue", "v2")]
    [InlineData("till", "green", "v2")]
    public void What_nobody_wants_is_ended(string service, string slot, string version)
    {
        var other = Session(1) with { Marks = Session(1).Marks with { Service = service, Slot = slot, Version = version } };
        var plan = Plan([], [other]);
        Assert.Empty(plan.Adopt);
        Assert.Equal([other], plan.End);
    }

    [Fact]
    public void One_instance_too_many_is_ended() => Assert.Equal([Session(3)], Plan([], [Session(1), Session(2), Session(3)]).End);

    [Fact]
    public void Of_two_at_one_place_the_recorded_one_stays()
    {
        var older = Session(1) with { Leader = 50, StartTime = 5, Marks = Session(1).Marks with { Instance = "shop.green.1-older" } };
        var plan = Plan([Record(1)], [older, Session(1)]);
        Assert.Equal(Record(1), Assert.Single(plan.Adopt).Record);
        Assert.Equal([older], plan.End);
    }

    [Fact]
    public void A_daemon_that_an_instance_started_stays_with_it_and_goes_with_it()
    {
        var daemon = Session(1) with { Leader = 900, StartTime = 9_000 };
        Assert.Empty(Plan([Record(1)], [daemon, Session(1)]).End);
        Assert.Equal(101, Assert.Single(Plan([], [daemon, Session(1)]).Adopt).Record.Pid);
        Assert.Equal(2, AdoptionPlanner.Plan([], [Record(1)], [daemon, Session(1)], _ => false).End.Count);
    }

    [Fact]
    public void What_an_instance_left_behind_and_smoke_tests_are_ended()
    {
        var orphan = Session(1) with { StartTime = 0 };
        var smoke = Session(2) with { Marks = Session(2).Marks with { Instance = "shop.green.smoke-ab" } };
        var plan = Plan([Record(1)], [orphan, smoke]);
        Assert.Empty(plan.Adopt);
        Assert.Equal([orphan, smoke], plan.End);
        Assert.Equal([Record(1)], plan.Gone);
    }

    private static AdoptionPlan Plan(IReadOnlyList<InstanceRecord> recorded, IReadOnlyList<FoundSession> found) =>
        AdoptionPlanner.Plan([Wanted], recorded, found, _ => false);

    private static InstanceRecord Record(int index) =>
        new($"shop.green.{index}-ab", "shop", SlotName.Green, "v2", index, 4000 + index, 100 + index, 1000 + index);

    private static FoundSession Session(int index) =>
        new(100 + index, 1000 + index, new InstanceMarks("home", $"shop.green.{index}-ab", "shop", "green", "v2", 4000 + index));
}
