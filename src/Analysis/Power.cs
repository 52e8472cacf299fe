namespace Teal.Analysis;

/// <summary>A stage as it is planned, at the traffic that the service has now.</summary>
/// <param name="Share">Of the traffic that goes to the new side, 0 to 1.</param>
/// <param name="RequestsPerSecond">Of both sides together.</param>
public sealed record StageTraffic(double Share, double RequestsPerSecond, TimeSpan Duration);

/// <summary>What would be found out by the end of a stage, on average.</summary>
/// <param name="ErrorRate">The smallest error rate of the new side that would be taken back; null when not even "fails always" would be.</param>
/// <param name="Slowdown">How many times slower, all over the distribution, would be found; null when not even 10 times, or latencies are unknown.</param>
/// <param name="UntilTwice">How long, from the start of the stage, twice the old error rate would go on; null when the stage is over before.</param>
public sealed record StagePower(double? ErrorRate, double? Slowdown, TimeSpan? UntilTwice);

/// <summary>
/// What this traffic can show in this time, before it is spent: the <see cref="InformationLimit"/> times what the engine needs beyond it, as
/// <c>./bench verdicts</c> measures it. Evidence carries over, so a stage has that of the stages before it too.
/// </summary>
public static class Power
{
    private const double ErrorsBeyondLimit = 1.45;
    private const double LatencyBeyondLimit = 1.4;
    private const double MostTimesSlower = 10;
    private const int Halvings = 50;

    /// <param name="oldRate">Of errors, now.</param>
    /// <param name="old">Latencies now; null when they are unknown or no guard asks.</param>
    /// <param name="margin">Of the guard on errors.</param>
    /// <param name="alpha">Of the release, divided by its guards.</param>
    public static IReadOnlyList<StagePower> Of(
        IReadOnlyList<StageTraffic> stages,
        double oldRate,
        LatencyHistogram? old,
        double margin,
        double alpha
    ) =>
        [
            .. stages.Select(
                (stage, i) =>
                {
                    var seen = stages.Take(i + 1).ToList();
                    return new StagePower(
                        SmallestRate(seen, oldRate, margin, alpha),
                        old is null ? null : SmallestSlowdown(seen, old, alpha),
                        UntilFound(seen, oldRate, Math.Min(1, 2 * oldRate), margin, alpha)
                    );
                }
            ),
        ];

    private static double? SmallestRate(List<StageTraffic> stages, double oldRate, double margin, double alpha)
    {
        bool IsFound(double rate) =>
            Told(stages, share => InformationLimit.PerRequest(oldRate, rate, share, margin)) >= ErrorsBeyondLimit * Math.Log(1 / alpha);
        return Smallest(Math.Min(1, margin * oldRate), 1, IsFound);
    }

    private static double? SmallestSlowdown(List<StageTraffic> stages, LatencyHistogram old, double alpha)
    {
        bool IsFound(double times) =>
            Told(stages, share => InformationLimit.PerRequest(old, times, share)) >= LatencyBeyondLimit * Math.Log(1 / alpha);
        return old.Count < LatencyRanks.FewestRequests ? null : Smallest(1, MostTimesSlower, IsFound);
    }

    private static TimeSpan? UntilFound(List<StageTraffic> stages, double oldRate, double newRate, double margin, double alpha)
    {
        var now = stages[^1];
        var before = Told(stages[..^1], share => InformationLimit.PerRequest(oldRate, newRate, share, margin));
        var perSecond = Told(
            [now with { Duration = TimeSpan.FromSeconds(1) }],
            share => InformationLimit.PerRequest(oldRate, newRate, share, margin)
        );
        var seconds = Math.Max(0, (ErrorsBeyondLimit * Math.Log(1 / alpha)) - before) / perSecond;
        return oldRate > 0 && seconds <= now.Duration.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>In nats, by all requests of these stages.</summary>
    private static double Told(IEnumerable<StageTraffic> stages, Func<double, double> perRequest) =>
        stages
            .Where(stage => stage.Share is > 0 and < 1)
            .Sum(stage => stage.RequestsPerSecond * stage.Duration.TotalSeconds * perRequest(stage.Share));

    private static double? Smallest(double low, double high, Func<double, bool> isFound)
    {
        if (!isFound(high))
        {
            return null;
        }
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = isFound(middle) ? (low, middle) : (middle, high);
        }
        return high;
    }
}
