namespace Teal.Analysis;

/// <summary>
/// What no test can beat: how many requests a test needs on average that cries wolf with the chance α at most (Wald's bound; Lai and
/// Robbins' form). What a request tells is the divergence of both sides from the mixture that would explain them without a difference.
/// </summary>
public static class InformationLimit
{
    /// <summary>
    /// In nats: w·KL(p₁‖m·p*) + (1−w)·KL(p₀‖p*), p* = (w·p₁ + (1−w)·p₀) / (w·m + 1−w), which is what comes nearest for rates that are small or a
    /// margin m of 1.
    /// </summary>
    /// <param name="oldRate">Of bad events, p₀.</param>
    /// <param name="newRate">p₁.</param>
    /// <param name="share">Of the traffic that goes to the new side, w.</param>
    /// <param name="margin">So many times as bad is not yet what is looked for.</param>
    public static double PerRequest(double oldRate, double newRate, double share, double margin = 1)
    {
        var mixed = ((share * newRate) + ((1 - share) * oldRate)) / ((share * margin) + 1 - share);
        return (share * Divergence(newRate, Math.Min(1, margin * mixed))) + ((1 - share) * Divergence(oldRate, mixed));
    }

    /// <summary>Requests of the new side: w·ln(1/α) / <see cref="PerRequest"/>.</summary>
    public static double NewRequests(double oldRate, double newRate, double share, double alpha) =>
        share * Math.Log(1 / alpha) / PerRequest(oldRate, newRate, share);

    /// <summary>If the old rate were known without doubt: ln(1/α) / KL(p₁‖p₀).</summary>
    public static double NewRequestsBesideKnownRate(double oldRate, double newRate, double alpha) =>
        Math.Log(1 / alpha) / Divergence(newRate, oldRate);

    /// <summary>
    /// The same for a whole distribution: latencies by their level of slowness, those of the new side being the old one's and
    /// <paramref name="times"/> slower. By single buckets the noise in the counts would look like information.
    /// </summary>
    public static double PerRequest(LatencyHistogram old, double times, double share)
    {
        if (LatencyRanks.Of(old) is not { } ranks)
        {
            return 0;
        }
        Span<double> before = stackalloc double[LatencyRanks.Levels];
        Span<double> now = stackalloc double[LatencyRanks.Levels];
        var counts = old.Counts;
        var (all, shift) = ((double)old.Count, LatencyHistogram.BucketsOf(times));
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            before[ranks.LevelOf(bucket)] += counts[bucket] / all;
            now[ranks.LevelOf(Math.Min(bucket + shift, counts.Length - 1))] += counts[bucket] / all;
        }
        var sum = 0.0;
        for (var level = 0; level < now.Length; level++)
        {
            var mixed = (share * now[level]) + ((1 - share) * before[level]);
            sum += (share * Part(now[level], mixed)) + ((1 - share) * Part(before[level], mixed));
        }
        return sum;
    }

    /// <summary>Kullback and Leibler's divergence of one coin from another.</summary>
    internal static double Divergence(double p, double from) => Part(p, from) + Part(1 - p, 1 - from);

    private static double Part(double p, double from) => p <= 0 ? 0 : p * Math.Log(p / from);
}
