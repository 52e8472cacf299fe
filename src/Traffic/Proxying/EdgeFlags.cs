using Microsoft.AspNetCore.Http;
using Teal.Flags;

namespace Teal.Traffic.Proxying;

/// <param name="Environment">By its name, also when the default was asked for.</param>
public readonly record struct FlagsInForce(string Environment, FlagDocument Document)
{
    /// <summary>The segments that releases name as targets (<see cref="FlagCompiler.Segments(FlagSet, IEnumerable{string})"/>); null: none.</summary>
    public FlagDocument? Segments { get; init; }
}

/// <summary>Evaluates what a version asked for, and leaves with the passage what the instance is told and what the answer counts for.</summary>
internal sealed class EdgeFlags(Func<string?, FlagsInForce?> inForce, EdgeContext contexts, VariantLedger ledger, TimeProvider time)
{
    /// <param name="isCounted">False for a preview: it is nobody's evidence.</param>
    public void Evaluate(HttpContext context, ServiceTraffic traffic, FlagWish wish, Passage passage, bool isCounted)
    {
        if (inForce(wish.Environment) is not { } flags)
        {
            return;
        }
        var asked = contexts.Of(context, traffic, wish.Context, passage);
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
}
