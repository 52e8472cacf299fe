namespace Teal.Flags;

internal enum Comparison
{
    Equal,
    NotEqual,
    Same,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>The comparisons, of two values or of each with the next one. Two texts compare as texts, everything else as numbers or fails.</summary>
internal sealed class CompareRule(LogicRule[] arguments, Comparison comparison) : LogicRule
{
    public override bool IsFixedInside { get; } = Array.TrueForAll(arguments, static argument => argument.IsFixedInside);

    protected override ContextValue Answer(ref Walk walk)
    {
        var left = arguments[0].Evaluate(ref walk);
        for (var i = 1; i < arguments.Length; i++)
        {
            var right = arguments[i].Evaluate(ref walk);
            if (walk.HasFailed || !Holds(ref walk, left, right))
            {
                return ContextValue.False;
            }
            left = right;
        }
        return ContextValue.True;
    }

    private bool Holds(ref Walk walk, ContextValue left, ContextValue right)
    {
        if (comparison is Comparison.Same or Comparison.NotSame)
        {
            return ContextValue.StrictlyEqual(left, right) == (comparison == Comparison.Same);
        }
        if ((left.Text is not null || left.IsNull) && (right.Text is not null || right.IsNull))
        {
            return TextsHold(ref walk, left, right);
        }
        if (left.IsListOrObject || right.IsListOrObject)
        {
            walk.Fail();
            return false;
        }
        var (first, second) = (walk.ToNumber(left), walk.ToNumber(right));
        if (double.IsNaN(first) || double.IsNaN(second))
        {
            walk.Fail();
            return false;
        }
        return Holds(first, second);
    }

    private bool TextsHold(ref Walk walk, ContextValue left, ContextValue right)
    {
        if (left.Text is { } first && right.Text is { } second)
        {
            // Almost always equality is asked; it need not find the order.
            return comparison is Comparison.Equal or Comparison.NotEqual
                ? first == second == (comparison == Comparison.Equal)
                : Holds(string.CompareOrdinal(first, second), 0);
        }
        return comparison switch
        {
            Comparison.Equal => left.IsNull && right.IsNull,
            Comparison.NotEqual => !left.IsNull || !right.IsNull,
            _ => Holds(walk.ToNumber(left), walk.ToNumber(right)),
        };
    }

    private bool Holds(double first, double second) =>
        comparison switch
        {
            Comparison.Equal => first == second,
            Comparison.NotEqual => first != second,
            Comparison.Less => first < second,
            Comparison.LessOrEqual => first <= second,
            Comparison.Greater => first > second,
            _ => first >= second,
        };
}
