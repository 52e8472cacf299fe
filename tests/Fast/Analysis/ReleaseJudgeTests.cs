using System.Text.Json;
using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

/// <summary>What the judge of a release says, and that it says the same again.</summary>
public sealed class ReleaseJudgeTests
{
    private static readonly DateTimeOffset _since = new(2026, 11, 24, 12, 4, 0, TimeSpan.Zero);
    private static readonly Guard _errors = new(GuardMetric.ErrorRate, GuardLimit.MaxRatio, 1.2);
    private static readonly Guard _latency = new(GuardMetric.LatencyP95, GuardLimit.MaxRatio, 1.25);

    [Fact]
    public void Twelve_of_thirteen_errors_on_five_percent_of_the_traffic_take_the_release_back()
    {
        var judge = Judge([_errors]);
        judge.Observe(Tick(1, 0.05, new ArmTick(50, 12), new ArmTick(950, 1)));
        var verdict = judge.Decide(TimeSpan.FromSeconds(1));
        Assert.Equal(VerdictKind.Rollback, verdict.Kind);
        var finding = Assert.Single(verdict.Findings);
        Assert.StartsWith(
            "12 of the 13 errors since 12:04 came from v42, which had 5% of the traffic.",
            finding.Words,
            StringComparison.Ordinal
        );
        Assert.Equal(("1.2", 50L), (finding.Limit, finding.Requests));
    }

    [Fact]
    public void A_proved_increase_within_the_limit_is_allowed()
    {
        var ticks = Enumerable.Range(1, 40).Select(i => Tick(i, 0.5, new ArmTick(1000, 6), new ArmTick(1000, 1))).ToList();
        Assert.Equal(VerdictKind.Rollback, Fold(Judge([Increase(0.002)]), ticks).Kind);
        Assert.Equal(VerdictKind.Continue, Fold(Judge([Increase(0.01)]), ticks).Kind);

        static Guard Increase(double limit) => new(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, limit);
    }

    [Fact]
    public void Worse_but_not_by_the_margin_holds()
    {
        var ticks = Enumerable.Range(1, 600).Select(i => Tick(i, 0.5, new ArmTick(1000, 26), new ArmTick(1000, 20)));
        Assert.Equal(VerdictKind.Hold, Fold(Judge([_errors]), ticks).Kind);
    }

    [Fact]
    public void The_route_that_did_it_is_named()
    {
        RouteTick[] before = [Before("GET /"), Before("GET /checkout"), Before("GET /cart")];
        var judge = Judge([_errors, _latency], before);
        for (var i = 1; i <= 20; i++)
        {
            judge.Observe(
                new EvidenceTick(
                    TimeSpan.FromSeconds(i),
                    0.5,
                    Placement.Counted,
                    [
                        new RouteTick("GET /", new ArmTick(100, 1), new ArmTick(100, 1)),
                        new RouteTick("GET /cart", new ArmTick(100, 1), new ArmTick(100, 1)),
                        new RouteTick("GET /checkout", new ArmTick(20, 4), new ArmTick(20, 0)),
                    ]
                )
            );
        }
        var finding = judge.Decide(TimeSpan.FromSeconds(20)).Findings[0];
        Assert.Equal((GuardAnswer.Unhealthy, "GET /checkout"), (finding.Answer, finding.Route));
        Assert.Contains("80 of the 80 errors on GET /checkout", finding.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tail_that_is_slow_on_one_route_is_found_there()
    {
        var random = new Random(20261124);
        LatencyHistogram Times(int count, double slowTail) =>
            Enumerable
                .Range(0, count)
                .Aggregate(
                    new LatencyHistogram(),
                    (histogram, _) =>
                    {
                        var chance = random.NextDouble();
                        histogram.Record(20 * Math.Exp(0.5 * NormalQuantile.Of(chance)) * (chance > 0.9 ? slowTail : 1));
                        return histogram;
                    }
                );
        ArmTick Arm(int count, double slowTail = 1) => new(count, 0, Times(count, slowTail));
        var judge = Judge([_latency], [new("GET /", ArmTick.None, Arm(2000)), new("GET /checkout", ArmTick.None, Arm(2000))]);
        for (var i = 1; i <= 40; i++)
        {
            RouteTick[] routes = [new("GET /", Arm(100), Arm(100)), new("GET /checkout", Arm(50, 2), Arm(50))];
            judge.Observe(new EvidenceTick(TimeSpan.FromSeconds(i), 0.5, Placement.Counted, routes));
        }
        var verdict = judge.Decide(TimeSpan.FromSeconds(40));
        Assert.Equal(VerdictKind.Rollback, verdict.Kind);
        Assert.Equal("GET /checkout", verdict.Findings[0].Route);
    }

    [Fact]
    public void A_version_that_is_as_good_becomes_safe_and_says_before_what_that_takes()
    {
        var judge = Judge([_errors]);
        judge.Observe(Tick(1, 0.5, new ArmTick(1000, 5), new ArmTick(1000, 5)));
        var early = judge.Decide(TimeSpan.FromSeconds(1));
        Assert.Equal(VerdictKind.Continue, early.Kind);
        Assert.InRange(early.Findings[0].RequestsToSafe!.Value, 2_000, 12_000);
        var ticks = Enumerable.Range(2, 20).Select(i => Tick(i, 0.5, new ArmTick(1000, 5), new ArmTick(1000, 5)));
        Assert.Equal(VerdictKind.Safe, Fold(judge, ticks).Kind);
    }

    [Fact]
    public void What_is_missing_or_cannot_be_is_never_a_pass()
    {
        var nothing = Judge([_errors, _latency]);
        Assert.Equal(VerdictKind.NoData, nothing.Decide(TimeSpan.FromSeconds(5)).Kind);
        nothing.Observe(Tick(1, 0.1, ArmTick.None, new ArmTick(500, 2)));
        Assert.Equal(VerdictKind.NoData, nothing.Decide(TimeSpan.FromSeconds(1)).Kind);

        foreach (var broken in new[] { new ArmTick(10, 11), new ArmTick(-1, 0), new ArmTick(5, 0, BadUsers: 3) })
        {
            var judge = Fed();
            judge.Observe(Tick(100, 0.5, broken, new ArmTick(100, 0)));
            Assert.Equal(VerdictKind.NoData, judge.Decide(TimeSpan.FromSeconds(100)).Kind);
        }
        var noShare = Fed();
        noShare.Observe(Tick(100, double.NaN, new ArmTick(10, 0), new ArmTick(100, 0)));
        Assert.Equal(VerdictKind.NoData, noShare.Decide(TimeSpan.FromSeconds(100)).Kind);
        Assert.Equal(VerdictKind.NoData, Fed().Decide(TimeSpan.FromMinutes(3)).Kind);
        Assert.Null(new ArmTick(5, 1).Since(new ArmTick(9, 1)));

        static ReleaseJudge Fed()
        {
            var judge = Judge([_errors]);
            judge.Observe(Tick(1, 0.5, new ArmTick(1000, 1), new ArmTick(1000, 1)));
            Assert.Equal(VerdictKind.Continue, judge.Decide(TimeSpan.FromSeconds(1)).Kind);
            return judge;
        }
    }

    [Fact]
    public void Ten_minutes_without_a_request_at_a_share_hold()
    {
        var ticks = Enumerable.Range(1, 601).Select(i => Tick(i, 0.05, ArmTick.None, new ArmTick(100, 0)));
        Assert.Equal(VerdictKind.NoData, Fold(Judge([_errors]), ticks.Take(590)).Kind);
        Assert.Equal(VerdictKind.Hold, Fold(Judge([_errors]), ticks).Kind);
    }

    [Fact]
    public void When_everything_is_bad_the_new_version_is_not_blamed()
    {
        var ticks = Enumerable.Range(1, 20).Select(i => Tick(i, 0.2, new ArmTick(20, 8), new ArmTick(80, 32)));
        var verdict = Fold(Judge([_errors]), ticks);
        Assert.Equal(VerdictKind.Hold, verdict.Kind);
        Assert.Contains(verdict.Findings, finding => finding.Words.Contains("everything is bad", StringComparison.Ordinal));
    }

    [Fact]
    public void At_all_traffic_at_once_the_minute_before_stands_for_the_old_version()
    {
        RouteTick[] before = [new("", ArmTick.None, new ArmTick(5000, 5))];
        var bad = Enumerable.Range(1, 5).Select(i => Tick(i, 1, new ArmTick(100, 10), ArmTick.None));
        var good = Enumerable.Range(1, 5).Select(i => Tick(i, 1, new ArmTick(1000, 1), ArmTick.None));
        Assert.Equal(VerdictKind.Rollback, Fold(Judge([_errors], before), bad).Kind);
        Assert.Equal(VerdictKind.Continue, Fold(Judge([_errors], before), good).Kind);
    }

    [Fact]
    public void A_limit_by_itself_takes_back_unless_the_old_version_breaks_it_too()
    {
        var max = new Guard(GuardMetric.ErrorRate, GuardLimit.Max, 0.02);
        var ticks = Enumerable.Range(1, 30).Select(i => Tick(i, 0.5, new ArmTick(100, 6), new ArmTick(100, 1)));
        var both = Enumerable.Range(1, 30).Select(i => Tick(i, 0.5, new ArmTick(100, 6), new ArmTick(100, 6)));
        Assert.Equal(VerdictKind.Rollback, Fold(Judge([max]), ticks).Kind);
        Assert.Equal(VerdictKind.Hold, Fold(Judge([max]), both).Kind);
    }

    [Fact]
    public void State_goes_through_json_bit_for_bit_and_the_verdicts_go_on_the_same()
    {
        RouteTick[] before = [Before("GET /"), Before("GET /checkout"), Before("GET /cart")];
        var (lasting, carried) = (Judge([_errors, _latency], before), Judge([_errors, _latency], before));
        var random = new Random(20261124);
        for (var i = 1; i <= 60; i++)
        {
            var share = i < 20 ? 0.05 : 0.25;
            ArmTick Arm(double part) =>
                (int)(part * 200) is var count
                    ? new ArmTick(count, random.Next(3), LatencyTestTests.Sample(random, count, 1 + (part / 5)))
                    : null!;
            var tick = new EvidenceTick(
                TimeSpan.FromSeconds(i),
                share,
                i % 3 == 0 ? Placement.Coin : Placement.Counted,
                [new RouteTick("GET /", Arm(share), Arm(1 - share)), new RouteTick("GET /new", Arm(share), Arm(1 - share))],
                new ResourceReading(0.2, 100e6, 1e9)
            );
            lasting.Observe(tick);
            carried = new ReleaseJudge(Again(carried.State));
            carried.Observe(Again(tick));
            var at = TimeSpan.FromSeconds(i);
            Assert.Equal(JsonSerializer.Serialize(lasting.Decide(at)), JsonSerializer.Serialize(carried.Decide(at)));
        }
        Assert.Equal(JsonSerializer.Serialize(lasting.State), JsonSerializer.Serialize(carried.State));
    }

    [Fact]
    public void A_state_of_something_else_is_refused()
    {
        Assert.Throws<ArgumentException>(() => RatioTest.WorseThan(1, new EProcessState([1, 2], 0, 0)));
        Assert.Throws<ArgumentException>(() => RatioTest.WorseThan(1, new EProcessState([1, 2, 3, 4, double.NaN], 0, 0)));
        Assert.Throws<ArgumentException>(() => LatencyHistogram.From(new SparseHistogram([1], [1, 2])));
        Assert.Throws<ArgumentException>(() => LatencyHistogram.From(new SparseHistogram([LatencyHistogram.Buckets], [1])));
        Assert.Throws<ArgumentException>(() => Judge([new Guard(GuardMetric.ErrorRate, GuardLimit.MaxRatio, double.NaN)]));
        var state = Judge([_errors]).State;
        Assert.Throws<ArgumentException>(() => new ReleaseJudge(state with { Order = state.Order with { Guards = [_errors, _latency] } }));
    }

    [Fact]
    public void A_good_release_on_many_routes_is_seldom_held_whatever_its_shares()
    {
        const int runs = 60;
        var held = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Random(run);
            int Bad(int requests) => Enumerable.Range(0, requests).Count(_ => random.NextDouble() < 0.02);
            ArmTick Arm(int requests) => new(requests, Bad(requests));
            var judge = Judge([_errors], [Before("a"), Before("b"), Before("c")]);
            var isHeld = false;
            for (var i = 1; i <= 60; i++)
            {
                var share = i < 20 ? 0.1 : 0.5;
                RouteTick[] routes =
                [
                    .. "abcd".Select(name => new RouteTick($"{name}", Arm((int)(50 * share)), Arm((int)(50 * (1 - share))))),
                ];
                judge.Observe(new EvidenceTick(TimeSpan.FromSeconds(i), share, Placement.Counted, routes));
                isHeld |= judge.Decide(TimeSpan.FromSeconds(i)).Kind is VerdictKind.Hold or VerdictKind.Rollback;
            }
            held += isHeld ? 1 : 0;
        }
        Assert.True(held <= 2, $"{held} of {runs} with the seeds 0 to {runs - 1}");
    }

    [Fact]
    public void More_than_a_tick_can_hold_is_refused_and_takes_no_time()
    {
        var judge = Judge([_errors]);
        judge.Observe(Tick(1, 0.5, new ArmTick(long.MaxValue, long.MaxValue / 2), new ArmTick(10, 0)));
        Assert.Equal(VerdictKind.NoData, judge.Decide(TimeSpan.FromSeconds(1)).Kind);
        judge.Observe(Tick(1e9, 0.5, new ArmTick(100, 0), new ArmTick(100, 0)) with { New = new ResourceReading(0.1, 1e6) });
        Assert.Equal(VerdictKind.Continue, judge.Decide(TimeSpan.FromSeconds(1e9)).Kind);
    }

    [Fact]
    public void An_old_tick_changes_nothing()
    {
        var judge = Judge([_errors]);
        judge.Observe(Tick(2, 0.5, new ArmTick(100, 1), new ArmTick(100, 1)));
        var before = JsonSerializer.Serialize(judge.State);
        judge.Observe(Tick(2, 0.5, new ArmTick(100, 50), new ArmTick(100, 1)));
        judge.Observe(Tick(1, 0.5, new ArmTick(100, 50), new ArmTick(100, 1)));
        Assert.Equal(before, JsonSerializer.Serialize(judge.State));
    }

    private static ReleaseJudge Judge(IReadOnlyList<Guard> guards, IReadOnlyList<RouteTick>? before = null) =>
        new(new JudgeOrder("v42", "v41", _since, guards, before ?? []));

    private static RouteTick Before(string route) =>
        new(route, ArmTick.None, new ArmTick(2000, 4, LatencyTestTests.Sample(new Random(1), 2000, 1)));

    private static EvidenceTick Tick(double second, double share, ArmTick @new, ArmTick old) =>
        new(TimeSpan.FromSeconds(second), share, Placement.Counted, [new RouteTick("", @new, old)]);

    private static Verdict Fold(ReleaseJudge judge, IEnumerable<EvidenceTick> ticks)
    {
        var at = TimeSpan.Zero;
        foreach (var tick in ticks)
        {
            judge.Observe(tick);
            at = tick.At;
        }
        return judge.Decide(at);
    }

    private static T Again<T>(T value) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value))!;
}
