namespace Teal.Analysis;

/// <summary>Everything a <see cref="ReleaseJudge"/> knows: written down it goes on elsewhere, bit for bit.</summary>
/// <param name="At">The end of the last tick.</param>
/// <param name="QuietSince">When the new side was last seen to answer, or first had a share.</param>
/// <param name="Fault">Why the last tick could not be weighed; null when it was.</param>
public sealed record JudgeState(
    JudgeOrder Order,
    TimeSpan At,
    double Share,
    TimeSpan QuietSince,
    string? Fault,
    RouteEvidenceState Whole,
    IReadOnlyList<RouteEvidenceState> Routes,
    IReadOnlyList<RateLimitState> Limits,
    RateLimitState Both,
    ResourceState Resources
);

/// <summary>
/// Judges one release from its first request to its last: folds ticks of evidence, and says at any time what follows from them. The error
/// that is allowed (α) is spent once, over all guards, stages and looks; nothing is added up over a ramp that was not seen at one share.
/// Pure: the same ticks give the same words. Not safe for two threads at once.
/// </summary>
public sealed class ReleaseJudge
{
    /// <summary>Routes that are judged by themselves; all others are one more.</summary>
    public const int MostRoutes = 32;
    public const string OtherRoutes = "other routes";

    /// <summary>So long without a request to the new side, and somebody should look.</summary>
    public static readonly TimeSpan MostQuiet = TimeSpan.FromMinutes(10);

    /// <summary>So long without a tick, and nothing is known any more.</summary>
    public static readonly TimeSpan MostSilence = TimeSpan.FromMinutes(1);

    /// <summary>Both sides above it is everybody's trouble, not the release's.</summary>
    private const double EverythingIsBad = 0.1;

    private readonly JudgeOrder _order;
    private readonly Questions _questions;
    private readonly RouteEvidence _whole;
    private readonly RouteEvidence[] _routes;
    private readonly RateLimit[] _limits;
    private readonly RateLimit _both;
    private readonly ResourceWatch _resources;
    private readonly double? _rateBefore;
    private TimeSpan _at;
    private double _share;
    private TimeSpan _quietSince;
    private string? _fault;

    /// <exception cref="ArgumentException">Alpha is no chance, or a guard's limit no number.</exception>
    public ReleaseJudge(JudgeOrder order)
        : this(order, null) { }

    /// <summary>Goes on where another judge stood.</summary>
    /// <exception cref="ArgumentException">The state does not fit together.</exception>
    public ReleaseJudge(JudgeState state)
        : this(state.Order, state) { }

    private ReleaseJudge(JudgeOrder order, JudgeState? state)
    {
        if (
            !(order.Alpha > 0 && order.Alpha < 1)
            || order.Guards.Any(guard => !(guard.Value >= 0 && double.IsFinite(guard.Margin) && guard.Margin > 0))
        )
        {
            throw new ArgumentException("Alpha has to be between 0 and 1, and a guard's limit a number above 0.", nameof(order));
        }
        if (state is not null && state.Limits.Count != LimitsOf(order.Guards).Count())
        {
            throw new ArgumentException("The state is that of other guards.", nameof(state));
        }
        (_order, _questions) = (order, QuestionsOf(order.Guards));
        var before = Sum(order.Before).Old;
        // The most that the minute before leaves room for, so that its own luck is allowed for.
        _rateBefore = before.Requests == 0 ? null : Binomial.UpperBound(before.Bad, before.Requests, 0.001);
        _whole = state is null ? new RouteEvidence("", _questions, before) : new RouteEvidence(_questions, state.Whole);
        _routes = state is null ? Slots(order.Before) : [.. state.Routes.Select(route => new RouteEvidence(_questions, route))];
        _limits = [.. LimitsOf(order.Guards).Select((guard, i) => new RateLimit(guard.AllowedRate, state?.Limits[i]))];
        _both = new RateLimit(EverythingIsBad, state?.Both);
        _resources = new ResourceWatch(state?.Resources);
        if (state is not null)
        {
            (_at, _share, _quietSince, _fault) = (state.At, state.Share, state.QuietSince, state.Fault);
        }
    }

    public JudgeState State =>
        new(
            _order,
            _at,
            _share,
            _quietSince,
            _fault,
            _whole.State,
            [.. _routes.Select(route => route.State)],
            [.. _limits.Select(limit => limit.State)],
            _both.State,
            _resources.State
        );

    /// <summary>A tick that ends before the last one did is an old one, and changes nothing.</summary>
    public void Observe(EvidenceTick tick)
    {
        if (tick.At <= _at)
        {
            return;
        }
        _at = tick.At;
        _fault = tick.Fault;
        if (_fault is not null)
        {
            return;
        }
        BeginShare(tick.Share);
        var whole = Sum(tick.Routes);
        _quietSince = whole.New.Requests > 0 || tick.Share <= 0 ? tick.At : _quietSince;
        _whole.Observe(whole, tick.Share, tick.Placement, _rateBefore);
        foreach (var group in tick.Routes.GroupBy(SlotOf).Where(group => group.Key is not null))
        {
            group.Key!.Observe(Sum([.. group]), tick.Share, tick.Placement, null);
        }
        foreach (var (limit, guard) in _limits.Zip(LimitsOf(_order.Guards)))
        {
            limit.Observe(guard.Over(whole.New), guard.Over(whole.Old));
        }
        _both.Observe((whole.New.Bad, whole.New.Requests), (whole.Old.Bad, whole.Old.Requests));
        _resources.Observe(tick.At, tick.New, tick.Old);
    }

    /// <summary>What follows from what was seen, at this time since <see cref="JudgeOrder.Since"/>.</summary>
    public Verdict Decide(TimeSpan at)
    {
        var words = new JudgeWords(_order, _whole, _routes, _questions, _share, Bets());
        var opinions = new List<Opinion>(Missing(at));
        var limit = 0;
        foreach (var guard in _order.Guards)
        {
            opinions.Add(
                guard switch
                {
                    { Metric: GuardMetric.Cpu or GuardMetric.Memory } => words.Resource(guard, _resources.State.Last),
                    { Limit: GuardLimit.Max } => words.Limit(guard, _limits[limit++]),
                    { Metric: GuardMetric.ErrorRate } => words.Errors(guard, _rateBefore is not null),
                    _ => words.Latency(guard),
                }
            );
        }
        opinions.AddRange(_resources.Findings(_order.New).Select(found => words.Found(found)));
        if (_both.BothReach(Bets()))
        {
            opinions.Add(words.EverythingIsBad());
        }
        return new Verdict(Together(opinions), [.. opinions.Select(opinion => opinion.Finding)]);
    }

    /// <summary>How many questions of their own share α: ln of what each has to reach.</summary>
    private double Bets() =>
        Math.Log(
            Math.Max(1, _questions.ErrorMargins.Count - 1 + Math.Max(0, _questions.LatencyMargins.Count - 1) + _limits.Length)
                / _order.Alpha
        );

    private IEnumerable<Opinion> Missing(TimeSpan at)
    {
        if (_fault is not null || at - _at > MostSilence)
        {
            var why = _fault is null
                ? $"Nothing has been seen for {(at - _at).TotalMinutes:0} minutes."
                : $"The last evidence cannot be: {_fault}.";
            yield return JudgeWords.Missing(VerdictKind.NoData, "evidence", why);
        }
        else if (_share > 0 && at - _quietSince >= MostQuiet)
        {
            var why =
                $"{_order.New} has a share of the traffic and has answered no request for {(at - _quietSince).TotalMinutes:0} minutes.";
            yield return JudgeWords.Missing(VerdictKind.Hold, "traffic", why);
        }
    }

    private static VerdictKind Together(List<Opinion> opinions)
    {
        var worst = opinions
            .Select(opinion => opinion.Kind)
            .Where(kind => kind is not VerdictKind.Safe)
            .DefaultIfEmpty(VerdictKind.Continue);
        var kind = worst.MaxBy(Weight);
        var isSafe = opinions.Any(opinion => opinion.Kind == VerdictKind.Safe);
        return kind == VerdictKind.Continue && isSafe ? VerdictKind.Safe : kind;
    }

    private static int Weight(VerdictKind kind) =>
        kind switch
        {
            VerdictKind.Rollback => 3,
            VerdictKind.Hold => 2,
            VerdictKind.NoData => 1,
            _ => 0,
        };

    private void BeginShare(double share)
    {
        if (share == _share)
        {
            return;
        }
        _quietSince = _share > 0 ? _quietSince : _at;
        _share = share;
        _whole.Forget();
        foreach (var route in _routes)
        {
            route.Forget();
        }
    }

    /// <summary>One for each route that was busiest before, one for the rest; none where routes are not told apart.</summary>
    private RouteEvidence[] Slots(IReadOnlyList<RouteTick> before)
    {
        var named = before.Where(route => route.Route.Length > 0).OrderByDescending(route => route.Old.Requests).ToList();
        return named.Count < 2
            ? []
            :
            [
                .. named.Take(MostRoutes).Select(route => new RouteEvidence(route.Route, _questions, route.Old)),
                new RouteEvidence(OtherRoutes, _questions, Sum([.. named.Skip(MostRoutes)]).Old),
            ];
    }

    private RouteEvidence? SlotOf(RouteTick tick) =>
        _routes.Length == 0 ? null : Array.Find(_routes, route => route.Route == tick.Route) ?? _routes[^1];

    private static RouteTick Sum(IReadOnlyList<RouteTick> routes) =>
        routes.Aggregate(
            new RouteTick("", ArmTick.None, ArmTick.None),
            (sum, route) => new RouteTick("", sum.New.Plus(route.New), sum.Old.Plus(route.Old))
        );

    private static IEnumerable<Guard> LimitsOf(IEnumerable<Guard> guards) =>
        guards.Where(guard => guard is { Limit: GuardLimit.Max, Metric: not (GuardMetric.Cpu or GuardMetric.Memory) });

    private static Questions QuestionsOf(IReadOnlyList<Guard> guards)
    {
        var errors = guards.Where(guard => guard is { Metric: GuardMetric.ErrorRate, Limit: not GuardLimit.Max });
        var latencies = guards.Where(guard =>
            guard is { Metric: >= GuardMetric.LatencyP50 and <= GuardMetric.LatencyP99, Limit: GuardLimit.MaxRatio }
        );
        double[] slower = [.. latencies.Select(guard => guard.Margin).Distinct()];
        return new Questions([1, .. errors.Select(guard => guard.Margin).Distinct()], slower.Length == 0 ? [] : [1, .. slower]);
    }
}
