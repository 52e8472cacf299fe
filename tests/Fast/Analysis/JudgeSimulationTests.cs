using System.Globalization;
using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

/// <summary>How often luck alone rolls back, when the evidence is looked at again and again, and how soon a bad version is found.</summary>
public sealed class JudgeSimulationTests(ITestOutputHelper output)
{
    private const int Seed = 20261123;
    private static readonly Guard Increase = new(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005);
    private static readonly Guard P99Ratio = new(GuardMetric.LatencyP99, GuardLimit.MaxRatio, 1.3);

    /// <summary>Two equal versions, 20 % of the traffic on the new one, 20,000 requests, a look at every 100th.</summary>
    [Theory]
    [InlineData(0.001, 0.001, 0.01)]
    [InlineData(0.01, 0.01, 0.01)]
    [InlineData(0.05, 0.05, 0.03)]
    [InlineData(0.01, 0.015, 0.03)]
    public void Luck_seldom_takes_a_release_back_over_many_looks(double oldRate, double newRate, double most)
    {
        const int runs = 100;
        var random = new Random(Seed);
        var falsely = 0;
        for (var run = 0; run < runs; run++)
        {
            falsely += RequestsUntilRollback(random, newRate, oldRate, 0.2, 20_000, look: 100) is null ? 0 : 1;
        }
        var rate = (double)falsely / runs;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"seed {Seed}: old {oldRate:p1}, new {newRate:p1}, limit +0.5%, 200 looks: {falsely} of {runs} rolled back ({rate:p2})"
            )
        );
        Assert.InRange(rate, 0, most);
    }

    [Theory]
    [InlineData(1.0, 20)]
    [InlineData(0.5, 20)]
    public void A_version_that_fails_is_found_within_twenty_of_its_requests(double newRate, int most)
    {
        const int runs = 100;
        var random = new Random(Seed);
        var needed = Enumerable.Range(0, runs).Select(_ => NewRequestsUntilRollback(random, newRate)).Order().ToList();
        output.WriteLine(
            $"seed {Seed}: failing {newRate:p0}: median {needed[runs / 2]}, 99th {needed[runs * 99 / 100]}, most {needed[^1]} requests"
        );
        Assert.InRange(needed[^1], 1, most);
    }

    [Fact]
    public void Luck_seldom_takes_a_release_back_for_its_tail()
    {
        const int runs = 100;
        var random = new Random(Seed);
        var falsely = 0;
        for (var run = 0; run < runs; run++)
        {
            var (fresh, old) = (new LatencyHistogram(), new LatencyHistogram());
            var isBroken = false;
            for (var request = 1; request <= 10_000 && !isBroken; request++)
            {
                (random.NextDouble() < 0.2 ? fresh : old).Record(Answer(random));
                isBroken = request % 250 == 0 && IsBroken(P99Ratio, fresh, old);
            }
            falsely += isBroken ? 1 : 0;
        }
        output.WriteLine($"seed {Seed}: equal versions, p99 ratio 1.3, 40 looks: {falsely} of {runs} rolled back");
        Assert.InRange((double)falsely / runs, 0, 0.01);
    }

    [Fact]
    public void The_binomial_chances_and_bounds_are_exact()
    {
        // The bounds turned round, and sums of the single terms computed elsewhere.
        Assert.Equal(0.001, Binomial.AtLeast(12, 40, Binomial.LowerBound(12, 40, 0.001)), 9);
        Assert.Equal(0.999, Binomial.AtLeast(2, 760, Binomial.UpperBound(1, 760, 0.001)), 9);
        Assert.Equal(0.00100358, Binomial.AtLeast(3, 20, 0.01), 7);
        Assert.Equal(0.5, Binomial.AtLeast(501, 1001, 0.5), 9);
        Assert.Equal(Math.Pow(0.001, 1.0 / 20), Binomial.LowerBound(20, 20, 0.001), 9);
        Assert.Equal(0.02759726, Binomial.AtLeast(120, 10_000, 0.01), 7);
    }

    private static bool IsBroken(Guard guard, LatencyHistogram fresh, LatencyHistogram old) =>
        Arm.Judged(guard, new ArmEvidence(fresh.Count, 0, fresh), new ArmEvidence(old.Count, 0, old)).Kind == VerdictKind.Rollback;

    /// <summary>Log-normal around 20 ms, as answers of services are.</summary>
    private static double Answer(Random random) =>
        20 * Math.Exp(0.8 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static int? RequestsUntilRollback(Random random, double newRate, double oldRate, double share, int requests, int look)
    {
        long n1 = 0,
            x1 = 0,
            n0 = 0,
            x0 = 0;
        for (var request = 1; request <= requests; request++)
        {
            var isNew = random.NextDouble() < share;
            var failed = random.NextDouble() < (isNew ? newRate : oldRate) ? 1 : 0;
            (n1, x1, n0, x0) = isNew ? (n1 + 1, x1 + failed, n0, x0) : (n1, x1, n0 + 1, x0 + failed);
            if (request % look == 0 && Arm.Judged(Increase, Arm.Of(n1, x1), Arm.Of(n0, x0)).Kind == VerdictKind.Rollback)
            {
                return request;
            }
        }
        return null;
    }

    private static int NewRequestsUntilRollback(Random random, double newRate)
    {
        long errors = 0;
        for (var requests = 1; requests < 1000; requests++)
        {
            errors += random.NextDouble() < newRate ? 1 : 0;
            if (Arm.Judged(Increase, Arm.Of(requests, errors), Arm.Of(requests * 19, 0)).Kind == VerdictKind.Rollback)
            {
                return requests;
            }
        }
        return int.MaxValue;
    }
}
