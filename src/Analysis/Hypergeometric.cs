namespace Teal.Analysis;

/// <summary>
/// What realised counts say, whatever brought the requests to the versions (a hash, counters that were scraped, a balancer outside): of
/// n₁ requests of the new and n₀ of the old version e failed; which of them were the new one's is, without a difference, a draw without
/// replacement (Fisher's exact test, as a bet).
/// </summary>
internal static class Hypergeometric
{
    private const double Large = 1e200;

    /// <summary>
    /// ln of the likelihood of <paramref name="newBad"/> of e = newBad + oldBad bad events at the odds ratio <paramref name="ratio"/> over that at
    /// <paramref name="nullRatio"/>: ratio^x₁ / Σₖ ratioᵏ C(n₁,k) C(n₀,e−k), one over the other. Zero when the counts are impossible or
    /// leave nothing to chance.
    /// </summary>
    public static double LogFactor(long newRequests, long oldRequests, long newBad, long oldBad, double ratio, double nullRatio = 1)
    {
        var fewest = Math.Max(0, newBad + oldBad - oldRequests);
        return LeavesNothingToChance(newRequests, oldRequests, newBad, oldBad)
            ? 0
            : ((newBad - fewest) * Math.Log(ratio / nullRatio))
                - LogSum(newRequests, oldRequests, newBad + oldBad, ratio)
                + LogSum(newRequests, oldRequests, newBad + oldBad, nullRatio);
    }

    public static bool LeavesNothingToChance(long newRequests, long oldRequests, long newBad, long oldBad) =>
        newBad + oldBad == 0 || newRequests <= 0 || oldRequests <= 0 || newBad + oldBad == newRequests + oldRequests;

    /// <summary>
    /// ln Σ over the possible k of ratioᵏ C(n₁,k) C(n₀,e−k), up to a factor that does not depend on the ratio: Horner's scheme over the
    /// quotients of neighbours, from the last to the first. They grow on the way, so the sum once large never shrinks again.
    /// </summary>
    private static double LogSum(long newRequests, long oldRequests, long bad, double ratio)
    {
        var fewest = Math.Max(0, bad - oldRequests);
        var (sum, one, scale) = (1.0, 1.0, 0.0);
        for (var k = Math.Min(newRequests, bad) - 1; k >= fewest; k--)
        {
            var quotient = (double)(newRequests - k) * (bad - k) / ((double)(k + 1) * (oldRequests - bad + k + 1));
            sum = one + (quotient * ratio * sum);
            if (sum > Large)
            {
                (sum, one, scale) = (sum / Large, one / Large, scale + Math.Log(Large));
            }
        }
        return scale + Math.Log(sum);
    }
}
