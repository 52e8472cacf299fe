namespace Teal.Analysis;

/// <summary>
/// Between which values a quantile lies, at any time it is looked at and for all quantiles at once: the double stitching bound of Howard
/// and Ramdas (Sequential estimation of quantiles with applications to A/B testing and best-arm identification, Bernoulli 28:1704, 2022,
/// theorem 3). For reports; it triggers nothing.
/// </summary>
public static class QuantileInterval
{
    private const double Eta = 2;
    private const double S = 1.4;
    private const double Delta = 0.5;

    /// <summary>ζ(1.4).</summary>
    private const double Zeta = 3.1055472779775823;

    /// <param name="doubt">That the interval misses the quantile at some time, at most: 0.05.</param>
    /// <param name="fewest">Requests from which on it is to be tight: 100.</param>
    /// <returns>In milliseconds. A side on which too little was seen is 0 or infinite. Null when the histogram is empty.</returns>
    public static (double LowMs, double HighMs)? Of(LatencyHistogram histogram, double quantile, double doubt, double fewest = 100)
    {
        var count = histogram.Count;
        if (count == 0 || !(quantile > 0 && quantile < 1))
        {
            return null;
        }
        // The bound is on how many lie below the quantile; from above, on how many lie beyond its mirror.
        var low = Math.Floor((count * quantile) - Bound(1 - quantile, count, doubt, fewest)) + 1;
        var high = Math.Ceiling((count * quantile) + Bound(quantile, count, doubt, fewest));
        return (
            low < 1 ? 0 : histogram.Quantile(low / count)!.Value,
            high > count ? double.PositiveInfinity : histogram.Quantile(high / count)!.Value
        );
    }

    /// <summary>How far the number of values below the quantile may be from its expectation after <paramref name="count"/> of them.</summary>
    public static double Bound(double quantile, double count, double doubt, double fewest)
    {
        var t = Math.Max(count, fewest);
        var r = quantile >= 0.5 ? quantile : Math.Min(0.5, Expit(Logit(quantile) + (2 * Delta * Math.Sqrt(fewest * Eta / t))));
        var variance = r * (1 - r);
        var j = (Math.Sqrt(t / fewest) * Math.Abs(Logit(quantile)) / (2 * Delta)) + 1;
        var ell =
            (S * Math.Log(Math.Log(Eta * t / fewest)))
            + (S * Math.Log(j))
            + Math.Log(2 * Zeta * ((2 * Zeta) + 1) / (doubt * Math.Pow(Math.Log(Eta), S)));
        var k1 = (Math.Pow(Eta, 0.25) + Math.Pow(Eta, -0.25)) / Math.Sqrt(2);
        var k2 = (Math.Sqrt(Eta) + 1) / 2;
        var skew = k2 * ((1 - (2 * quantile)) / 3) * ell;
        return (Delta * Math.Sqrt(Eta * t * variance / fewest)) + Math.Sqrt((k1 * k1 * variance * t * ell) + (skew * skew)) + skew;
    }

    private static double Logit(double p) => Math.Log(p / (1 - p));

    private static double Expit(double x) => 1 / (1 + Math.Exp(-x));
}
