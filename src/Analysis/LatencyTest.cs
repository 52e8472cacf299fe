namespace Teal.Analysis;

/// <summary>
/// Is the new side slower than so many times the old one, anywhere in its distribution? Bets on the side of each answer by how slow it
/// was: the slower, the more on the new side. Half of the capital on tilts ηz − η²/2 of the normal score z of the answer's rank, which see
/// a whole distribution that moved; half on odds beyond p50, p75, p90, p95 and p99, which see a tail alone. A bet that rises with slowness
/// wins nothing on average while the new side's times are stochastically no longer.
/// </summary>
public sealed class LatencyTest
{
    /// <summary>Of the capital, what waits for a late onset.</summary>
    private const double HeldBack = 0.05;
    private const int Alternatives = 34;
    private static readonly double[] _tilts = [0.1, 0.2, 0.4, 0.8];
    private static readonly double[] _odds = [1.1, 1.25, 1.5, 2.5, 5, 12];
    private static readonly double[] _weights =
    [
        .. Enumerable.Repeat(0.5 / _tilts.Length, _tilts.Length),
        .. Enumerable.Repeat(0.5 / (LatencyRanks.Thresholds.Length * _odds.Length), LatencyRanks.Thresholds.Length * _odds.Length),
    ];

    /// <summary>e^g by level and tilt.</summary>
    private static readonly double[] _scores =
    [
        .. from level in Enumerable.Range(0, LatencyRanks.Levels) from tilt in _tilts select Score(level, tilt),
    ];

    private readonly int _shift;
    private readonly EProcess _process;

    /// <summary>ln(q/w) and ln((1−q)/(1−w)) by level and tilt, then by odds, for <see cref="_share"/>.</summary>
    private readonly double[] _ifNew = new double[_scores.Length + _odds.Length];
    private readonly double[] _ifOld = new double[_scores.Length + _odds.Length];
    private double _share = double.NaN;

    /// <param name="margin">How many times slower is allowed, at least 1; told apart in steps of 2 %, as the histogram's buckets are.</param>
    public LatencyTest(double margin, EProcessState? state = null)
    {
        _shift = LatencyHistogram.BucketsOf(margin);
        _process = new EProcess(_weights, HeldBack, state);
    }

    public EProcessState State => _process.State;

    public double LogE => _process.LogE;

    public bool Reaches(double logLimit) => _process.Reaches(logLimit);

    public void Pass(long newRequests) => _process.Pass(newRequests);

    /// <summary>One answer. Without allocation, in some nanoseconds as long as the share stays.</summary>
    /// <param name="bucket">Of <see cref="LatencyHistogram.BucketOf"/>.</param>
    /// <param name="share">The chance that the request went to the new side, known to the router. Outside (0, 1) nothing can be learned.</param>
    public void Observe(LatencyRanks ranks, int bucket, bool isNew, double share)
    {
        if (!Prepare(share))
        {
            return;
        }
        bucket = isNew ? Math.Clamp(bucket - _shift, 0, LatencyHistogram.Buckets - 1) : bucket;
        var factors = isNew ? _ifNew : _ifOld;
        var row = ranks.LevelOf(bucket) * 4;
        Span<double> won = stackalloc double[Alternatives];
        factors.AsSpan(row, 4).CopyTo(won);
        var odds = factors.AsSpan(_scores.Length, 6);
        var slow = ranks.Slow;
        for (var i = 0; i < slow.Length && bucket >= slow[i]; i++)
        {
            odds.CopyTo(won[(4 + (6 * i))..]);
        }
        _process.Win(won);
    }

    /// <summary>The answers of both sides over the same time, at one known share: the same as to observe each.</summary>
    public void Observe(LatencyRanks ranks, LatencyHistogram @new, LatencyHistogram old, double share)
    {
        if (!Prepare(share))
        {
            return;
        }
        var seen = new Counted(ranks, @new, old, _shift);
        for (var tilt = 0; tilt < _tilts.Length; tilt++)
        {
            var won = 0.0;
            for (var level = 0; level < LatencyRanks.Levels; level++)
            {
                var at = (level * _tilts.Length) + tilt;
                won += (seen.New[level] * _ifNew[at]) + (seen.Old[level] * _ifOld[at]);
            }
            _process.Win(tilt, won);
        }
        for (var i = 0; i < seen.NewSlow.Length * _odds.Length; i++)
        {
            var (slow, odds) = (i / _odds.Length, _scores.Length + (i % _odds.Length));
            _process.Win(_tilts.Length + i, (seen.NewSlow[slow] * _ifNew[odds]) + (seen.OldSlow[slow] * _ifOld[odds]));
        }
    }

    /// <summary>
    /// The answers of both sides over the same time, at a share that is not known or no coin. Given how slow they were and how many were
    /// the new side's, which of them is a draw without replacement: exact for any hash, at a cost that is right for ticks, not for events.
    /// </summary>
    public void Count(LatencyRanks ranks, LatencyHistogram @new, LatencyHistogram old)
    {
        var seen = new Counted(ranks, @new, old, _shift);
        if (seen.AllNew == 0 || seen.AllOld == 0)
        {
            return;
        }
        Span<double> scores = stackalloc double[LatencyRanks.Levels];
        for (var tilt = 0; tilt < _tilts.Length; tilt++)
        {
            var won = 0.0;
            for (var level = 0; level < scores.Length; level++)
            {
                scores[level] = Score(level, _tilts[tilt]);
                won += seen.New[level] * scores[level];
            }
            _process.Win(tilt, won - Permutations.LogMeanProduct(scores, seen.Both, seen.AllNew));
        }
        for (var i = 0; i < seen.NewSlow.Length * _odds.Length; i++)
        {
            var slow = i / _odds.Length;
            var odds = _odds[i % _odds.Length];
            _process.Win(
                _tilts.Length + i,
                Hypergeometric.LogFactor(seen.AllNew, seen.AllOld, seen.NewSlow[slow], seen.OldSlow[slow], odds)
            );
        }
    }

    private static double Score(int level, double tilt) => (tilt * LatencyRanks.ScoreOf(level)) - (tilt * tilt / 2);

    private bool Prepare(double share)
    {
        if (share == _share)
        {
            return true;
        }
        if (!(share > 0 && share < 1))
        {
            return false;
        }
        _share = share;
        for (var i = 0; i < _ifNew.Length; i++)
        {
            var g = i < _scores.Length ? _scores[i] : Math.Log(_odds[i - _scores.Length]);
            _ifOld[i] = -Math.Log(1 + (share * (Math.Exp(g) - 1)));
            _ifNew[i] = g + _ifOld[i];
        }
        return true;
    }

    /// <summary>Both sides' answers by level and beyond each threshold; the new side's times divided by the margin.</summary>
    private readonly struct Counted
    {
        public Counted(LatencyRanks ranks, LatencyHistogram @new, LatencyHistogram old, int shift)
        {
            (AllNew, AllOld) = (Fold(ranks, @new.Counts, shift, New, NewSlow), Fold(ranks, old.Counts, 0, Old, OldSlow));
            for (var level = 0; level < Both.Length; level++)
            {
                Both[level] = New[level] + Old[level];
            }
        }

        public long[] New { get; } = new long[LatencyRanks.Levels];
        public long[] Old { get; } = new long[LatencyRanks.Levels];
        public long[] Both { get; } = new long[LatencyRanks.Levels];
        public long[] NewSlow { get; } = new long[LatencyRanks.Thresholds.Length];
        public long[] OldSlow { get; } = new long[LatencyRanks.Thresholds.Length];
        public long AllNew { get; }
        public long AllOld { get; }

        private static long Fold(LatencyRanks ranks, ReadOnlySpan<int> counts, int shift, long[] byLevel, long[] slow)
        {
            long all = 0;
            for (var i = 0; i < counts.Length; i++)
            {
                if (counts[i] == 0)
                {
                    continue;
                }
                all += counts[i];
                var bucket = Math.Clamp(i - shift, 0, LatencyHistogram.Buckets - 1);
                byLevel[ranks.LevelOf(bucket)] += counts[i];
                for (var t = 0; t < slow.Length && bucket >= ranks.Slow[t]; t++)
                {
                    slow[t] += counts[i];
                }
            }
            return all;
        }
    }
}
