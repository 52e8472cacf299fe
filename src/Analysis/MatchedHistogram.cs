namespace Teal.Analysis;

/// <summary>What a <see cref="MatchedHistogram"/> holds, without its empty buckets.</summary>
public sealed record MatchedHistogramState(IReadOnlyList<int> Buckets, IReadOnlyList<double> Weights);

/// <summary>
/// The old side's latencies as they were when the new side answered: in each tick as many as the new side had, however many there were.
/// To add them up as they came would compare the new side's busy hours with the old one's whole day.
/// </summary>
internal sealed class MatchedHistogram
{
    private readonly double[] _weights = new double[LatencyHistogram.Buckets];

    public MatchedHistogram() { }

    /// <exception cref="ArgumentException">A bucket that is none, or a weight that is no number.</exception>
    public MatchedHistogram(MatchedHistogramState state)
    {
        if (
            state.Buckets.Count != state.Weights.Count
            || state.Buckets.Any(bucket => bucket < 0 || bucket >= _weights.Length)
            || state.Weights.Any(weight => !(weight >= 0 && double.IsFinite(weight)))
        )
        {
            throw new ArgumentException("These are not the buckets and weights of a histogram.", nameof(state));
        }
        for (var i = 0; i < state.Buckets.Count; i++)
        {
            _weights[state.Buckets[i]] = state.Weights[i];
        }
    }

    public MatchedHistogramState State
    {
        get
        {
            int[] buckets = [.. Enumerable.Range(0, _weights.Length).Where(bucket => _weights[bucket] > 0)];
            return new MatchedHistogramState(buckets, [.. buckets.Select(bucket => _weights[bucket])]);
        }
    }

    public void Add(LatencyHistogram old, double weight)
    {
        var counts = old.Counts;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            _weights[bucket] += counts[bucket] * weight;
        }
    }

    /// <summary>In milliseconds; null when empty.</summary>
    public double? Quantile(double quantile)
    {
        var (all, seen) = (_weights.Sum(), 0.0);
        for (var bucket = 0; bucket < _weights.Length && all > 0; bucket++)
        {
            seen += _weights[bucket];
            // A hair less: the sums are rounded.
            if (seen >= quantile * all * (1 - 1e-12))
            {
                return LatencyHistogram.ValueOf(bucket);
            }
        }
        return null;
    }
}
