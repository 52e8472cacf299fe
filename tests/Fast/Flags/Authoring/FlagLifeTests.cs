using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

public sealed class FlagLifeTests
{
    private static readonly DateOnly LongAgo = new(2026, 9, 1);

    private static FlagLifeReport Of(Flag flag, params Flag[] others) =>
        FlagLife.Of(Flagged.Set([flag, .. others]), flag, "production", Flagged.Now);

    [Fact]
    public void A_flag_that_serves_nobody_is_defined() => Assert.Equal(FlagStage.Defined, Of(Flagged.Switch("a", Flagged.Off)).Stage);

    [Fact]
    public void A_share_is_rolling_out() => Assert.Equal(FlagStage.RollingOut, Of(Flagged.Switch("a", Flagged.Split("50%"))).Stage);

    [Theory]
    [InlineData(6, FlagStage.RollingOut)]
    [InlineData(7, FlagStage.Launched)]
    public void One_variant_for_seven_days_is_launched(int days, FlagStage stage) =>
        Assert.Equal(
            stage,
            Of(Flagged.Switch("a", Flagged.Split("100%")).In(targeting => targeting with { Changed = Flagged.Now.AddDays(-days) })).Stage
        );

    [Fact]
    public void An_old_release_flag_is_stale_and_says_what_removing_takes()
    {
        var report = Of(Flagged.Switch("a", Flagged.On) with { Created = LongAgo });
        Assert.Equal(FlagStage.Stale, report.Stage);
        Assert.Equal(["It is 83 days old; flags of the kind release are expected to live 40."], report.StaleBecause);
        Assert.Equal(
            ["Keep on (true) in the code: `teal flag cleanup a --value on PATH`.", "Then `teal flag archive a`."],
            report.Removing
        );
    }

    [Theory]
    [InlineData(FlagKind.Permission)]
    [InlineData(FlagKind.KillSwitch)]
    public void Switches_that_are_meant_to_stay_do_not_age(FlagKind kind) =>
        Assert.Equal(FlagStage.Launched, Of(Flagged.Switch("a", Flagged.On) with { Created = LongAgo, Kind = kind }).Stage);

    [Fact]
    public void What_was_changed_lately_or_is_required_is_not_stale()
    {
        var old = Flagged.Switch("a", Flagged.On) with { Created = LongAgo };
        Assert.NotEqual(FlagStage.Stale, Of(old with { Changed = Flagged.Now.AddDays(-29) }).Stage);
        var report = Of(old, Flagged.Switch("b", Flagged.On) with { Requires = [new Prerequisite("a", ["on"])] });
        Assert.Equal((FlagStage.Launched, "The flag b requires it."), (report.Stage, Assert.Single(report.KeptBecause)));
    }
}
