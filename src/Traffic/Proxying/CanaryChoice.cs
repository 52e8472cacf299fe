using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Teal.Flags;

namespace Teal.Traffic.Proxying;

/// <summary>Which version a client belongs to: a target rule first, then its place in the cohort.</summary>
internal sealed class CanaryChoice(
    Func<string?, FlagsInForce?> inForce,
    ForwardedHeaders forwarded,
    CohortKey cohort,
    EdgeContext contexts,
    TimeProvider time
)
{
    /// <summary>True: the canary. May give the client a cohort cookie.</summary>
    public bool PicksCanary(HttpContext context, ServiceTraffic traffic, Passage passage)
    {
        for (var i = 0; i < traffic.Targets.Count; i++)
        {
            if (Matches(context, traffic, traffic.Targets[i], passage))
            {
                return true;
            }
        }
        return traffic.CanaryShare.Parts switch
        {
            0 => false,
            Share.Whole => true,
            _ => cohort.IsInCanary(context, traffic, passage),
        };
    }

    private bool Matches(HttpContext context, ServiceTraffic traffic, TargetRule rule, Passage passage) =>
        rule switch
        {
            TargetRule.Header header => Has(context.Request.Headers[header.Name], header.Value),
            TargetRule.Cookie cookie => CohortKey.Cookie(context.Request.Headers.Cookie, cookie.Name).SequenceEqual(cookie.Value),
            TargetRule.Address address => forwarded.ClientOf(context) is { } client && address.Network.Contains(client),
            TargetRule.Segment segment => BelongsTo(context, traffic, segment, passage),
            _ => false,
        };

    /// <summary>One read of what is in force: whoever asks after a change gets the changed segment.</summary>
    private bool BelongsTo(HttpContext context, ServiceTraffic traffic, TargetRule.Segment segment, Passage passage) =>
        inForce(segment.Environment)?.Segments is { } segments
        && segments.Evaluate(segment.Name, contexts.Of(context, traffic, segment.Context, passage), time.GetUtcNow()).Variant
            == FlagCompiler.Inside;

    private static bool Has(in StringValues values, string wanted)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (string.Equals(values[i], wanted, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}
