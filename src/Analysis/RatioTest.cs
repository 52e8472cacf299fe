namespace Teal.Analysis;

/// <summary>
/// Is the rate of bad events of the new side more (or less) than so many times that of the old one? Bets on the side of each bad event:
/// with the share w of the traffic on the new side and rates in the ratio r it is the new one's with the chance θ = wr / (wr + 1 − w),
/// whatever the rate itself does. Five doubles of state, no minimum sample, no baseline.
/// </summary>
public sealed class RatioTest
{
    /// <summary>Of the capital, what waits for a late onset. <c>docs/decisions/0007-verdicts.md</c> says why no more.</summary>
    public const double HeldBack = 0.2;

    private static readonly double[] _worse = [1.5, 2.5, 5, 12, 50];
    private static readonly double[] _better = [0.1, 0.25, 0.45, 0.66];

    private readonly double _nullRatio;
    private readonly double[] _ratios;
    private readonly EProcess _process;
    private readonly double[] _ifNew;
    private readonly double[] _ifOld;
    private double _share = double.NaN;

    private RatioTest(double nullRatio, double[] times, double heldBack, EProcessState? state)
    {
        _nullRatio = nullRatio;
        _ratios = [.. times.Select(factor => factor * nullRatio)];
        _ifNew = new double[times.Length];
        _ifOld = new double[times.Length];
        var weights = Enumerable.Repeat(1.0 / times.Length, times.Length).ToArray();
        _process = new EProcess(weights, heldBack, state);
    }

    /// <summary>Against "at most <paramref name="margin"/> times as bad", with the alternatives 1.5, 2.5, 5, 12 and 50 times the margin.</summary>
    public static RatioTest WorseThan(double margin, EProcessState? state = null) => new(margin, _worse, HeldBack, state);

    /// <summary>The mirror: against "at least <paramref name="ratio"/> times as bad", with .1, .25, .45 and .66 of it.</summary>
    public static RatioTest BetterThan(double ratio, EProcessState? state = null) => new(ratio, _better, heldBack: 0, state);

    public EProcessState State => _process.State;

    public double LogE => _process.LogE;

    public bool Reaches(double logLimit) => _process.Reaches(logLimit);

    /// <summary>A bad event. Without allocation, in some nanoseconds as long as the share stays.</summary>
    /// <param name="share">The chance that the request went to the new side, known to the router. Outside (0, 1) nothing can be learned.</param>
    public void Observe(bool isNew, double share)
    {
        if (Prepare(share))
        {
            _process.Win(isNew ? _ifNew : _ifOld);
        }
    }

    /// <summary>Bad events at one known share: the same as to observe each.</summary>
    public void Observe(long newBad, long oldBad, double share)
    {
        if (!Prepare(share))
        {
            return;
        }
        for (var i = 0; i < _ratios.Length; i++)
        {
            _process.Win(i, (newBad * _ifNew[i]) + (oldBad * _ifOld[i]));
        }
    }

    /// <summary>Counts of both sides over the same time, at a share that is not known or no coin: exact all the same.</summary>
    public void Count(long newRequests, long oldRequests, long newBad, long oldBad)
    {
        if (Hypergeometric.LeavesNothingToChance(newRequests, oldRequests, newBad, oldBad))
        {
            return;
        }
        for (var i = 0; i < _ratios.Length; i++)
        {
            _process.Win(i, Hypergeometric.LogFactor(newRequests, oldRequests, newBad, oldBad, _ratios[i], _nullRatio));
        }
    }

    /// <summary>Requests of the new side went by: what a restart for a late onset is counted in.</summary>
    public void Pass(long newRequests) => _process.Pass(newRequests);

    /// <summary>ln E of counts at one share, without restarts: the formula by itself.</summary>
    public static double LogEOf(long newBad, long oldBad, double share, double margin)
    {
        var sum = double.NegativeInfinity;
        foreach (var factor in _worse)
        {
            var (ifNew, ifOld) = Factors(factor * margin, margin, share);
            sum = EProcess.LogSum(sum, (newBad * ifNew) + (oldBad * ifOld) - Math.Log(_worse.Length));
        }
        return sum;
    }

    /// <summary>What a bad event is expected to add to ln E of the best alternative when the true ratio is <paramref name="ratio"/>.</summary>
    internal double GrowthPerBadEvent(double share, double ratio)
    {
        var chance = share * ratio / ((share * ratio) + 1 - share);
        return _ratios
            .Select(alternative => Factors(alternative, _nullRatio, share))
            .Max(factor => (chance * factor.IfNew) + ((1 - chance) * factor.IfOld));
    }

    /// <summary>ln(θᵣ/θ₀) and ln((1−θᵣ)/(1−θ₀)).</summary>
    private static (double IfNew, double IfOld) Factors(double ratio, double nullRatio, double share)
    {
        var ifOld = Math.Log(((share * nullRatio) + 1 - share) / ((share * ratio) + 1 - share));
        return (Math.Log(ratio / nullRatio) + ifOld, ifOld);
    }

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
        for (var i = 0; i < _ratios.Length; i++)
        {
            (_ifNew[i], _ifOld[i]) = Factors(_ratios[i], _nullRatio, share);
        }
        return true;
    }
}
