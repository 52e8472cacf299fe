namespace Teal.Tests.Real.EndToEnd;

public sealed class RollbackTests
{
    [Fact]
    public async Task A_rollback_at_rest_starts_nothing_and_the_roles_are_swapped_and_swapped_back()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest { Instances = 2 });
        var before = await teal.ReleaseAsync("v2", new AppManifest { Instances = 2 });
        Assert.Equal((2, 2), (before.PidsOf("v1").Length, before.PidsOf("v2").Length));
        await using var callers = Callers.Call(teal);
        await callers.HearAsync("v2");

        await RollsBackAsync(teal, before, live: "v1", warm: "v2");
        await callers.HearAsync("v1", more: 20);
        await RollsBackAsync(teal, before, live: "v2", warm: "v1");
        await callers.HearAsync("v2", more: 20);
        callers.AssertNoneFailed();
    }

    [Fact]
    public async Task Without_a_warm_version_there_is_nothing_to_roll_back_to()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var first = await teal.TealAsync("rollback", "-s", "app");
        Assert.True(first.ExitCode == 5, first.ToString());
        Assert.Contains("TEAL3008", first.Error);
        Assert.Contains("no version to return to", first.Error);

        await teal.ReleaseAsync("v2", new AppManifest { KeepPrevious = "0s" });
        await teal.StatusWhenAsync(status => status.Warm is null && status.Slots.Any(slot => slot.Phase == "empty"), "v1 to be stopped");
        var late = await teal.TealAsync("rollback", "v1", "-s", "app");
        Assert.True(late.ExitCode == 5, late.ToString());
        Assert.StartsWith("v2 ", await teal.AskAsync());
    }

    [Fact]
    public async Task A_rollback_to_a_version_that_is_not_warm_is_refused()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await teal.ReleaseAsync("v2", new AppManifest());
        var other = await teal.TealAsync("rollback", "v0", "-s", "app");
        Assert.True(other.ExitCode == 5, other.ToString());
        Assert.Contains("TEAL3009", other.Error);
        Assert.Contains("`teal rollback` returns to v1", other.Error);
        Assert.Equal("v2", (await teal.StatusAsync()).Live);
    }

    private static async Task RollsBackAsync(TealProcess teal, Wire.StatusView before, string live, string warm)
    {
        var result = await teal.TealAsync("rollback", "-s", "app");
        Assert.True(result.ExitCode == 0, result.ToString());
        var status = await teal.StatusAsync();
        Assert.Equal((live, warm), (status.Live, status.Warm));
        Assert.Equal(before.PidsOf("v1"), status.PidsOf("v1"));
        Assert.Equal(before.PidsOf("v2"), status.PidsOf("v2"));
        Assert.DoesNotContain("starting", status.Told());
    }
}
