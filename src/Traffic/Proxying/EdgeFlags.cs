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
internal sealed class EdgeFlags(
    Func<string?, FlagsInForce?> inForce,
    Func<string, FlagSigner?> signers,
    EdgeContext contexts,
    VariantLedger ledger,
    TimeProvider time
)
{
    /// <param name="isCounted">False for a preview: it is nobody's evidence.</param>
    public void Evaluate(HttpContext context, ServiceTraffic traffic, FlagWish wish, Passage passage, bool isCounted)
    {
        (passage.Flags, passage.FlagsSignature) = (null, null);
        passage.CountFor(0);
        if (inForce(wish.Environment) is not { } flags)
        {
            return;
        }
        var now = time.GetUtcNow();
        var variants = Variants(flags, wish, contexts.Of(context, traffic, wish.Context, passage), now, passage);
        if (variants.Length == 0)
        {
            return;
        }
        passage.CountFor(isCounted ? variants.Length : 0);
        var header = FlagsHeader.Of(variants);
        if (!wish.IsSigned)
        {
            passage.Flags = header;
        }
        else if (signers(traffic.Service) is { } signer)
        {
            (passage.Flags, passage.FlagsSignature) = (header, signer.Sign(header, now));
        }
    }

    private ReadOnlySpan<VariantTally> Variants(
        FlagsInForce flags,
        FlagWish wish,
        EvaluationContext asked,
        DateTimeOffset now,
        Passage passage
    )
    {
        var variants = passage.VariantRoom(wish.Keys.Count);
        var count = 0;
        for (var i = 0; i < wish.Keys.Count; i++)
        {
            var key = wish.Keys[i];
            if (flags.Document.Evaluate(key, asked, now).Variant is { } variant)
            {
                var tally = ledger.Of(flags.Environment, key, variant);
                if (tally.Text is not null)
                {
                    variants[count++] = tally;
                }
            }
        }
        return variants[..count];
    }
}
