using System.Collections.Frozen;
using System.Text;

namespace Teal.Flags;

/// <summary><c>cat</c>: the texts of all values, null among several being nothing.</summary>
internal sealed class CatRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    /// <summary>What is joined, when it stands there one by one: so that a bucketing key needs no text of its own.</summary>
    public LogicRule[]? Parts => IsSpread ? null : Arguments;

    protected override ContextValue Answer(ref Walk walk)
    {
        if (IsSpread)
        {
            var value = Arguments[0].Evaluate(ref walk);
            if (value.Items is null)
            {
                // One null is not nothing: the interpreter asks it for its text.
                return value.IsNull ? walk.Fail() : ContextValue.From(walk.ToText(value));
            }
            return Joined(ref walk, value.Items);
        }
        return Joined(ref walk, EvaluateAll(Arguments, ref walk));
    }

    private static ContextValue Joined(ref Walk walk, ContextValue[] values)
    {
        var text = new StringBuilder();
        foreach (var value in values)
        {
            if (!value.IsNull && walk.Spend(1))
            {
                walk.Append(text, value);
            }
        }
        return ContextValue.From(text.ToString());
    }
}

/// <summary><c>substr</c>, as JavaScript's of that name.</summary>
internal sealed class SubstringRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    protected override ContextValue Answer(ref Walk walk)
    {
        var values = Values(ref walk);
        if (values.Length == 0 || values[0].Text is not { } text || !walk.Spend(1 + (text.Length / 8)))
        {
            return walk.Fail();
        }
        var from = values.Length > 1 ? walk.ToNumber(values[1]) : 0;
        if (values.Length < 3)
        {
            return ContextValue.From(Cut(text, from, double.PositiveInfinity));
        }
        var length = walk.ToNumber(values[2]);
        if (!(length < 0))
        {
            return ContextValue.From(Cut(text, from, length));
        }
        var rest = Cut(text, from, double.PositiveInfinity);
        // A negative text instead of a number is appended, not added, by the interpreter, and then means nothing.
        return ContextValue.From(values[2].IsNumber ? Cut(rest, 0, rest.Length + length) : "");
    }

    private static string Cut(string text, double from, double length)
    {
        var first = Whole(from);
        first = first < 0 ? Math.Max(text.Length + first, 0) : Math.Min(first, text.Length);
        var count = Math.Min(Math.Max(Whole(length), 0), text.Length - first);
        return text.Substring((int)first, (int)count);
    }

    private static double Whole(double number) => double.IsNaN(number) ? 0 : Math.Truncate(number);
}

/// <summary><c>in</c>: a part of a text, or an element of a list.</summary>
internal sealed class InRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    /// <summary>Fewer are compared one by one.</summary>
    private const int FewTexts = 8;

    /// <summary>The constant list to look in, when it holds many texts and nothing else: a segment's users. One look-up, however many.</summary>
    private readonly FrozenSet<string>? _texts =
        !isSpread && arguments is [_, ConstantRule { Value.Items: { } items }] ? TextsOf(items) : null;

    protected override ContextValue Answer(ref Walk walk)
    {
        if (_texts is not null)
        {
            return ContextValue.From(Arguments[0].Evaluate(ref walk).Text is { } text && _texts.Contains(text));
        }
        if (!IsSpread && Arguments.Length == 2)
        {
            var item = Arguments[0].Evaluate(ref walk);
            return IsIn(ref walk, item, Arguments[1].Evaluate(ref walk));
        }
        var values = Values(ref walk);
        return IsIn(ref walk, values.Length > 0 ? values[0] : default, values.Length > 1 ? values[1] : default);
    }

    private static FrozenSet<string>? TextsOf(ContextValue[] items) =>
        items.Length > FewTexts && Array.TrueForAll(items, static item => item.Text is not null)
            ? items.Select(static item => item.Text!).ToFrozenSet(StringComparer.Ordinal)
            : null;

    private static ContextValue IsIn(ref Walk walk, ContextValue item, ContextValue whole)
    {
        if (whole.Items is { } items)
        {
            return ContextValue.From(walk.Spend(items.Length / 4) && Contains(items, item));
        }
        if (whole.Text is { Length: > 0 } text)
        {
            return ContextValue.From(walk.Spend(text.Length / 64) && text.Contains(walk.ToText(item), StringComparison.Ordinal));
        }
        return walk.IsLooselyTrue(whole) ? walk.Fail() : ContextValue.False;
    }

    private static bool Contains(ContextValue[] items, ContextValue item)
    {
        foreach (var candidate in items)
        {
            if (ContextValue.StrictlyEqual(candidate, item))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>flagd's <c>starts_with</c> and <c>ends_with</c>: of exactly two texts, else null.</summary>
internal sealed class AffixRule(LogicRule[] arguments, bool isSpread, bool isPrefix) : ValuesRule(arguments, isSpread)
{
    public override bool IsFixedInside => false;

    protected override ContextValue Answer(ref Walk walk)
    {
        if (!walk.IsAtRoot)
        {
            return walk.Fail();
        }
        if (!IsSpread && Arguments.Length == 2)
        {
            var text = Arguments[0].Evaluate(ref walk);
            return Compare(text, Arguments[1].Evaluate(ref walk));
        }
        var values = Values(ref walk);
        return values.Length == 2 ? Compare(values[0], values[1]) : default;
    }

    private ContextValue Compare(ContextValue value, ContextValue affix) =>
        value.Text is not { } text || affix.Text is not { } part ? default
        : isPrefix ? ContextValue.From(text.StartsWith(part, StringComparison.Ordinal))
        : ContextValue.From(text.EndsWith(part, StringComparison.Ordinal));
}
