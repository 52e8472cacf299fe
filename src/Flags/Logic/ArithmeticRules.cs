namespace Teal.Flags;

/// <summary><c>+ - * / %</c>. What is no number fails.</summary>
internal sealed class ArithmeticRule(LogicRule[] arguments, bool isSpread, char sign) : ValuesRule(arguments, isSpread)
{
    protected override ContextValue Answer(ref Walk walk)
    {
        if (sign != '-' || !IsSpread)
        {
            return Worked(ref walk, Values(ref walk));
        }
        var value = Arguments[0].Evaluate(ref walk);
        // Whether the only element of a list is a number the interpreter does not ask.
        return value.Items is [{ IsListOrObject: false } only]
            ? ContextValue.Computed(-walk.ToNumber(only))
            : Worked(ref walk, value.Items ?? [value]);
    }

    private ContextValue Worked(ref Walk walk, ContextValue[] values)
    {
        if (!walk.Spend(values.Length) || Array.Exists(values, static value => value.IsListOrObject))
        {
            return walk.Fail();
        }
        var number = sign switch
        {
            '+' => Fold(ref walk, values, 0, 0, sign),
            '*' => Fold(ref walk, values, 0, 1, sign),
            _ when IsIncomplete(values) => double.NaN,
            '-' when values.Length == 1 => -walk.ToNumber(values[0]),
            '/' when values.Length == 1 => Reciprocal(walk.ToNumber(values[0])),
            _ => Fold(ref walk, values, 1, walk.ToNumber(values[0]), sign),
        };
        return double.IsNaN(number) || (sign == '/' && double.IsPositiveInfinity(number)) ? walk.Fail() : ContextValue.Computed(number);
    }

    private bool IsIncomplete(ContextValue[] values) => values.Length < (sign == '%' ? 2 : 1);

    private static double Reciprocal(double number) => number == 0 ? double.NaN : 1 / number;

    private static double Fold(ref Walk walk, ContextValue[] values, int first, double start, char sign)
    {
        var number = start;
        for (var i = first; i < values.Length; i++)
        {
            if (sign == '/' && !walk.IsTruthy(values[i]))
            {
                return double.NaN;
            }
            var next = walk.ToNumber(values[i]);
            number = sign switch
            {
                '+' => number + next,
                '-' => number - next,
                '*' => number * next,
                '/' => number / next,
                _ => number % next,
            };
        }
        return number;
    }
}

/// <summary><c>max</c> and <c>min</c>, of numbers only.</summary>
internal sealed class ExtremeRule(LogicRule[] arguments, bool isSpread, bool isGreatest) : ValuesRule(arguments, isSpread)
{
    protected override ContextValue Answer(ref Walk walk)
    {
        var values = Values(ref walk);
        if (values.Length == 0 || !walk.Spend(values.Length) || !Array.TrueForAll(values, static value => value.IsNumber))
        {
            return walk.Fail();
        }
        var extreme = values[0].Double;
        foreach (var value in values)
        {
            extreme = (isGreatest ? value.Double > extreme : value.Double < extreme) ? value.Double : extreme;
        }
        return ContextValue.Computed(extreme);
    }
}
