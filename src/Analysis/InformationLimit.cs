namespace Teal.Analysis;

/// <summary>
/// What no test can beat: how many requests a test needs on average that cries wolf with the chance α at most (Wald's bound; Lai and
/// Robbins' form). What a request tells is the divergence of both sides from the mixture that would explain them without a difference.
/// </summary>
public static class InformationLimit
{
    /// <summary>In nats: w·KL(p₁‖p*) + (1−w)·KL(p₀‖p*), p* = w·p₁ + (1−w)·p₀.</summary>
    /// <param name="oldRate">Of bad events, p₀.</param>
    /// <param name="newRate">p₁.</param>
    /// <param name="share">Of the traffic that goes to the new side, w.</param>
    public static double PerRequest(double oldRate, double newRate, double share)
    {
        var mixed = (share * newRate) + ((1 - share) * oldRate);
        return (share * Divergence(newRate, mixed)) + ((1 - share) * Divergence(oldRate, mixed));
    }

    /// <summary>Requests of the new side: w·ln(1/α) / <see cref="PerRequest"/>.</summary>
    public static double NewRequests(double oldRate, double newRate, double share, double alpha) =>
        share * Math.Log(1 / alpha) / PerRequest(oldRate, newRate, share);

    /// <summary>If the old rate were known without doubt: ln(1/α) / KL(p₁‖p₀).</summary>
    public static double NewRequestsBesideKnownRate(double oldRate, double newRate, double alpha) =>
        Math.Log(1 / alpha) / Divergence(newRate, oldRate);

    /// <summary>The same for a whole distribution: latencies by bucket, that of the new side being the old one's, <paramref name="times"/> slower.</summary>
    public static double PerRequest(LatencyHistogram old, double times, double share)
    {
        var counts = old.Counts;
        var (all, shift, sum) = ((double)old.Count, LatencyHistogram.BucketsOf(times), 0.0);
        for (var bucket = 0; bucket < counts.Length + shift; bucket++)
        {
            var before = bucket < counts.Length ? counts[bucket] / all : 0;
            var now = bucket >= shift ? counts[bucket - shift] / all : 0;
            var mixed = (share * now) + ((1 - share) * before);
            sum += (share * Part(now, mixed)) + ((1 - share) * Part(before, mixed));
        }
        return sum;
    }

    /// <summary>Kullback and Leibler's divergence of one coin from another.</summary>
    internal static double Divergence(double p, double from) => Part(p, from) + Part(1 - p, 1 - from);

    private static double Part(double p, double from) => p <= 0 ? 0 : p * Math.Log(p / from);
}
