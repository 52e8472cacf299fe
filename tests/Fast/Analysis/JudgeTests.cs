using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

public sealed class JudgeTests
{
    private static readonly Guard Increase = new(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005);
    private static readonly Guard MaxErrors = new(GuardMetric.ErrorRate, GuardLimit.Max, 0.01);
    private static readonly Guard P99Ratio = new(GuardMetric.LatencyP99, GuardLimit.MaxRatio, 1.3);
    private static readonly Guard P50Ratio = new(GuardMetric.LatencyP50, GuardLimit.MaxRatio, 1.3);
    private static readonly Guard P50Max = new(GuardMetric.LatencyP50, GuardLimit.Max, 250);
    private static readonly Guard Cpu = new(GuardMetric.Cpu, GuardLimit.Max, 90);
    private static readonly Guard Memory = new(GuardMetric.Memory, GuardLimit.Max, 512L << 20);

    [Fact]
    public void Without_guards_the_release_goes_on()
    {
        var verdict = Judge.Decide([], new Evidence(Arm.Of(100, 100), Arm.Of(100), TimeSpan.Zero));
        Assert.Equal(VerdictKind.Continue, verdict.Kind);
        Assert.Empty(verdict.Findings);
    }

    [Theory]
    [InlineData(0, 0, 1000, 0, VerdictKind.NoData)]
    [InlineData(19, 0, 1000, 0, VerdictKind.NoData)]
    [InlineData(20, 0, 1000, 0, VerdictKind.Continue)]
    [InlineData(1, 1, 1000, 0, VerdictKind.NoData)]
    [InlineData(20, 1, 1000, 0, VerdictKind.Hold)]
    [InlineData(20, 20, 380, 0, VerdictKind.Rollback)]
    [InlineData(5, 5, 95, 0, VerdictKind.Rollback)]
    [InlineData(20, 10, 380, 0, VerdictKind.Rollback)]
    [InlineData(40, 12, 760, 1, VerdictKind.Rollback)]
    [InlineData(1000, 5, 1000, 5, VerdictKind.Continue)]
    [InlineData(1000, 9, 1000, 5, VerdictKind.Continue)]
    [InlineData(1000, 14, 1000, 5, VerdictKind.Hold)]
    [InlineData(100_000, 2000, 100_000, 500, VerdictKind.Rollback)]
    [InlineData(20, 20, 0, 0, VerdictKind.Rollback)]
    [InlineData(100, 50, 100, 50, VerdictKind.Hold)]
    [InlineData(100, 30, 100, 50, VerdictKind.Hold)]
    [InlineData(1000, 900, 1000, 300, VerdictKind.Rollback)]
    public void An_increase_of_errors_is_judged_against_the_old_version(long n1, long x1, long n0, long x0, VerdictKind expected) =>
        Assert.Equal(expected, Arm.Judged(Increase, Arm.Of(n1, x1), Arm.Of(n0, x0)).Kind);

    [Fact]
    public void The_evidence_is_said_in_words_with_figures()
    {
        var finding = Assert.Single(Arm.Judged(Increase, Arm.Of(40, 12), Arm.Of(760, 1)).Findings);
        Assert.Equal(
            new GuardFinding(
                "error_rate max_increase 0.5%",
                GuardAnswer.Unhealthy,
                "+29.868%",
                "0.5%",
                40,
                "12 of the 13 errors came from the new version, which answered 40 of 800 requests."
            ),
            finding
        );
    }

    [Fact]
    public void When_both_versions_fail_it_is_not_the_new_versions_doing() =>
        Assert.Contains("not the new version's doing", Arm.Judged(Increase, Arm.Of(100, 50), Arm.Of(100, 50)).Findings[0].Words);

    [Fact]
    public void Without_an_old_version_the_increase_counts_from_zero_and_says_so()
    {
        var verdict = Arm.Judged(Increase, Arm.Of(20, 20), null);
        Assert.Equal(VerdictKind.Rollback, verdict.Kind);
        Assert.Contains("no old version's rate to compare with", verdict.Findings[0].Words);
        Assert.Equal(VerdictKind.Continue, Arm.Judged(Increase, Arm.Of(1000, 3), null).Kind);
    }

    [Theory]
    [InlineData(0, 0, 0, VerdictKind.NoData)]
    [InlineData(19, 0, 0, VerdictKind.NoData)]
    [InlineData(100, 1, 0, VerdictKind.Continue)]
    [InlineData(100, 2, 0, VerdictKind.Hold)]
    [InlineData(20, 20, 0, VerdictKind.Rollback)]
    [InlineData(100, 30, 0, VerdictKind.Rollback)]
    [InlineData(100, 30, 30, VerdictKind.Hold)]
    public void A_rate_of_errors_has_a_limit_of_its_own(long n1, long x1, long x0, VerdictKind expected) =>
        Assert.Equal(expected, Arm.Judged(MaxErrors, Arm.Of(n1, x1), Arm.Of(100, x0)).Kind);

    [Fact]
    public void A_percentile_needs_enough_answers_of_both_versions()
    {
        Assert.Equal(VerdictKind.NoData, Arm.Judged(P99Ratio, Arm.Times((99, 900)), Arm.Times((1000, 10))).Kind);
        Assert.Equal(VerdictKind.NoData, Arm.Judged(P99Ratio, Arm.Times((1000, 900)), Arm.Times((99, 10))).Kind);
        Assert.Equal(VerdictKind.NoData, Arm.Judged(P50Ratio, Arm.Of(0), Arm.Times((1000, 10))).Kind);
        Assert.Equal(VerdictKind.Rollback, Arm.Judged(P50Ratio, Arm.Times((20, 900)), Arm.Times((1000, 10))).Kind);
    }

    [Fact]
    public void A_slow_tail_is_found_and_the_same_tail_is_not()
    {
        var old = Arm.Times((985, 20), (15, 100));
        Assert.Equal(VerdictKind.Rollback, Arm.Judged(P99Ratio, Arm.Times((450, 20), (50, 400)), old).Kind);
        Assert.Equal(VerdictKind.Continue, Arm.Judged(P99Ratio, Arm.Times((493, 20), (7, 100)), old).Kind);
        Assert.Equal(VerdictKind.Hold, Arm.Judged(P99Ratio, Arm.Times((493, 20), (7, 400)), old).Kind);
    }

    [Fact]
    public void A_difference_below_five_milliseconds_is_no_breach() =>
        Assert.Equal(VerdictKind.Continue, Arm.Judged(P50Ratio, Arm.Times((1000, 2)), Arm.Times((1000, 1))).Kind);

    [Fact]
    public void A_ratio_without_an_old_version_says_so_and_does_not_stand_in_the_way()
    {
        var verdict = Arm.Judged(P99Ratio, Arm.Times((1000, 10)), null);
        Assert.Equal(VerdictKind.Continue, verdict.Kind);
        Assert.Equal(GuardAnswer.Inconclusive, verdict.Findings[0].Answer);
        Assert.Contains("no old version to compare with", verdict.Findings[0].Words);
        Assert.Equal(VerdictKind.Rollback, Arm.Judged(P50Max, Arm.Times((20, 900)), null).Kind);
    }

    [Fact]
    public void A_limit_on_latency_that_the_old_version_breaks_too_holds()
    {
        Assert.Equal(VerdictKind.Rollback, Arm.Judged(P50Max, Arm.Times((50, 900)), Arm.Times((50, 10))).Kind);
        Assert.Equal(VerdictKind.Hold, Arm.Judged(P50Max, Arm.Times((50, 900)), Arm.Times((50, 900))).Kind);
        Assert.Equal(VerdictKind.Continue, Arm.Judged(P50Max, Arm.Times((50, 100)), Arm.Times((50, 900))).Kind);
    }

    [Fact]
    public void Hard_limits_break_at_the_first_reading_and_nothing_read_holds()
    {
        Assert.Equal(VerdictKind.Rollback, Arm.Judged(Cpu, Arm.Of(0) with { CpuPercent = 90.1 }, Arm.Of(100)).Kind);
        Assert.Equal(VerdictKind.Continue, Arm.Judged(Cpu, Arm.Of(0) with { CpuPercent = 90 }, Arm.Of(100)).Kind);
        Assert.Equal(VerdictKind.NoData, Arm.Judged(Cpu, Arm.Of(100) with { CpuPercent = double.NaN }, Arm.Of(100)).Kind);
        Assert.Equal(VerdictKind.NoData, Arm.Judged(Memory, Arm.Of(100), Arm.Of(100)).Kind);
        var finding = Arm.Judged(Memory, Arm.Of(100) with { MemoryBytes = 600L << 20 }, null).Findings[0];
        Assert.Equal("The new version's largest instance holds 600MiB; 512MiB is allowed.", finding.Words);
    }

    [Fact]
    public void The_gravest_guard_decides_and_all_are_told()
    {
        var fresh = Arm.Of(100, 100) with { MemoryBytes = 1 };
        var verdict = Judge.Decide([Memory, P99Ratio, Increase], new Evidence(fresh, Arm.Of(100), TimeSpan.Zero));
        Assert.Equal(VerdictKind.Rollback, verdict.Kind);
        Assert.Equal(
            [GuardAnswer.Healthy, GuardAnswer.Inconclusive, GuardAnswer.Unhealthy],
            verdict.Findings.Select(finding => finding.Answer)
        );
    }

    [Fact]
    public void One_crash_holds_two_take_back_and_crashes_of_both_versions_do_not()
    {
        Assert.Equal(VerdictKind.Hold, Arm.Judged(Increase, Arm.Of(100) with { Restarts = 1 }, Arm.Of(100)).Kind);
        Assert.Equal(VerdictKind.Rollback, Arm.Judged(Increase, Arm.Of(100) with { Restarts = 2 }, Arm.Of(100)).Kind);
        Assert.Equal(VerdictKind.Continue, Arm.Judged(Increase, Arm.Of(100) with { Restarts = 2 }, Arm.Of(100) with { Restarts = 2 }).Kind);
    }

    [Fact]
    public void A_guard_is_written_as_in_the_manifest()
    {
        Assert.Equal("error_rate max_increase 0.5%", Increase.ToString());
        Assert.Equal("latency_p99 max_ratio 1.3", P99Ratio.ToString());
        Assert.Equal("latency_p50 max 250ms", P50Max.ToString());
        Assert.Equal("cpu max 90%", Cpu.ToString());
        Assert.Equal("memory max 512MiB", Memory.ToString());
    }

    [Fact]
    public void An_old_version_that_answers_nothing_any_more_is_not_waited_for()
    {
        var (fresh, old) = (Arm.Times((200, 10)), Arm.Times((5, 10)));
        Assert.Equal(VerdictKind.NoData, Judge.Decide([P99Ratio], new Evidence(fresh, old, TimeSpan.FromSeconds(3))).Kind);
        Assert.Equal(
            VerdictKind.Continue,
            Judge.Decide([P99Ratio], new Evidence(fresh, old, TimeSpan.FromSeconds(3), OldHasEnded: true)).Kind
        );
    }
}
