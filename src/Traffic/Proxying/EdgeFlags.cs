using Microsoft.AspNetCore.Http;
using Teal.Flags;

namespace Teal.Traffic.Proxying;

/// <param name="Environment">By its name, also when the default was asked for.</param>
public readonly record struct FlagsInForce(string Environment, FlagDocument Document);

/// <summary>Evaluates what a version asked for, and leaves with the passage what the instance is told and what the answer counts for.</summary>
internal sealed class EdgeFlags(Func<string?, FlagsInForce?> inForce, CohortKey cohort, VariantLedger ledger, TimeProvider time)
{
    /// <summary>Longer values are left out: no rule has an operand as long.</summary>
    private const int LongestAttribute = FlagLimits.OperandCharacters;

    /// <param name="isCounted">False for a preview: it is nobody's evidence.</param>
    public void Evaluate(HttpContext context, ServiceTraffic traffic, FlagWish wish, Passage passage, bool isCounted)
    {
        if (inForce(wish.Environment) is not { } flags)
        {
            return;
        }
        var asked = ContextOf(context, traffic, wish, passage);
        var now = time.GetUtcNow();
        var variants = new List<VariantTally>(wish.Keys.Count);
        for (var i = 0; i < wish.Keys.Count; i++)
        {
            var key = wish.Keys[i];
            if (flags.Document.Evaluate(key, asked, now).Variant is { } variant)
            {
                var tally = ledger.Of(flags.Environment, key, variant);
                if (tally.Text is not null)
                {
                    variants.Add(tally);
                }
            }
        }
        passage.Flags = variants.Count == 0 ? null : string.Join(", ", variants.Select(static variant => variant.Text));
        passage.Variants = isCounted ? [.. variants] : [];
    }

    private EvaluationContext ContextOf(HttpContext context, ServiceTraffic traffic, FlagWish wish, Passage passage)
    {
        var attributes = new ContextAttribute[wish.Context.Count];
        var known = 0;
        for (var i = 0; i < wish.Context.Count; i++)
        {
            if (cohort.Value(context, wish.Context[i].Source) is { Length: > 0 and <= LongestAttribute } value)
            {
                attributes[known++] = new ContextAttribute(wish.Context[i].Name, value);
            }
        }
        return EvaluationContext.Of(cohort.Identity(context, traffic, passage), attributes.AsSpan(0, known));
    }
}
