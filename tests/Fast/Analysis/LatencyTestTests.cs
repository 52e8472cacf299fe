using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

/// <summary>The bets on latencies: fair, the same by event and by tick, exact for any counts.</summary>
public sealed class LatencyTestTests
{
    private const int Seed = 20261124;

    [Fact]
    public void The_mean_over_all_choices_is_that_of_the_choices_counted_one_by_one()
    {
        double[] scores = [-1.5, -0.25, 0, 0.7, 2.8];
        long[] counts = [2, 3, 1, 4, 2];
        double[] each = [.. scores.SelectMany((score, i) => Enumerable.Repeat(score, (int)counts[i]))];
        for (var chosen = 1; chosen < each.Length; chosen++)
        {
            var products = Enumerable
                .Range(0, 1 << each.Length)
                .Where(choice => int.PopCount(choice) == chosen)
                .Select(choice => Math.Exp(each.Where((_, i) => (choice >> i & 1) == 1).Sum()));
            Assert.Equal(Math.Log(products.Average()), Permutations.LogMeanProduct(scores, counts, chosen), 1e-10);
        }
    }

    [Theory]
    [InlineData(25, 475, 3, 60)]
    [InlineData(5000, 45000, 900, 4100)]
    [InlineData(500, 500, 0, 30)]
    public void Two_scores_are_the_hypergeometric_tick(long newRequests, long oldRequests, long newBad, long oldBad)
    {
        var bad = newBad + oldBad;
        var mean = Permutations.LogMeanProduct([0, Math.Log(5)], [newRequests + oldRequests - bad, bad], newRequests);
        var expected = Hypergeometric.LogFactor(newRequests, oldRequests, newBad, oldBad, 5);
        Assert.Equal(expected, (newBad * Math.Log(5)) - mean, 1e-7 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void A_tick_is_the_same_as_its_answers_one_by_one()
    {
        var random = new Random(Seed);
        var ranks = LatencyRanks.Of(Sample(random, 5000, 1))!;
        var (@new, old) = (Sample(random, 40, 1.3), Sample(random, 160, 1));
        foreach (var margin in new[] { 1.0, 1.2 })
        {
            var (byTick, byEvent) = (new LatencyTest(margin), new LatencyTest(margin));
            byTick.Observe(ranks, @new, old, 0.2);
            foreach (var (histogram, isNew) in new[] { (@new, true), (old, false) })
            {
                for (var bucket = 0; bucket < LatencyHistogram.Buckets; bucket++)
                {
                    for (var i = 0; i < histogram.Counts[bucket]; i++)
                    {
                        byEvent.Observe(ranks, bucket, isNew, 0.2);
                    }
                }
            }
            Assert.Equal(byEvent.LogE, byTick.LogE, 1e-9);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void A_slower_version_is_found_by_counts_too(double share)
    {
        var random = new Random(Seed);
        var ranks = LatencyRanks.Of(Sample(random, 5000, 1))!;
        var (same, slower, allowed) = (new LatencyTest(1), new LatencyTest(1), new LatencyTest(1.6));
        for (var tick = 0; tick < 20; tick++)
        {
            var (@new, old) = (Sample(random, (int)(100 * share), 1), Sample(random, (int)(100 * (1 - share)), 1));
            same.Count(ranks, @new, old);
            var slow = Sample(random, (int)(100 * share), 1.5);
            slower.Count(ranks, slow, old);
            allowed.Count(ranks, slow, old);
        }
        Assert.True(same.LogE < 2, $"seed {Seed}: equal versions, ln E = {same.LogE}");
        Assert.True(slower.LogE > Math.Log(100), $"seed {Seed}: 1.5 times slower, ln E = {slower.LogE}");
        Assert.True(allowed.LogE < 2, $"seed {Seed}: slower than 1.6 times is asked, ln E = {allowed.LogE}");
    }

    [Fact]
    public void Nobody_is_ranked_by_a_handful_of_answers()
    {
        Assert.Null(LatencyRanks.Of(new LatencyHistogram()));
        Assert.Null(LatencyRanks.Of(Sample(new Random(Seed), LatencyRanks.FewestRequests - 1, 1)));
    }

    internal static LatencyHistogram Sample(Random random, int count, double times)
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < count; i++)
        {
            histogram.Record(20 * times * Math.Exp(0.5 * NormalQuantile.Of(random.NextDouble())));
        }
        return histogram;
    }
}
