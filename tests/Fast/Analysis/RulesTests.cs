using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

/// <summary>What is a rule and no test: processes, error budgets, plans, first events.</summary>
public sealed class RulesTests
{
    [Fact]
    public void The_windows_are_those_of_the_workbook()
    {
        var windows = VectorTests.Vectors("burn-rate.json", "windows");
        Assert.Equal(windows.Select(window => VectorTests.Number(window, "factor")), BurnWindow.Usual.Select(window => window.Factor));
        Assert.Equal(windows.Select(window => window.GetProperty("long").GetString()), BurnWindow.Usual.Select(window => window.Name));
        Assert.Equal(
            windows.Select(window => Minutes(window.GetProperty("short").GetString()!)),
            BurnWindow.Usual.Select(w => w.Short.TotalMinutes)
        );
        Assert.All(
            windows.Zip(BurnWindow.Usual),
            pair =>
                Assert.Equal(
                    VectorTests.Number(pair.First, "budget_percent") / 100,
                    pair.Second.Factor * pair.Second.Long.TotalDays / 30,
                    1e-12
                )
        );

        static double Minutes(string text) => int.Parse(text[..^1]) * (text[^1] == 'h' ? 60 : 1);
    }

    [Fact]
    public void A_constant_error_rate_fires_after_as_many_minutes_as_published()
    {
        foreach (var vector in VectorTests.Vectors("burn-rate.json", "minutes_to_fire"))
        {
            var (objective, rate) = (VectorTests.Number(vector, "slo"), VectorTests.Number(vector, "error_rate"));
            var published = vector.GetProperty("minutes").EnumerateArray().ToList();
            for (var i = 0; i < published.Count; i++)
            {
                double? expected = published[i].ValueKind == System.Text.Json.JsonValueKind.Null ? null : published[i].GetDouble();
                var minutes = BurnWindow.Usual[i].MinutesToFire(objective, rate);
                Assert.True(
                    expected is null ? minutes is null : Math.Abs(minutes!.Value - expected.Value) <= 0.0501,
                    $"{objective} {rate} {BurnWindow.Usual[i].Name}: {minutes}, published {expected}"
                );
            }
        }
    }

    [Theory]
    [InlineData(0.02, VerdictKind.Rollback, 44)]
    [InlineData(0.01, VerdictKind.Rollback, 216)]
    [InlineData(0.005, VerdictKind.Hold, 864)]
    public void Minute_by_minute_it_fires_in_the_same_minute(double rate, VerdictKind kind, int minute)
    {
        var burn = new BurnRate(0.999);
        var (first, at) = (0, 0);
        for (; first == 0 && at < 1000; at++)
        {
            burn.Add(TimeSpan.FromMinutes(at), 10_000, (long)(10_000 * rate));
            first = burn.Decide(TimeSpan.FromMinutes(at)).Kind == kind ? at + 1 : 0;
        }
        Assert.InRange(first, minute, minute + 1);
        var again = new BurnRate(0.999, burn.State);
        var now = TimeSpan.FromMinutes(at - 1);
        Assert.Equal(burn.Decide(now).Findings, again.Decide(now).Findings);
        Assert.NotEmpty(burn.Decide(now).Findings);
    }

    [Fact]
    public void Nobody_asking_is_no_good_news()
    {
        var burn = new BurnRate(0.999);
        Assert.Equal(VerdictKind.NoData, burn.Decide(TimeSpan.Zero).Kind);
        burn.Add(TimeSpan.FromMinutes(1), 100, 101);
        burn.Add(TimeSpan.FromMinutes(1), -5, 0);
        Assert.Equal(VerdictKind.NoData, burn.Decide(TimeSpan.FromMinutes(1)).Kind);
        burn.Add(TimeSpan.FromMinutes(2), 100, 0);
        Assert.Equal(VerdictKind.Continue, burn.Decide(TimeSpan.FromMinutes(2)).Kind);
        Assert.Equal(VerdictKind.NoData, burn.Decide(TimeSpan.FromMinutes(8)).Kind);
    }

    [Fact]
    public void Three_windows_of_more_memory_hold_and_two_do_not()
    {
        var (watch, at) = (new ResourceWatch(), TimeSpan.Zero);
        for (; at < TimeSpan.FromMinutes(10); at += TimeSpan.FromSeconds(30))
        {
            watch.Observe(at, new ResourceReading(0.05, 200e6), new ResourceReading(0.01, 100e6));
        }
        watch.Observe(at, null, null);
        Assert.Empty(watch.Findings("v42"));
        for (; at <= TimeSpan.FromMinutes(15); at += TimeSpan.FromSeconds(30))
        {
            watch.Observe(at, new ResourceReading(0.05, 200e6), new ResourceReading(0.01, 100e6));
        }
        // Five times as much of a core is below the floor of a tenth of one.
        var (kind, rule, _, _, _) = Assert.Single(watch.Findings("v42"));
        Assert.Equal((VerdictKind.Hold, "memory"), (kind, rule));
    }

    [Fact]
    public void What_ends_a_process_takes_back_at_once()
    {
        AssertTakesBack(new ResourceReading(0.1, 950e6, 1e9), "memory");
        AssertTakesBack(new ResourceReading(0.1, 100e6, 1e9, Restarts: 1), "crashes");
        AssertTakesBack(new ResourceReading(0.1, 100e6, 1e9, OutOfMemory: 1), "memory");

        static void AssertTakesBack(ResourceReading reading, string rule)
        {
            var watch = new ResourceWatch();
            watch.Observe(TimeSpan.Zero, new ResourceReading(double.NaN, 100e6, 1e9), null);
            Assert.Empty(watch.Findings("v42"));
            watch.Observe(TimeSpan.FromSeconds(1), reading, null);
            var found = Assert.Single(watch.Findings("v42"));
            Assert.Equal((VerdictKind.Rollback, rule), (found.Kind, found.Rule));
        }
    }

    [Theory]
    [InlineData(5e6, 0, false)]
    [InlineData(10e6, 3e6, true)]
    [InlineData(0, 10e6, false)]
    public void A_leak_that_reaches_the_limit_within_a_day_holds(double bytesPerWindow, double noise, bool holds)
    {
        // 500 MB, a limit of 2.3 GB: 5 MB in five minutes reach 1.94 GB within a day, 10 MB reach it.
        var random = new Random(7);
        var watch = new ResourceWatch();
        for (var window = 0; window <= 12; window++)
        {
            var memory = 500e6 + (window * bytesPerWindow) + (noise * (random.NextDouble() - 0.5));
            watch.Observe(window * ResourceWatch.Window, new ResourceReading(0.1, memory, 2.3e9), null);
        }
        Assert.Equal(holds, watch.Findings("v42").Any(found => found is { Rule: "leak", Kind: VerdictKind.Hold }));
    }

    [Fact]
    public void The_slope_is_that_of_most_pairs()
    {
        double[] means = [900, .. Enumerable.Range(0, 12).Select(i => i == 5 ? 1e9 : 100.0 + (10 * i))];
        Assert.Equal(120, LeakSlope.Of(means, TimeSpan.FromMinutes(5))!.Value, 1e-9);
        Assert.Null(LeakSlope.Of(means[..6], TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void A_user_counts_once_in_a_window_and_the_room_is_fixed()
    {
        var events = new FirstEvents(4, TimeSpan.FromMinutes(10));
        Assert.True(events.IsFirst(7, TimeSpan.Zero));
        Assert.False(events.IsFirst(7, TimeSpan.FromMinutes(9)));
        Assert.True(events.IsFirst(7 + 8, TimeSpan.FromMinutes(9)));
        Assert.True(events.IsFirst(7, TimeSpan.FromMinutes(10)));
        Assert.Equal(100, Enumerable.Range(1, 100).Count(user => events.IsFirst((ulong)user * 8, TimeSpan.FromMinutes(11))));
    }

    [Fact]
    public void A_plan_says_what_its_traffic_can_show()
    {
        StageTraffic[] stages =
        [
            new(0.05, 100, TimeSpan.FromMinutes(5)),
            new(0.5, 100, TimeSpan.FromMinutes(30)),
            new(1, 100, TimeSpan.FromMinutes(5)),
        ];
        var old = LatencyTestTests.Sample(new Random(3), 20_000, 1);
        var power = Power.Of(stages, 0.005, old, 1.2, 0.01);
        // At 5 % and for five minutes: 1,500 requests of the new version.
        Assert.InRange(power[0].ErrorRate!.Value, 0.01, 0.03);
        Assert.InRange(power[1].ErrorRate!.Value, 0.006, 0.0085);
        Assert.True(power[0].Slowdown > power[1].Slowdown && power[1].Slowdown > 1, $"{power[0]}, {power[1]}");
        Assert.Null(power[0].UntilTwice);
        Assert.InRange(power[1].UntilTwice!.Value.TotalMinutes, 1, 10);
        Assert.Equal(power[1].ErrorRate, power[2].ErrorRate);
        Assert.Null(Power.Of([new(0.01, 0.1, TimeSpan.FromMinutes(1))], 0.005, null, 1.2, 0.01)[0].ErrorRate);
    }

    [Fact]
    public void A_quantile_lies_in_its_interval_at_every_look()
    {
        var (random, histogram, misses) = (new Random(11), new LatencyHistogram(), 0);
        var truth = 20 * Math.Exp(0.5 * NormalQuantile.Of(0.95));
        for (var i = 1; i <= 20_000; i++)
        {
            histogram.Record(20 * Math.Exp(0.5 * NormalQuantile.Of(random.NextDouble())));
            if (i % 500 == 0)
            {
                var (low, high) = QuantileInterval.Of(histogram, 0.95, 0.05)!.Value;
                misses += low <= truth * 1.01 && high >= truth / 1.01 ? 0 : 1;
            }
        }
        Assert.Equal(0, misses);
        Assert.Null(QuantileInterval.Of(new LatencyHistogram(), 0.95, 0.05));
    }
}
