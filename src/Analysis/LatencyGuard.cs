namespace Teal.Analysis;

/// <summary>Guards on percentiles of the time to answer.</summary>
internal static class LatencyGuard
{
    /// <summary>A difference below this is no breach whatever the ratio: 1 ms → 2 ms harms nobody.</summary>
    private const double FloorMs = 5;

    /// <summary>
    /// New divided by old. Broken when more of the new version's requests lie above the limit than luck explains: of n requests whose
    /// q-quantile keeps the limit, the number above it is at most Binomial(n, 1 − q). The limit stands on the upper confidence bound of
    /// the old quantile, an order statistic (Hahn and Meeker, Statistical Intervals, 1991, 5.2), so that luck on either side is allowed for.
    /// </summary>
    public static Opinion Ratio(Guard guard, Evidence evidence)
    {
        var quantile = QuantileOf(guard.Metric);
        var (fresh, old) = (evidence.New.Latency, evidence.Old?.Latency);
        var measured = fresh.Quantile(quantile);
        if (old is null || (evidence.OldHasEnded && old.Count < Fewest(quantile)))
        {
            var alone = measured is null ? Say.NoData : Figures.Milliseconds(measured.Value);
            return Say.NothingToCompare(
                guard,
                alone,
                fresh.Count,
                $"There is no old {evidence.What} to compare with, or too little was seen of it; only a 'max' guard decides here."
            );
        }
        if (TooFew(guard, fresh.Count, old.Count, quantile, evidence.What) is { } tooFew)
        {
            return tooFew;
        }
        var (now, before) = (measured!.Value, old.Quantile(quantile)!.Value);
        var figure = $"{Figures.Number(now / before)} ({Figures.Milliseconds(before)} → {Figures.Milliseconds(now)})";
        var allowed = Allowed(before, guard.Value);
        var above = fresh.CountAbove(Allowed(UpperBound(old, quantile), guard.Value));
        var words = Words(fresh, allowed, quantile, evidence.What);
        return IsBeyondLuck(above, fresh.Count, quantile) ? Say.Broken(guard, figure, fresh.Count, words)
            : now <= allowed ? Say.Healthy(guard, figure, fresh.Count, words)
            : Say.Suspicious(guard, figure, fresh.Count, $"{words} That is over the limit, and luck may explain it.");
    }

    /// <summary>New alone, by the same count above the limit.</summary>
    public static Opinion Max(Guard guard, Evidence evidence)
    {
        var quantile = QuantileOf(guard.Metric);
        var fresh = evidence.New.Latency;
        if (TooFew(guard, fresh.Count, long.MaxValue, quantile, evidence.What) is { } tooFew)
        {
            return tooFew;
        }
        var now = fresh.Quantile(quantile)!.Value;
        var figure = Figures.Milliseconds(now);
        var words = Words(fresh, guard.Value, quantile, evidence.What);
        if (!IsBeyondLuck(fresh.CountAbove(guard.Value), fresh.Count, quantile))
        {
            return now <= guard.Value
                ? Say.Healthy(guard, figure, fresh.Count, words)
                : Say.Suspicious(guard, figure, fresh.Count, $"{words} That is over the limit, and luck may explain it.");
        }
        return evidence.Old?.Latency is { } old && IsBeyondLuck(old.CountAbove(guard.Value), old.Count, quantile)
            ? Say.Suspicious(
                guard,
                figure,
                fresh.Count,
                $"{words} The old {evidence.What} is over the limit too, so it is not the new {evidence.What}'s doing."
            )
            : Say.Broken(guard, figure, fresh.Count, words);
    }

    private static double QuantileOf(GuardMetric metric) =>
        metric switch
        {
            GuardMetric.LatencyP50 => 0.5,
            GuardMetric.LatencyP90 => 0.9,
            GuardMetric.LatencyP95 => 0.95,
            _ => 0.99,
        };

    /// <summary>A percentile needs a request beyond it: 100 for p99, never fewer than 20.</summary>
    private static long Fewest(double quantile) => Math.Max(Judge.FewestRequests, (long)Math.Round(1 / (1 - quantile)));

    private static Opinion? TooFew(Guard guard, long fresh, long old, double quantile, string what)
    {
        var fewest = Fewest(quantile);
        if (fresh >= fewest && old >= fewest)
        {
            return null;
        }
        var which = fresh < fewest ? ("new", fresh) : ("old", old);
        return Say.TooFew(
            guard,
            Say.NoData,
            fresh,
            $"The {which.Item1} {what} has {Figures.Count(which.Item2, "measured answer")}; this percentile wants at least {fewest}."
        );
    }

    private static double Allowed(double before, double ratio) => Math.Max(before * ratio, before + FloorMs);

    private static bool IsBeyondLuck(long above, long requests, double quantile) =>
        Binomial.AtLeast(above, requests, 1 - quantile) < Judge.Doubt;

    /// <summary>
    /// The value that the true quantile exceeds with the chance <see cref="Judge.Doubt"/> at most; the slowest that was seen when there
    /// are too few requests for such a bound.
    /// </summary>
    private static double UpperBound(LatencyHistogram old, double quantile)
    {
        var (low, high) = ((long)Math.Ceiling(quantile * old.Count), old.Count);
        while (low < high)
        {
            var rank = low + ((high - low) / 2);
            (low, high) = Binomial.AtLeast(rank, old.Count, quantile) <= Judge.Doubt ? (low, rank) : (rank + 1, high);
        }
        return old.Quantile(Math.Min(1, (double)low / old.Count))!.Value;
    }

    private static string Words(LatencyHistogram fresh, double allowed, double quantile, string what)
    {
        var above = fresh.CountAbove(allowed);
        var most = Figures.Percent(1 - quantile);
        return $"{above:#,0} of the new {what}'s {Figures.Count(fresh.Count, "answer")} took longer than {Figures.Milliseconds(allowed)}; the limit leaves room for {most} of them.";
    }
}
