using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

/// <summary>What a file says of flags, and what was done over it since.</summary>
public sealed class FlagFileMergeTests
{
    private static readonly FlagChange.EnableFlag Kill = new("f", "production", IsEnabled: false, null);

    [Fact]
    public void A_kill_stays_while_the_file_changes_something_else()
    {
        var (set, file) = After(FileWith(Flagged.On), Kill);
        Assert.Contains("production/f", file.Overruled.Keys);
        var (next, still) = file.Over(set, FileWith(Flagged.Off), "flags.yaml");
        Assert.False(Flagged.Production(next, "f").IsEnabled);
        Assert.Equal(Flagged.Off, Flagged.Production(next, "f").Otherwise);
        Assert.True(still.SaysEnabled(next, "production", "f"));
    }

    [Fact]
    public void A_kill_ends_when_the_file_has_said_the_same_and_then_the_opposite()
    {
        var (set, file) = After(FileWith(Flagged.On), Kill);
        var (off, settled) = file.Over(set, FileWith(Flagged.On, isEnabled: false), "flags.yaml");
        Assert.Empty(settled.Overruled);
        var (on, _) = settled.Over(off, FileWith(Flagged.On), "flags.yaml");
        Assert.True(Flagged.Production(on, "f").IsEnabled);
    }

    [Fact]
    public void A_revived_flag_is_as_the_file_says()
    {
        var (killed, file) = After(FileWith(Flagged.On), Kill);
        var revive = Kill with { IsEnabled = true };
        Assert.Empty(file.After(killed, Flagged.Good(killed, revive), revive).Overruled);
    }

    [Fact]
    public void A_share_that_a_rollout_moved_stays_until_the_file_says_another()
    {
        var moved = new FlagChange.SetShare("f", "production", "on", Half, null, null);
        var (set, file) = After(FileWith(Flagged.Off), moved);
        var (kept, keeping) = file.Over(set, FileWith(Flagged.Off), "flags.yaml");
        Assert.Equal(Half, Assert.IsType<Serve.Split>(Flagged.Production(kept, "f").Otherwise).Slices[0].Share);
        var (taken, settled) = keeping.Over(kept, FileWith(Flagged.On), "flags.yaml");
        Assert.Equal(Flagged.On, Flagged.Production(taken, "f").Otherwise);
        Assert.Empty(settled.Overruled);
    }

    [Fact]
    public void What_a_schedule_has_done_is_not_done_again_when_the_file_schedules_more()
    {
        var first = new Scheduled(new DateTime(2026, 1, 1, 9, 0, 0, DateTimeKind.Unspecified), "Europe/Berlin", false, null);
        var second = first with { At = first.At.AddYears(5), IsEnabled = true };
        var (set, file) = After(FileWith(Flagged.On, schedule: first), new FlagChange.RunSchedule("f", "production", first, null));
        var (next, _) = file.Over(set, FileWith(Flagged.On, schedule: [first, second]), "flags.yaml");
        Assert.Equal([second], Flagged.Production(next, "f").Schedule);
        Assert.False(Flagged.Production(next, "f").IsEnabled);
    }

    [Fact]
    public void What_the_file_said_can_be_told_from_what_is()
    {
        var (set, file) = After(FileWith(Flagged.On), Kill);
        Assert.True(FlagPatch.Between(file.Said(set), FileWith(Flagged.On)).IsEmpty);
        Assert.False(FlagPatch.Between(set, FileWith(Flagged.On)).IsEmpty);
    }

    [Fact]
    public void A_flag_that_leaves_the_file_leaves_nothing_behind()
    {
        var (set, file) = After(FileWith(Flagged.On), Kill);
        var (next, settled) = file.Over(set, Flagged.Set(Flagged.Switch("other", Flagged.On)), "flags.yaml");
        Assert.Equal(["other"], next.Flags.Keys);
        Assert.Empty(settled.Overruled);
    }

    private static Share Half => Share.TryParse("50%", out var half) ? half : Share.None;

    private static FlagSet FileWith(Serve otherwise, bool isEnabled = true, params Scheduled[] schedule) =>
        Flagged.Set(Flagged.Switch("f", otherwise).In(targeting => targeting with { IsEnabled = isEnabled, Schedule = schedule }));

    private static (FlagSet Set, FlagFile File) After(FlagSet taken, FlagChange.OfTargeting change)
    {
        var set = Flagged.Good(taken, change);
        return (set, new FlagFile("flags.yaml", FlagFile.Nothing).After(taken, set, change));
    }
}
