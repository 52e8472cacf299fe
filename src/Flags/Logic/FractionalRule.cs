using System.Globalization;

namespace Teal.Flags;

/// <summary>
/// flagd's <c>fractional</c>: the key's bucket decides among weighted variants. The key is the first argument when that is a text,
/// else flag key and targeting key together.
/// </summary>
internal sealed class FractionalRule(LogicRule[] arguments, bool isSpread, string path) : ValuesRule(arguments, isSpread)
{
    private readonly LogicRule[]? _keyParts = !isSpread && arguments is [CatRule { Parts: { } parts }, ..] ? parts : null;

    // Made once where nothing but the key changes: all arguments, or all after the key.
    private readonly Distribution? _ofAll = isSpread ? null : Distribution.OfConstants(arguments, 0);
    private readonly Distribution? _ofRest = isSpread || arguments.Length == 0 ? null : Distribution.OfConstants(arguments, 1);

    public override bool IsFixedInside => false;

    protected override ContextValue Answer(ref Walk walk)
    {
        if (!walk.IsAtRoot)
        {
            return walk.Fail();
        }
        Span<byte> buffer = stackalloc byte[KeyText.StackBytes];
        var key = new KeyText(buffer);
        var answer = Draw(ref walk, ref key);
        key.Return();
        return answer;
    }

    private ContextValue Draw(ref Walk walk, ref KeyText key)
    {
        if (_ofAll is not null)
        {
            return DrawByTargetingKey(ref walk, ref key, _ofAll);
        }
        if (_ofRest is null)
        {
            return DrawComputed(ref walk, ref key);
        }
        if (_keyParts is not null)
        {
            foreach (var part in _keyParts)
            {
                key.Append(ref walk, part.Evaluate(ref walk));
            }
            return walk.HasFailed ? default : Drawn(ref walk, ref key, _ofRest);
        }
        var first = Arguments[0].Evaluate(ref walk);
        if (first.Text is { } text)
        {
            key.Append(text);
            return Drawn(ref walk, ref key, _ofRest);
        }
        return first.Items is null || walk.HasFailed ? default : DrawOver(ref walk, ref key, EvaluateAll(Arguments, ref walk));
    }

    private ContextValue DrawComputed(ref Walk walk, ref KeyText key)
    {
        var values = Values(ref walk);
        return walk.HasFailed || values.Length == 0 ? default : DrawOver(ref walk, ref key, values);
    }

    private ContextValue DrawOver(ref Walk walk, ref KeyText key, ContextValue[] values)
    {
        if (values[0].Text is not { } text)
        {
            return Distribution.Of(values) is { } ofAll ? DrawByTargetingKey(ref walk, ref key, ofAll) : default;
        }
        key.Append(text);
        return Distribution.Of(values.AsSpan(1)) is { } ofRest ? Drawn(ref walk, ref key, ofRest) : default;
    }

    private ContextValue DrawByTargetingKey(ref Walk walk, ref KeyText key, Distribution distribution)
    {
        if (string.IsNullOrEmpty(walk.Context.TargetingKey))
        {
            return default;
        }
        key.Append(walk.FlagKey);
        key.Append(walk.Context.TargetingKey);
        return Drawn(ref walk, ref key, distribution);
    }

    private ContextValue Drawn(ref Walk walk, ref KeyText key, Distribution distribution)
    {
        if (!walk.Spend(key.Bytes.Length / 64))
        {
            return default;
        }
        var bucket = Cohort.Bucket(key.Bytes, distribution.Weight);
        var place = distribution.PlaceOf(bucket);
        walk.Draws?.Add(distribution.Explain(path, key.ToString(), bucket, place));
        return place < 0 ? default : distribution[place];
    }
}

/// <summary>Variants and the buckets of each.</summary>
internal sealed class Distribution
{
    private readonly ContextValue[] _variants;

    /// <summary>Each variant's first bucket that is no longer its own.</summary>
    private readonly int[] _ends;

    private Distribution(ContextValue[] variants, int[] ends)
    {
        _variants = variants;
        _ends = ends;
    }

    public int Weight => _ends.Length == 0 ? 0 : _ends[^1];

    public ContextValue this[int place] => _variants[place];

    /// <returns>Null when they are not all constant, or no distribution.</returns>
    public static Distribution? OfConstants(LogicRule[] arguments, int first)
    {
        var buckets = arguments.AsSpan(first);
        var values = new ContextValue[buckets.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (buckets[i] is not ConstantRule constant)
            {
                return null;
            }
            values[i] = constant.Value;
        }
        return values.Length == 0 && first == 0 ? null : Of(values);
    }

    /// <returns>Null when an entry is not a variant with a whole weight, or the weights are more than 2^31 − 1 in all.</returns>
    public static Distribution? Of(ReadOnlySpan<ContextValue> entries)
    {
        var variants = new ContextValue[entries.Length];
        var ends = new int[entries.Length];
        double sum = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Items is not { Length: 1 or 2 } entry || entry[0].IsListOrObject)
            {
                return null;
            }
            var weight = entry.Length == 1 ? ContextValue.Computed(1) : entry[1];
            if (!weight.IsNumber || !double.IsInteger(weight.Double))
            {
                return null;
            }
            // A weight below nothing comes from a computed ramp that has not begun.
            sum += Math.Max(0, weight.Double);
            variants[i] = entry[0];
            ends[i] = (int)Math.Min(sum, int.MaxValue);
        }
        return sum > int.MaxValue ? null : new Distribution(variants, ends);
    }

    /// <returns>−1 when nothing has weight.</returns>
    public int PlaceOf(int bucket)
    {
        for (var i = 0; i < _ends.Length; i++)
        {
            if (_ends[i] > bucket)
            {
                return i;
            }
        }
        return -1;
    }

    public ExplainedDraw Explain(string path, string key, int bucket, int place)
    {
        var ranges = _variants.Select((variant, i) => new ExplainedRange(Name(variant), i == 0 ? 0 : _ends[i - 1], _ends[i]));
        return new ExplainedDraw(path, key, bucket, Weight, place < 0 ? null : Name(_variants[place]), [.. ranges]);
    }

    private static string? Name(ContextValue variant) =>
        variant.Kind switch
        {
            ValueKind.String => variant.Text,
            ValueKind.Number => variant.Double.ToString("R", CultureInfo.InvariantCulture),
            ValueKind.Boolean => variant.IsTrue ? "true" : "false",
            _ => null,
        };
}
