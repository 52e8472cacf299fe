using Microsoft.AspNetCore.Http;
using Teal.Flags;

namespace Teal.Traffic.Proxying;

/// <summary>Whom flags and segments are asked for: a request's identity, and what it says under the names that a manifest gives.</summary>
internal sealed class EdgeContext(CohortKey cohort)
{
    /// <summary>Longer values are left out: no rule has an operand as long.</summary>
    private const int LongestAttribute = FlagLimits.OperandCharacters;

    public EvaluationContext Of(HttpContext context, ServiceTraffic traffic, IReadOnlyList<FlagAttribute> wanted, Passage passage)
    {
        var attributes = new ContextAttribute[wanted.Count];
        var known = 0;
        for (var i = 0; i < wanted.Count; i++)
        {
            if (cohort.Value(context, wanted[i].Source) is { Length: > 0 and <= LongestAttribute } value)
            {
                attributes[known++] = new ContextAttribute(wanted[i].Name, value);
            }
        }
        return EvaluationContext.Of(cohort.Identity(context, traffic, passage), attributes.AsSpan(0, known));
    }
}
