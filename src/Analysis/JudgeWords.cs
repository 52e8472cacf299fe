using System.Globalization;

namespace Teal.Analysis;

/// <summary>One look: each guard's answer from the evidence, and the sentences that say it.</summary>
/// <param name="logLimit">ln of what the evidence has to reach.</param>
internal sealed class JudgeWords(
    JudgeOrder order,
    RouteEvidence whole,
    IReadOnlyList<RouteEvidence> routes,
    Questions questions,
    double share,
    double logLimit
)
{
    /// <summary>20 : 1 that the new version is not twice as bad.</summary>
    private static readonly double _logSafe = Math.Log(1 / 0.05);

    /// <summary>A difference below this is no breach whatever the ratio: 1 ms → 2 ms harms nobody.</summary>
    private const double FloorMs = 5;
    private const double Doubt = 0.05;

    public Opinion Errors(Guard guard, bool isOldKnown)
    {
        var margin = IndexOf(questions.ErrorMargins, guard.Margin);
        var (beyond, worse) = (Mixed(route => route.ErrorLogE(margin)), Mixed(route => route.ErrorLogE(0)));
        var culprit = Culprit(route => route.ErrorLogE(margin));
        var increase = Math.Max(whole.Increase, culprit?.Increase ?? 0);
        var isAllowed = guard.Limit == GuardLimit.MaxIncrease && increase <= guard.Value;
        var figure = guard.Limit == GuardLimit.MaxIncrease ? Signed(increase) : Times(whole.New, whole.Old);
        var words = $"{Counts(whole, "")}{(culprit is null ? "" : " " + Counts(culprit, $" on {culprit.Route}"))}";
        if (!isAllowed && (beyond >= logLimit || worse >= logLimit))
        {
            var kind = beyond >= logLimit ? VerdictKind.Rollback : VerdictKind.Hold;
            return Say(guard, kind, figure, $"{words} {Odds(kind == VerdictKind.Rollback ? beyond : worse)}", culprit);
        }
        if (TooFew(guard, figure, words) is { } tooFew)
        {
            return tooFew;
        }
        if (whole.Old.Requests == 0 && (!isOldKnown || share < 1))
        {
            return Say(guard, VerdictKind.Continue, figure, $"{words} There is nothing to compare with; only a 'max' guard decides here.");
        }
        return isAllowed && worse >= logLimit ? Say(guard, VerdictKind.Continue, figure, $"{words} It is worse, within the limit.")
            : whole.Safe.LogE >= _logSafe
                ? Say(guard, VerdictKind.Safe, figure, $"{words} Twenty to one that it is not twice as bad as {order.Old}.")
            : Say(guard, VerdictKind.Continue, figure, words + MoreForSafe(), more: RequestsToSafe());
    }

    public Opinion Latency(Guard guard)
    {
        var quantile = guard.Quantile;
        var margin = IndexOf(questions.LatencyMargins, guard.Margin);
        var (beyond, worse) = (Mixed(route => route.LatencyLogE(margin)), Mixed(route => route.LatencyLogE(0)));
        var culprit = Culprit(route => route.LatencyLogE(margin));
        // The route that the evidence points at, if it is over the limit; else all of them.
        var shown = culprit is not null && IsOver(culprit, quantile, guard.Value) ? culprit : whole;
        if (shown.OldQuantile(quantile) is not { } before || shown.NewQuantile(quantile) is not { } now)
        {
            var nothing = whole.Old.Requests == 0 && whole.New.Requests > 0 ? VerdictKind.Continue : VerdictKind.NoData;
            return Say(guard, nothing, Analysis.Say.NoData, $"There are no answers of both sides yet whose times could be compared.");
        }
        var figure = $"{Figures.Number(now / before)} ({Figures.Milliseconds(before)} → {Figures.Milliseconds(now)})";
        var words = Slowness(shown, quantile, before, now);
        if (IsOver(shown, quantile, guard.Value) && worse >= logLimit)
        {
            var kind = beyond >= logLimit ? VerdictKind.Rollback : VerdictKind.Hold;
            return Say(
                guard,
                kind,
                figure,
                $"{words} {Odds(kind == VerdictKind.Rollback ? beyond : worse)}",
                shown == whole ? null : shown
            );
        }
        return TooFew(guard, figure, words) ?? Say(guard, VerdictKind.Continue, figure, words);
    }

    public Opinion Limit(Guard guard, RateLimit limit)
    {
        var (over, all) = guard.Over(whole.New);
        var figure =
            guard.Metric == GuardMetric.ErrorRate ? (all == 0 ? Analysis.Say.NoData : Figures.Percent((double)over / all))
            : whole.NewQuantile(guard.Quantile) is { } now ? Figures.Milliseconds(now)
            : Analysis.Say.NoData;
        var what = guard.Metric == GuardMetric.ErrorRate ? "failed" : $"took longer than {guard.LimitText}";
        var words =
            $"{Figures.Count(over, "answer")} of the {all:#,0} of {order.New} {what}; the limit leaves room for {Figures.Percent(guard.AllowedRate)}.";
        return limit.BothReach(logLimit)
                ? Say(guard, VerdictKind.Hold, figure, $"{words} {order.Old} is over the limit too, so it is not {order.New}'s doing.")
            : limit.NewReaches(logLimit) ? Say(guard, VerdictKind.Rollback, figure, $"{words} {Odds(limit.LogE)}")
            : TooFew(guard, figure, words) ?? Say(guard, VerdictKind.Continue, figure, words);
    }

    public Opinion Resource(Guard guard, ResourceReading? last)
    {
        // A guard on cpu is in percent of a core.
        var read = guard.Metric == GuardMetric.Cpu ? last?.CpuCores * 100 : last?.MemoryBytes;
        if (read is not { } figure || !double.IsFinite(figure))
        {
            return Say(guard, VerdictKind.NoData, Analysis.Say.NoData, $"No instance of {order.New} could be measured.");
        }
        var text = Figures.Of(guard.Metric, figure);
        var words =
            $"An instance of {order.New} uses {text}{(guard.Metric == GuardMetric.Cpu ? " of a core" : "")}; {guard.LimitText} is allowed.";
        return Say(guard, figure > guard.Value ? VerdictKind.Rollback : VerdictKind.Continue, text, words);
    }

    public Opinion Found((VerdictKind Kind, string Rule, string Figure, string Limit, string Words) found) =>
        new(
            found.Kind,
            new GuardFinding(
                $"{found.Rule} (always watched)",
                found.Kind == VerdictKind.Rollback ? GuardAnswer.Unhealthy : GuardAnswer.Inconclusive,
                found.Figure,
                found.Limit,
                whole.New.Requests,
                found.Words
            )
        );

    public Opinion EverythingIsBad() =>
        Missing(
            VerdictKind.Hold,
            "everything",
            $"{Percent(whole.New)} of the answers of {order.New} and {Percent(whole.Old)} of those of {order.Old} failed: everything is bad, and not by {order.New}'s doing."
        );

    public static Opinion Missing(VerdictKind kind, string what, string words) =>
        new(kind, new GuardFinding($"{what} (always watched)", GuardAnswer.Inconclusive, Analysis.Say.NoData, "", 0, words));

    /// <summary>Requests of the new side until SAFE, if it is as good as the old one and errors come as they did; null when none came.</summary>
    private long? RequestsToSafe()
    {
        var (requests, bad) = (whole.New.Requests + whole.Old.Requests, whole.New.Bad + whole.Old.Bad);
        if (bad == 0 || !(share > 0 && share < 1))
        {
            return null;
        }
        var events = Math.Max(1, (_logSafe - whole.Safe.LogE) / whole.Safe.GrowthPerBadEvent(share, 1));
        var needed = events * requests / bad * share;
        var digits = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(Math.Max(1, needed))) - 1));
        return (long)(Math.Ceiling(needed / digits) * digits);
    }

    private string MoreForSafe() =>
        RequestsToSafe() is { } more
            ? $" About {Figures.Count(more, "more request")} to {order.New} would show that it is not twice as bad."
            : "";

    /// <summary>Half of the capital on all routes together, half spread over them.</summary>
    private double Mixed(Func<RouteEvidence, double> logE)
    {
        if (routes.Count == 0)
        {
            return logE(whole);
        }
        var mean = routes.Select(logE).Aggregate(EProcess.LogSum) - Math.Log(routes.Count);
        return EProcess.LogSum(logE(whole), mean) - Math.Log(2);
    }

    /// <summary>The route that has more against it than all together; null when there is none, or nothing against any.</summary>
    private RouteEvidence? Culprit(Func<RouteEvidence, double> logE) =>
        routes.Count > 0 && routes.MaxBy(logE)! is var worst && logE(worst) > Math.Max(1, logE(whole)) ? worst : null;

    private static bool IsOver(RouteEvidence seen, double quantile, double ratio) =>
        seen.OldQuantile(quantile) is { } before
        && seen.NewQuantile(quantile) is { } now
        && now > Math.Max(before * ratio, before + FloorMs);

    private Opinion? TooFew(Guard guard, string figure, string words) =>
        whole.New.Requests == 0 ? Say(guard, VerdictKind.NoData, Analysis.Say.NoData, $"{order.New} has answered no request yet.")
        : whole.New.Requests < Judge.FewestRequests
            ? Say(guard, VerdictKind.NoData, figure, $"{words} Too few to say: at least {Judge.FewestRequests} answers are wanted.")
        : null;

    private string Counts(RouteEvidence seen, string where)
    {
        var (bad, requests) = (seen.New.Bad + seen.Old.Bad, seen.New.Requests + seen.Old.Requests);
        var since = order.Since.ToString("HH:mm", CultureInfo.InvariantCulture);
        return bad == 0
            ? $"No errors{where} since {since}: {order.New} answered {seen.New.Requests:#,0} of {Figures.Count(requests, "request")}."
            : $"{seen.New.Bad:#,0} of the {Figures.Count(bad, "error")}{where} since {since} came from {order.New}, which had {Figures.Percent(Math.Round((double)seen.New.Requests / requests, 3))} of the traffic.";
    }

    private string Slowness(RouteEvidence seen, double quantile, double before, double now)
    {
        var where = seen == whole ? "" : $" on {seen.Route}";
        var interval = QuantileInterval.Of(seen.New.Latency!, quantile, Doubt) is { LowMs: > 0, HighMs: < double.PositiveInfinity } sure
            ? $" (between {Figures.Milliseconds(sure.LowMs)} and {Figures.Milliseconds(sure.HighMs)}, with 95% certainty)"
            : "";
        return $"{Figures.Percent(quantile)} of the answers of {order.New}{where} took at most {Figures.Milliseconds(now)}{interval}; of {order.Old} at most {Figures.Milliseconds(before)}.";
    }

    private string Odds(double logE) =>
        $"{(logE > Math.Log(1e6) ? "More than a million" : Math.Exp(logE).ToString("#,0", CultureInfo.InvariantCulture))} to 1 that it is no luck; {Math.Exp(logLimit):#,0} to 1 decides.";

    private static string Times(ArmTick @new, ArmTick old) =>
        @new.Requests == 0 || old.Requests == 0 ? Analysis.Say.NoData
        : old.Bad == 0 ? (@new.Bad == 0 ? "no errors" : "errors on one side only")
        : Figures.Number((double)@new.Bad / @new.Requests / ((double)old.Bad / old.Requests));

    private static string Signed(double increase) => (increase > 0 ? "+" : "") + Figures.Percent(increase);

    private static string Percent(ArmTick seen) => Figures.Percent(Math.Round((double)seen.Bad / Math.Max(1, seen.Requests), 3));

    private static int IndexOf(IReadOnlyList<double> margins, double margin)
    {
        // The first margin is the plain "worse"; a guard's own stands behind it, even when it is 1.
        var index = 1;
        while (margins[index] != margin)
        {
            index++;
        }
        return index;
    }

    private Opinion Say(Guard guard, VerdictKind kind, string figure, string words, RouteEvidence? culprit = null, long? more = null) =>
        new(
            kind,
            new GuardFinding(
                guard.ToString(),
                kind switch
                {
                    VerdictKind.Rollback => GuardAnswer.Unhealthy,
                    VerdictKind.Continue or VerdictKind.Safe => GuardAnswer.Healthy,
                    _ => GuardAnswer.Inconclusive,
                },
                figure,
                guard.LimitText,
                whole.New.Requests,
                words
            )
            {
                Route = culprit?.Route,
                RequestsToSafe = more,
            }
        );
}
