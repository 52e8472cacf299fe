namespace Teal.Analysis;

/// <summary>Guards on the share of failed answers.</summary>
internal static class ErrorGuard
{
    /// <summary>Both versions are called bad when each fails more often than this beyond luck.</summary>
    private const double BadRate = 0.1;

    /// <summary>
    /// New minus old. Broken when the lower bound of the difference lies above the limit: d − √((p₁−l₁)² + (u₀−p₀)²), Newcombe's way of
    /// joining two single intervals (Statistics in Medicine 17:873, 1998, method 10) over exact Clopper–Pearson bounds instead of Wilson's,
    /// which are too narrow for the first handful of requests.
    /// </summary>
    public static Opinion Increase(Guard guard, Evidence evidence)
    {
        var (fresh, old) = (evidence.New, evidence.Old);
        if (fresh.Requests == 0)
        {
            return Say.TooFew(guard, Say.NoData, 0, $"The new {evidence.What} has answered no request yet.");
        }
        if (evidence.IsPartial && (old is null or { Requests: 0 }))
        {
            return Say.TooFew(
                guard,
                Say.NoData,
                fresh.Requests,
                $"Nothing was reported of the old {evidence.What}: there is nothing to compare with."
            );
        }
        var increase = Rate(fresh) - Rate(old);
        var figure = (increase > 0 ? "+" : "") + Figures.Percent(increase);
        var words = Words(fresh, old, evidence.What);
        if (increase > guard.Value && LowerBoundOfIncrease(fresh, old) > guard.Value)
        {
            return Say.Broken(guard, figure, fresh.Requests, words);
        }
        if (old is not null && IsBad(fresh, BadRate) && IsBad(old, BadRate))
        {
            return Say.Suspicious(
                guard,
                figure,
                fresh.Requests,
                $"{words} Both {evidence.What}s fail, so it is not the new {evidence.What}'s doing."
            );
        }
        return Unproved(guard, increase, figure, fresh, words);
    }

    /// <summary>New alone. Broken when the exact lower bound of its rate lies above the limit, and the old version is not beyond it too.</summary>
    public static Opinion Max(Guard guard, Evidence evidence)
    {
        var (fresh, old) = (evidence.New, evidence.Old);
        if (fresh.Requests == 0)
        {
            return Say.TooFew(guard, Say.NoData, 0, $"The new {evidence.What} has answered no request yet.");
        }
        var figure = Figures.Percent(Rate(fresh));
        var words = Words(fresh, old, evidence.What);
        if (!IsBad(fresh, guard.Value))
        {
            return Unproved(guard, Rate(fresh), figure, fresh, words);
        }
        return old is not null && IsBad(old, guard.Value)
            ? Say.Suspicious(
                guard,
                figure,
                fresh.Requests,
                $"{words} The old {evidence.What} is over the limit too, so it is not the new {evidence.What}'s doing."
            )
            : Say.Broken(guard, figure, fresh.Requests, words);
    }

    private static Opinion Unproved(Guard guard, double rate, string figure, ArmEvidence fresh, string words)
    {
        if (fresh.Requests < Judge.FewestRequests)
        {
            return Say.TooFew(
                guard,
                figure,
                fresh.Requests,
                $"{words} Too few to say: at least {Judge.FewestRequests} answers are wanted."
            );
        }
        return rate <= guard.Value
            ? Say.Healthy(guard, figure, fresh.Requests, words)
            : Say.Suspicious(guard, figure, fresh.Requests, $"{words} That is over the limit, and luck may explain it.");
    }

    private static double LowerBoundOfIncrease(ArmEvidence fresh, ArmEvidence? old)
    {
        var below = Rate(fresh) - Binomial.LowerBound(fresh.Errors, fresh.Requests, Judge.Doubt);
        // Nothing to compare with: the old rate counts as zero, without doubt.
        var above = old is null or { Requests: 0 } ? 0 : Binomial.UpperBound(old.Errors, old.Requests, Judge.Doubt) - Rate(old);
        return Rate(fresh) - Rate(old) - Math.Sqrt((below * below) + (above * above));
    }

    /// <summary>Beyond luck: the same as an exact lower bound above the limit.</summary>
    private static bool IsBad(ArmEvidence arm, double limit) => Binomial.AtLeast(arm.Errors, arm.Requests, limit) < Judge.Doubt;

    private static double Rate(ArmEvidence? arm) => arm is null or { Requests: 0 } ? 0 : (double)arm.Errors / arm.Requests;

    private static string Words(ArmEvidence fresh, ArmEvidence? old, string what)
    {
        if (old is null or { Requests: 0 })
        {
            return $"{fresh.Errors:#,0} of the new {what}'s {Figures.Count(fresh.Requests, "answer")} failed; there is no old {what}'s rate to compare with, so it counts as 0%.";
        }
        var (errors, requests) = (fresh.Errors + old.Errors, fresh.Requests + old.Requests);
        return errors == 0
            ? $"No errors: the new {what} answered {fresh.Requests:#,0} of {Figures.Count(requests, "request")}."
            : $"{fresh.Errors:#,0} of the {Figures.Count(errors, "error")} came from the new {what}, which answered {fresh.Requests:#,0} of {Figures.Count(requests, "request")}.";
    }
}
