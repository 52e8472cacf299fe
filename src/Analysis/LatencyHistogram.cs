using System.Text.Json.Serialization;

namespace Teal.Analysis;

/// <summary>
/// Counts of durations in log-spaced buckets of 1 % relative accuracy (Masson et al., DDSketch, 2019), 0.01 ms to about 1 hour.
/// Two histograms add and subtract bucket by bucket, so windows and servers merge without loss.
/// </summary>
[JsonConverter(typeof(LatencyHistogramJson))]
public sealed class LatencyHistogram
{
    /// <summary>(1+a)/(1−a) for the accuracy a = 1 %.</summary>
    private const double Gamma = 1.01 / 0.99;
    private const double SmallestMs = 0.01;
    private static readonly double LogGamma = Math.Log(Gamma);

    /// <summary>Buckets up to one hour.</summary>
    public static readonly int Buckets = (int)Math.Ceiling(Math.Log(3_600_000 / SmallestMs) / LogGamma) + 1;

    private readonly int[] _counts;

    public LatencyHistogram()
        : this(new int[Buckets]) { }

    private LatencyHistogram(int[] counts) => _counts = counts;

    /// <summary>One count for each bucket.</summary>
    internal ReadOnlySpan<int> Counts => _counts;

    /// <summary>The buckets that hold something: what a journal keeps.</summary>
    public SparseHistogram Sparse
    {
        get
        {
            int[] buckets = [.. Enumerable.Range(0, Buckets).Where(bucket => _counts[bucket] != 0)];
            return new SparseHistogram(buckets, [.. buckets.Select(bucket => _counts[bucket])]);
        }
    }

    public long Count
    {
        get
        {
            long sum = 0;
            foreach (var count in _counts)
            {
                sum += count;
            }
            return sum;
        }
    }

    /// <exception cref="ArgumentException">A bucket that is none, or a count below zero.</exception>
    public static LatencyHistogram From(SparseHistogram sparse)
    {
        var histogram = new LatencyHistogram();
        if (
            sparse.Buckets.Count != sparse.Counts.Count
            || sparse.Buckets.Any(bucket => bucket < 0 || bucket >= Buckets)
            || sparse.Counts.Any(count => count < 0)
        )
        {
            throw new ArgumentException("These are not the buckets and counts of a latency histogram.", nameof(sparse));
        }
        for (var i = 0; i < sparse.Buckets.Count; i++)
        {
            histogram._counts[sparse.Buckets[i]] = sparse.Counts[i];
        }
        return histogram;
    }

    /// <summary>The bucket of a duration; shorter than 0.01 ms is the first, longer than an hour the last.</summary>
    public static int BucketOf(double milliseconds) =>
        milliseconds <= SmallestMs ? 0 : Math.Min(Buckets - 1, (int)Math.Ceiling(Math.Log(milliseconds / SmallestMs) / LogGamma));

    /// <summary>Not safe for two threads at once: the owner holds its lock.</summary>
    public void Record(double milliseconds) => _counts[BucketOf(milliseconds)]++;

    /// <summary>Not safe for two threads at once.</summary>
    internal void Add(LatencyHistogram other)
    {
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            _counts[bucket] += other._counts[bucket];
        }
    }

    public LatencyHistogram Plus(LatencyHistogram other) => Combine(other, static (a, b) => a + b);

    /// <summary>What came since <paramref name="earlier"/>, an older copy of the same histogram.</summary>
    public LatencyHistogram Since(LatencyHistogram earlier) => Combine(earlier, static (a, b) => Math.Max(0, a - b));

    public LatencyHistogram Copy() => new((int[])_counts.Clone());

    /// <summary>The duration in milliseconds that the fraction <paramref name="quantile"/> of the records does not exceed; null when empty.</summary>
    public double? Quantile(double quantile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quantile, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantile, 1);
        var count = Count;
        if (count == 0)
        {
            return null;
        }
        var rank = Math.Max(1, (long)Math.Ceiling(quantile * count));
        long seen = 0;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
            {
                return ValueOf(bucket);
            }
        }
        return ValueOf(Buckets - 1);
    }

    /// <summary>So many buckets stand for a factor: what is multiplied by it moves up by them.</summary>
    internal static int BucketsOf(double factor) => (int)Math.Round(Math.Log(factor) / LogGamma);

    /// <summary>How many records are slower: in a bucket above that of <paramref name="milliseconds"/>.</summary>
    public long CountAbove(double milliseconds)
    {
        long above = 0;
        for (var bucket = BucketOf(milliseconds) + 1; bucket < Buckets; bucket++)
        {
            above += _counts[bucket];
        }
        return above;
    }

    /// <summary>The value with equal relative distance to both ends of the bucket.</summary>
    internal static double ValueOf(int bucket) => bucket == 0 ? SmallestMs : SmallestMs * Math.Pow(Gamma, bucket) * 2 / (1 + Gamma);

    private LatencyHistogram Combine(LatencyHistogram other, Func<int, int, int> op)
    {
        var counts = new int[Buckets];
        for (var i = 0; i < Buckets; i++)
        {
            counts[i] = op(_counts[i], other._counts[i]);
        }
        return new LatencyHistogram(counts);
    }
}

/// <summary>A <see cref="LatencyHistogram"/> without its empty buckets.</summary>
public sealed record SparseHistogram(IReadOnlyList<int> Buckets, IReadOnlyList<int> Counts);
