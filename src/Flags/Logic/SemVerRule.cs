namespace Teal.Flags;

/// <summary>flagd's <c>sem_ver</c>: <c>[version, operator, version]</c>; null for what is no version or no operator.</summary>
internal sealed class SemVerRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    public static readonly string[] Operators = ["=", "!=", "<", "<=", ">", ">=", "^", "~"];

    public override bool IsFixedInside => false;

    protected override ContextValue Answer(ref Walk walk)
    {
        if (!walk.IsAtRoot)
        {
            return walk.Fail();
        }
        if (!IsSpread && Arguments.Length == 3)
        {
            var left = Arguments[0].Evaluate(ref walk);
            var sign = Arguments[1].Evaluate(ref walk);
            return Compare(ref walk, left, sign, Arguments[2].Evaluate(ref walk));
        }
        var values = Values(ref walk);
        return values.Length == 3 ? Compare(ref walk, values[0], values[1], values[2]) : default;
    }

    private static ContextValue Compare(ref Walk walk, ContextValue left, ContextValue sign, ContextValue right)
    {
        if (
            walk.HasFailed
            || !SemanticVersion.TryParse(walk.ToText(left), out var first)
            || !SemanticVersion.TryParse(walk.ToText(right), out var second)
        )
        {
            return default;
        }
        var order = first.OrderTo(second);
        return walk.ToText(sign) switch
        {
            "=" => ContextValue.From(order == 0),
            "!=" => ContextValue.From(order != 0),
            "<" => ContextValue.From(order < 0),
            "<=" => ContextValue.From(order <= 0),
            ">" => ContextValue.From(order > 0),
            ">=" => ContextValue.From(order >= 0),
            "^" => ContextValue.From(first.Major == second.Major),
            "~" => ContextValue.From(first.Major == second.Major && first.Minor == second.Minor),
            _ => default,
        };
    }
}
