using System.Runtime.InteropServices;
using Teal.Analysis;

namespace Teal.Bench.Verdicts;

/// <summary>What other tools do with the same counts. Each says whether it would take the release back now.</summary>
internal static class PeerRules
{
    private const long FewestRequests = 30;

    /// <summary>Two proportions, pooled, one-sided, at a fixed horizon: what a dashboard with "statistically significant" does at every look.</summary>
    public static bool Z(in Counts seen, double alpha)
    {
        var pooled = (double)(seen.NewBad + seen.OldBad) / (seen.New + seen.Old);
        var spread = Math.Sqrt(pooled * (1 - pooled) * ((1.0 / seen.New) + (1.0 / seen.Old)));
        return IsEnough(seen) && seen.NewRate - seen.OldRate > NormalQuantile.Of(1 - alpha) * spread;
    }

    /// <summary>Mixture sequential probability ratio test as Statsig documents it.</summary>
    public static bool Msprt(in Counts seen, double alpha)
    {
        var (newVariance, oldVariance) = (seen.NewRate * (1 - seen.NewRate), seen.OldRate * (1 - seen.OldRate));
        var variance = (newVariance / seen.New) + (oldVariance / seen.Old);
        return IsEnough(seen)
            && variance > 0
            && (seen.NewRate - seen.OldRate) / Math.Sqrt(variance) > StatsigZ(seen.New, seen.Old, newVariance, oldVariance, alpha, 1);
    }

    /// <summary>The z that mSPRT asks for instead of 1.96: docs.statsig.com, sequential testing.</summary>
    public static double StatsigZ(double newCount, double oldCount, double newVariance, double oldVariance, double alpha, int sides)
    {
        var z = NormalQuantile.Of(1 - (alpha / sides));
        var variance = (newVariance / newCount) + (oldVariance / oldCount);
        var tau = z * z * (newVariance + oldVariance) / (newCount + oldCount);
        return Math.Sqrt((variance + tau) / tau * ((-2 * Math.Log(alpha / sides)) - Math.Log(variance / (variance + tau))));
    }

    /// <summary>
    /// Asymptotic confidence sequence on the difference (Waudby-Smith et al., Annals of Statistics 52:2613, 2024), one-sided, tightest
    /// after 1,000 requests.
    /// </summary>
    public static bool AsymptoticSequence(in Counts seen, double alpha)
    {
        var t = (double)(seen.New + seen.Old);
        var doubt = 2 * alpha;
        var rho2 = ((-2 * Math.Log(doubt)) + Math.Log((-2 * Math.Log(doubt)) + 1)) / 1000;
        var variance = t * ((seen.NewRate * (1 - seen.NewRate) / seen.New) + (seen.OldRate * (1 - seen.OldRate) / seen.Old));
        var width = Math.Sqrt(variance * 2 * ((t * rho2) + 1) / (t * t * rho2) * Math.Log(1 + (Math.Sqrt((t * rho2) + 1) / doubt)));
        return IsEnough(seen) && seen.NewRate - seen.OldRate > width;
    }

    /// <summary>Mann and Whitney's U of two samples in buckets, one-sided, normal approximation with ties, as automated canary judges use it.</summary>
    public static bool MannWhitney(ReadOnlySpan<long> @new, ReadOnlySpan<long> old, double alpha)
    {
        var (n1, n0, above, ties, below) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < @new.Length; i++)
        {
            above += @new[i] * (below + (old[i] / 2.0));
            below += old[i];
            n1 += @new[i];
            n0 += old[i];
            double both = @new[i] + old[i];
            ties += (both * both * both) - both;
        }
        var n = n1 + n0;
        var spread = Math.Sqrt(n1 * n0 / 12 * (n + 1 - (ties / (n * (n - 1)))));
        return n1 >= FewestRequests && n0 >= FewestRequests && above - (n1 * n0 / 2) > NormalQuantile.Of(1 - alpha) * spread;
    }

    private static bool IsEnough(in Counts seen) => seen.New >= FewestRequests && seen.Old >= FewestRequests;
}

/// <summary>Requests and bad ones of both sides, from the beginning.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Counts
{
    public long New;
    public long Old;
    public long NewBad;
    public long OldBad;

    public readonly double NewRate => (double)NewBad / New;
    public readonly double OldRate => (double)OldBad / Old;
}

/// <summary>"More than 1 % failed", looked at every so many requests of the new side; five failed checks take back.</summary>
internal sealed class FixedThreshold(int requestsPerCheck)
{
    private const double Limit = 0.01;
    private const int FailedChecks = 5;
    private int _requests;
    private int _bad;
    private int _failed;

    public bool Observe(bool isBad)
    {
        _bad += isBad ? 1 : 0;
        if (++_requests == requestsPerCheck)
        {
            _failed += _bad > Limit * requestsPerCheck ? 1 : 0;
            (_requests, _bad) = (0, 0);
        }
        return _failed >= FailedChecks;
    }
}
