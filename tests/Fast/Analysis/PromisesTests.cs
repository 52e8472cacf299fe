using Teal.Analysis;
using Teal.Bench.Verdicts;

namespace Teal.Tests.Fast.Analysis;

/// <summary>
/// The promises of <c>./bench verdicts</c>, with few runs and seeds that stay: what fails here was changed, not unlucky. The streams and the
/// peers' formulas are the benchmark's own.
/// </summary>
public sealed class PromisesTests
{
    private const ulong Seed = 20261124;
    private const int Runs = 60;

    [Fact]
    public void Looked_at_after_every_request_a_good_release_stays()
    {
        var found = Chance.Runs(Runs, Seed, seed => ErrorStreams.Same(20_000, _ => 0.1, _ => 0.01, seed));
        Assert.DoesNotContain(found, alarm => alarm.Rollback);
        Assert.True(found.Count(alarm => alarm.Hold || alarm.Ticks) <= 2, $"seed {Seed}");
        Assert.True(found.Count(alarm => alarm.Z) > 3, "a fixed test that is peeked at alarms often");
    }

    [Fact]
    public void A_ramp_with_a_drifting_base_fools_pooled_counts_and_not_the_engine()
    {
        static double Share(double over) => over < 0.5 ? 0.05 : 0.5;
        var found = Chance.Runs(Runs, Seed, seed => ErrorStreams.Same(40_000, Share, over => 0.002 + (0.008 * over), seed));
        Assert.DoesNotContain(found, alarm => alarm.Rollback);
        Assert.True(found.Count(alarm => alarm.Hold || alarm.Ticks) <= 2, $"seed {Seed}");
        Assert.True(found.Count(alarm => alarm.Z) > Runs / 2);
    }

    [Fact]
    public void A_user_who_stays_counts_once()
    {
        var found = Chance.Runs(Runs, Seed, seed => ErrorStreams.Sticky(20_000, 500, 0.5, seed));
        Assert.True(found.Count(alarm => alarm.ByUser) <= 2 && found.Count(alarm => alarm.ByRequest) > 4, $"seed {Seed}");
    }

    [Theory]
    [InlineData(0.5, 0.005, 0.05, 1.45)]
    [InlineData(0.1, 0.01, 0.05, 1.5)]
    public void A_regression_is_found_near_the_information_limit(double share, double old, double @new, double most)
    {
        var mean = Chance.Runs(4 * Runs, Seed, seed => ErrorStreams.ToDetect(share, old, @new, seed)).Average(run => run.Hold);
        Assert.InRange(mean / InformationLimit.NewRequests(old, @new, share, ErrorStreams.Alpha), 0.9, most);
    }

    [Fact]
    public void A_release_that_fails_half_the_time_is_found_within_twenty_of_its_requests() =>
        Assert.InRange(Chance.Runs(Runs, Seed, seed => ErrorStreams.ToDetect(0.5, 0.005, 0.5, seed)).Average(run => run.Hold), 5, 20);

    [Fact]
    public void A_late_onset_is_found_although_the_beginning_was_good()
    {
        var chance = new Chance(Seed);
        var test = RatioTest.WorseThan(1);
        var requests = 0;
        for (; !test.Reaches(Math.Log(100)) && requests < 60_000; requests++)
        {
            var rate = requests < 50_000 ? 0.01 : 0.05;
            var isNew = chance.Comes(0.5);
            if (chance.Comes(isNew ? rate : 0.01))
            {
                test.Observe(isNew, 0.5);
            }
            test.Pass(isNew ? 1 : 0);
        }
        Assert.InRange(requests, 50_100, 53_000);
    }

    [Fact]
    public void A_slow_tail_is_found_and_equal_latencies_are_not()
    {
        var equal = Chance.Runs(20, Seed, seed => LatencyStreams.Within(3_000, 0.5, null, seed));
        var slow = Chance.Runs(10, Seed, seed => LatencyStreams.Within(4_000, 0.5, LatencyStreams.Slowdowns[3], seed));
        Assert.True(equal.Count(alarm => alarm.Engine || alarm.Ticks) <= 1, $"seed {Seed}");
        Assert.True(slow.Count(alarm => alarm is { Engine: true, Ticks: true }) >= 9, $"seed {Seed}");
    }

    [Fact]
    public void The_peers_formula_is_the_peers()
    {
        foreach (var vector in VectorTests.Vectors("engine.json", "statsig_z_star"))
        {
            double Value(string name) => VectorTests.Number(vector, name);
            var z = PeerRules.StatsigZ(Value("nt"), Value("nc"), Value("var_t"), Value("var_c"), Value("alpha"), (int)Value("sides"));
            Assert.Equal(Value("z_star"), z, 1e-9);
        }
    }

    [Fact]
    public void An_event_costs_no_allocation()
    {
        var ranks = LatencyRanks.Of(LatencyTestTests.Sample(new Random(1), 1000, 1))!;
        var (errors, latency, first) = (RatioTest.WorseThan(1.2), new LatencyTest(1), new FirstEvents(1000, TimeSpan.FromHours(1)));
        Observe(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Observe(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Observe(int events)
        {
            for (var i = 0; i < events; i++)
            {
                errors.Observe(i % 10 == 0, 0.1);
                errors.Pass(1);
                latency.Observe(ranks, 300 + (i % 50), i % 10 == 0, 0.1);
                first.IsFirst((ulong)i, TimeSpan.Zero);
            }
        }
    }
}
