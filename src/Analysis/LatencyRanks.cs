namespace Teal.Analysis;

/// <summary>
/// How slow a bucket is beside what the old side did before: the normal score of its rank, in steps of an eighth and never beyond ± 3.5.
/// Made before the requests that it scores came, so that bets on it are fair.
/// </summary>
public sealed class LatencyRanks
{
    /// <summary>Of fewer answers no ranks are made: nothing is bet until there are more.</summary>
    public const int FewestRequests = 20;

    internal const int Levels = 57;
    private const double Step = 0.125;

    /// <summary>Where the slow ones begin that a threshold bets on.</summary>
    internal static ReadOnlySpan<double> Thresholds => [0.5, 0.75, 0.9, 0.95, 0.99];

    private readonly byte[] _levels = new byte[LatencyHistogram.Buckets];
    private readonly int[] _ends;
    private readonly int[] _slow;

    private LatencyRanks(long requests, int[] ends, int[] slow)
    {
        (Requests, _ends, _slow) = (requests, ends, slow);
        var level = 0;
        for (var bucket = 0; bucket < _levels.Length; bucket++)
        {
            while (level < Levels - 1 && bucket >= ends[level])
            {
                level++;
            }
            _levels[bucket] = (byte)level;
        }
    }

    /// <summary>Null when the old side has answered too little.</summary>
    public static LatencyRanks? Of(LatencyHistogram old)
    {
        var all = old.Count;
        if (all < FewestRequests)
        {
            return null;
        }
        var ends = new int[Levels - 1];
        var slow = new int[Thresholds.Length];
        var counts = old.Counts;
        var (below, level, threshold) = (0L, 0, 0);
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            // Half of its own bucket counts as faster: a rank in the middle of equals.
            var score = NormalQuantile.Of((below + (counts[bucket] / 2.0)) / all);
            for (; level < Levels - 1 && score > ScoreOf(level) + (Step / 2); level++)
            {
                ends[level] = bucket;
            }
            below += counts[bucket];
            for (; threshold < slow.Length && below >= Thresholds[threshold] * all; threshold++)
            {
                slow[threshold] = bucket + 1;
            }
        }
        ends.AsSpan(level).Fill(counts.Length);
        return new LatencyRanks(all, ends, slow);
    }

    /// <exception cref="ArgumentException">The lists do not have the lengths that <see cref="State"/> gives them.</exception>
    public static LatencyRanks From(LatencyRanksState state) =>
        state.Ends.Count == Levels - 1 && state.Slow.Count == Thresholds.Length
            ? new LatencyRanks(state.Requests, [.. state.Ends], [.. state.Slow])
            : throw new ArgumentException($"{state.Ends.Count} levels and {state.Slow.Count} thresholds are no ranks.", nameof(state));

    /// <summary>Answers that the ranks were made of.</summary>
    public long Requests { get; }

    public LatencyRanksState State => new(Requests, [.. _ends], [.. _slow]);

    internal int LevelOf(int bucket) => _levels[bucket];

    /// <summary>The first bucket beyond each of <see cref="Thresholds"/>.</summary>
    internal ReadOnlySpan<int> Slow => _slow;

    internal static double ScoreOf(int level) => (level - (Levels / 2)) * Step;
}

/// <param name="Ends">The first bucket above each level but the last.</param>
/// <param name="Slow">The first bucket beyond p50, p75, p90, p95, p99.</param>
public sealed record LatencyRanksState(long Requests, IReadOnlyList<int> Ends, IReadOnlyList<int> Slow);
