namespace Teal.Analysis;

/// <summary>Which questions are asked: the first margin is always 1, the others are those of the guards.</summary>
/// <param name="ErrorMargins">Times the old error rate.</param>
/// <param name="LatencyMargins">Times the old latency; empty when no guard compares latencies.</param>
internal sealed record Questions(IReadOnlyList<double> ErrorMargins, IReadOnlyList<double> LatencyMargins);

/// <summary>Everything that is kept of one route, or of all of them together.</summary>
/// <param name="Weight">Of the ticks with both sides, and</param>
/// <param name="Increase">the weighted sum of (new − old) error rate: Mantel and Haenszel's difference.</param>
/// <param name="Waiting">Counts of a tick that had requests on one side only.</param>
public sealed record RouteEvidenceState(
    string Route,
    ArmTick New,
    ArmTick Old,
    double Weight,
    double Increase,
    IReadOnlyList<EProcessState> Errors,
    EProcessState Safe,
    IReadOnlyList<EProcessState> Latency,
    LatencyHistogram OldLatency,
    LatencyRanksState? Ranks,
    MatchedHistogramState Matched,
    RouteTick? Waiting
);

/// <summary>The bets on one route, or on all of them together, and the sums that its sentences need.</summary>
internal sealed class RouteEvidence
{
    /// <summary>"Twice as bad" is what SAFE excludes.</summary>
    public const double Unsafe = 2;

    private readonly RatioTest[] _errors;
    private readonly RatioTest _safe;
    private readonly LatencyTest[] _latency;
    private readonly LatencyHistogram _oldLatency = new();
    private readonly MatchedHistogram _matched;
    private LatencyRanks? _ranks;
    private RouteTick? _waiting;

    public RouteEvidence(string route, Questions questions, ArmTick before)
    {
        Route = route;
        _errors = [.. questions.ErrorMargins.Select(margin => RatioTest.WorseThan(margin))];
        _safe = RatioTest.BetterThan(Unsafe);
        _latency = [.. questions.LatencyMargins.Select(margin => new LatencyTest(margin))];
        _matched = new MatchedHistogram();
        Rank(before.Latency);
    }

    public RouteEvidence(Questions questions, RouteEvidenceState state)
    {
        if (state.Errors.Count != questions.ErrorMargins.Count || state.Latency.Count != questions.LatencyMargins.Count)
        {
            throw new ArgumentException($"The state of '{state.Route}' is that of other guards.", nameof(state));
        }
        Route = state.Route;
        (New, Old, Weight, IncreaseSum) = (state.New, state.Old, state.Weight, state.Increase);
        _errors = [.. questions.ErrorMargins.Zip(state.Errors, (margin, kept) => RatioTest.WorseThan(margin, kept))];
        _safe = RatioTest.BetterThan(Unsafe, state.Safe);
        _latency = [.. questions.LatencyMargins.Zip(state.Latency, (margin, kept) => new LatencyTest(margin, kept))];
        _matched = new MatchedHistogram(state.Matched);
        _oldLatency.Add(state.OldLatency);
        _ranks = state.Ranks is null ? null : LatencyRanks.From(state.Ranks);
        _waiting = state.Waiting;
    }

    public string Route { get; }
    public ArmTick New { get; private set; } = ArmTick.None;
    public ArmTick Old { get; private set; } = ArmTick.None;
    public double Weight { get; private set; }
    public double IncreaseSum { get; private set; }

    /// <summary>New minus old error rate, each tick by itself; 0 before there was one with both.</summary>
    public double Increase => Weight > 0 ? IncreaseSum / Weight : 0;

    public RouteEvidenceState State =>
        new(
            Route,
            New,
            Old,
            Weight,
            IncreaseSum,
            [.. _errors.Select(test => test.State)],
            _safe.State,
            [.. _latency.Select(test => test.State)],
            _oldLatency.Copy(),
            _ranks?.State,
            _matched.State,
            _waiting
        );

    public double ErrorLogE(int margin) => _errors[margin].LogE;

    public double LatencyLogE(int margin) => _latency[margin].LogE;

    public RatioTest Safe => _safe;

    public double? NewQuantile(double quantile) => New.Latency?.Quantile(quantile);

    public double? OldQuantile(double quantile) => _matched.Quantile(quantile);

    /// <param name="oldRate">Of bad requests, what stands for an old side that has no traffic any more; null when nothing does.</param>
    public void Observe(RouteTick seen, double share, Placement placement, double? oldRate)
    {
        (New, Old) = (New.Plus(seen.New), Old.Plus(seen.Old));
        if (share >= 1)
        {
            Alone(seen.New, oldRate);
        }
        else
        {
            Compare(seen, share, placement);
        }
        foreach (var test in _errors)
        {
            test.Pass(seen.New.Requests);
        }
        foreach (var test in _latency)
        {
            test.Pass(seen.New.Requests);
        }
        Rank(seen.Old.Latency);
    }

    /// <summary>The share changes: what waits for the other side would be compared with another time's.</summary>
    public void Forget() => _waiting = null;

    private void Alone(ArmTick seen, double? oldRate)
    {
        // A bad request is then a coin with the old side's rate as its chance, which the same bets are fair on.
        if (oldRate is not (> 0 and < 1) || seen.Requests == 0)
        {
            return;
        }
        foreach (var test in _errors)
        {
            test.Observe(seen.Bad, seen.Requests - seen.Bad, oldRate.Value);
        }
        Weight += seen.Requests;
        IncreaseSum += seen.Bad - (seen.Requests * oldRate.Value);
    }

    private void Compare(RouteTick seen, double share, Placement placement)
    {
        if (placement != Placement.Counted)
        {
            Toss(seen, share, placement);
        }
        var both = _waiting is null ? seen : new RouteTick(Route, _waiting.New.Plus(seen.New), _waiting.Old.Plus(seen.Old));
        if (both.New.Requests == 0 || both.Old.Requests == 0)
        {
            _waiting = both;
            return;
        }
        _waiting = null;
        if (placement == Placement.Counted)
        {
            CountErrors(both.New, both.Old);
        }
        var weight = (double)both.New.Requests * both.Old.Requests / (both.New.Requests + both.Old.Requests);
        Weight += weight;
        IncreaseSum += weight * (((double)both.New.Bad / both.New.Requests) - ((double)both.Old.Bad / both.Old.Requests));
        if (_latency.Length > 0 && both is { New.Latency: { Count: > 0 } @new, Old.Latency: { Count: > 0 } old })
        {
            CountLatency(@new, old, placement);
        }
    }

    /// <summary>Every event is a coin with a known chance: it need not wait for one of the other side.</summary>
    private void Toss(RouteTick seen, double share, Placement placement)
    {
        var (newBad, oldBad) = placement == Placement.Coin ? (seen.New.Bad, seen.Old.Bad) : (seen.New.BadUsers, seen.Old.BadUsers);
        foreach (var test in _errors)
        {
            test.Observe(newBad, oldBad, share);
        }
        _safe.Observe(newBad, oldBad, share);
        if (placement != Placement.Coin || _ranks is null)
        {
            return;
        }
        foreach (var test in _latency)
        {
            test.Observe(_ranks, seen.New.Latency ?? new LatencyHistogram(), seen.Old.Latency ?? new LatencyHistogram(), share);
        }
    }

    private void CountErrors(ArmTick @new, ArmTick old)
    {
        foreach (var test in _errors)
        {
            test.Count(@new.Requests, old.Requests, @new.Bad, old.Bad);
        }
        _safe.Count(@new.Requests, old.Requests, @new.Bad, old.Bad);
    }

    private void CountLatency(LatencyHistogram @new, LatencyHistogram old, Placement placement)
    {
        _matched.Add(old, (double)@new.Count / old.Count);
        if (placement == Placement.Coin || _ranks is null)
        {
            return;
        }
        foreach (var test in _latency)
        {
            test.Count(_ranks, @new, old);
        }
    }

    /// <summary>Only now, after they were bet on, do these answers say what slow means; anew when there are a tenth more.</summary>
    private void Rank(LatencyHistogram? old)
    {
        if (old is null || _latency.Length == 0)
        {
            return;
        }
        _oldLatency.Add(old);
        if (_ranks is null || _oldLatency.Count >= 1.1 * _ranks.Requests)
        {
            _ranks = LatencyRanks.Of(_oldLatency);
        }
    }
}
