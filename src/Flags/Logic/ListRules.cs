using System.Runtime.InteropServices;

namespace Teal.Flags;

/// <summary><c>merge</c>: one list of all values, lists among them opened once.</summary>
internal sealed class MergeRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    protected override ContextValue Answer(ref Walk walk)
    {
        var values = Values(ref walk);
        var merged = new List<ContextValue>(values.Length);
        foreach (var value in values)
        {
            if (value.Items is not { } items)
            {
                merged.Add(value);
            }
            else if (walk.Spend(items.Length))
            {
                merged.AddRange(items);
            }
        }
        return ContextValue.OfNew(CollectionsMarshal.AsSpan(merged));
    }
}

internal enum Iteration
{
    Map,
    Filter,
    All,
    Some,
    None,
}

/// <summary><c>map</c>, <c>filter</c>, <c>all</c>, <c>some</c>, <c>none</c>: a rule for each element, which sees nothing but the element.</summary>
internal sealed class IterationRule(LogicRule list, LogicRule each, Iteration iteration) : LogicRule
{
    public override bool IsFixedInside { get; } = list.IsFixedInside && each.IsFixedInside;

    protected override ContextValue Answer(ref Walk walk)
    {
        var value = list.Evaluate(ref walk);
        if (walk.HasFailed)
        {
            return default;
        }
        var outside = (walk.Scope, walk.IsAtRoot);
        walk.IsAtRoot = false;
        var answer = iteration switch
        {
            Iteration.Map or Iteration.Filter => Elements(ref walk, value) is { } items ? Made(ref walk, items) : walk.Fail(),
            Iteration.All => ContextValue.From(HoldsForAll(ref walk, value)),
            _ => ContextValue.From(HoldsForSome(ref walk, value) == (iteration == Iteration.Some)),
        };
        (walk.Scope, walk.IsAtRoot) = outside;
        return answer;
    }

    private ContextValue Made(ref Walk walk, ContextValue[] items)
    {
        var made = new List<ContextValue>();
        foreach (var item in items)
        {
            walk.Scope = item;
            var value = each.Evaluate(ref walk);
            if (walk.HasFailed)
            {
                break;
            }
            if (iteration == Iteration.Map)
            {
                made.Add(value);
            }
            else if (walk.IsTruthy(value))
            {
                made.Add(item);
            }
        }
        return ContextValue.OfNew(CollectionsMarshal.AsSpan(made));
    }

    private bool HoldsForAll(ref Walk walk, ContextValue value)
    {
        // Nothing holds for all of nothing; but of what has no elements at all the interpreter finds none against it.
        if (!walk.IsLooselyTrue(value) || value.Items is { Length: 0 })
        {
            return false;
        }
        return !Any(ref walk, value, wanted: false);
    }

    private bool HoldsForSome(ref Walk walk, ContextValue value) => walk.IsLooselyTrue(value) && Any(ref walk, value, wanted: true);

    private bool Any(ref Walk walk, ContextValue value, bool wanted)
    {
        var count = value.Items?.Length ?? value.Text?.Length ?? 0;
        for (var i = 0; i < count && !walk.HasFailed; i++)
        {
            // A text has its chars for elements.
            walk.Scope = value.Items is { } items ? items[i] : ContextValue.From(value.Text![i].ToString());
            if (walk.IsTruthy(each.Evaluate(ref walk)) == wanted)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Null for what is neither a list nor false.</summary>
    private static ContextValue[]? Elements(ref Walk walk, ContextValue value) => value.Items ?? (walk.IsLooselyTrue(value) ? null : []);
}

/// <summary><c>reduce</c>: the rule sees <c>current</c> and <c>accumulator</c>; lists and objects in an accumulator may hold none.</summary>
internal sealed class ReduceRule(LogicRule list, LogicRule each, LogicRule? start) : LogicRule
{
    private static readonly string[] _names = ["accumulator", "current"];

    public override bool IsFixedInside { get; } = list.IsFixedInside && each.IsFixedInside && start?.IsFixedInside != false;

    protected override ContextValue Answer(ref Walk walk)
    {
        var accumulator = start is null ? default : Flat(ref walk, start.Evaluate(ref walk));
        var value = list.Evaluate(ref walk);
        if (walk.HasFailed || (value.Items is null && walk.IsLooselyTrue(value)))
        {
            return walk.Fail();
        }
        var items = value.Items ?? [];
        var first = 0;
        if (start is null)
        {
            if (items.Length == 0)
            {
                return walk.Fail();
            }
            accumulator = items[first++];
        }
        return Reduced(ref walk, items.AsSpan(first), accumulator);
    }

    private ContextValue Reduced(ref Walk walk, ReadOnlySpan<ContextValue> items, ContextValue accumulator)
    {
        var outside = (walk.Scope, walk.IsAtRoot);
        walk.IsAtRoot = false;
        foreach (var item in items)
        {
            if (walk.HasFailed || !ContextObject.TryMake(_names, [accumulator, item], out var pair, out _))
            {
                break;
            }
            walk.Scope = ContextValue.Of(pair);
            accumulator = Flat(ref walk, each.Evaluate(ref walk));
        }
        (walk.Scope, walk.IsAtRoot) = outside;
        return accumulator;
    }

    private static ContextValue Flat(ref Walk walk, ContextValue value)
    {
        var inner =
            value.Items is { } items ? items
            : value.Object is { } members ? members.Values
            : default;
        if (!walk.Spend(inner.Length / 4))
        {
            return default;
        }
        foreach (var item in inner)
        {
            if (item.IsListOrObject)
            {
                return walk.Fail();
            }
        }
        return value;
    }
}
