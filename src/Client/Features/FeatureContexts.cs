using Microsoft.FeatureManagement.FeatureFilters;
using Teal.Flags;

namespace Teal.Client;

/// <summary>Who a feature is asked for, in Microsoft.FeatureManagement's words, as a context that Teal's rules read.</summary>
internal static class FeatureContexts
{
    /// <summary>The user is the targeting key; the groups are the attribute <c>groups</c>, a list.</summary>
    public static EvaluationContext Of(ITargetingContext targeting)
    {
        var groups = (targeting.Groups ?? []).Where(group => group is not null).Select(group => ContextValue.From(group)).ToArray();
        return groups.Length == 0
            ? EvaluationContext.Of(targeting.UserId)
            : EvaluationContext.Of(targeting.UserId, new ContextAttribute("groups", ContextValue.ListOf(groups)));
    }

    /// <summary>What a call brings; null when that names nobody that rules could read.</summary>
    public static EvaluationContext? From<TContext>(TContext context) =>
        context switch
        {
            EvaluationContext own => own,
            ITargetingContext targeting => Of(targeting),
            _ => null,
        };
}
