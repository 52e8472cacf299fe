namespace Teal.Flags;

/// <summary><c>if</c>: conditions and values in turns, and at the end what else.</summary>
internal sealed class IfRule : LogicRule
{
    private readonly LogicRule[] _conditions;
    private readonly LogicRule[] _values;
    private readonly LogicRule _otherwise;

    public IfRule(LogicRule[] arguments, string path)
    {
        Path = path;
        var pairs = arguments.Length / 2;
        _conditions = [.. Enumerable.Range(0, pairs).Select(pair => arguments[pair * 2])];
        _values = [.. Enumerable.Range(0, pairs).Select(pair => arguments[(pair * 2) + 1])];
        _otherwise = arguments.Length % 2 == 1 ? arguments[^1] : new ConstantRule(default);
        IsFixedInside = Array.TrueForAll(arguments, static argument => argument.IsFixedInside);
    }

    public override bool IsFixedInside { get; }

    /// <summary>Where it stands in the document.</summary>
    public string Path { get; }

    public int Arms => _conditions.Length;

    /// <returns>The rule whose value is the answer, and which condition was true; null when none was.</returns>
    public LogicRule Choose(ref Walk walk, out int? arm)
    {
        for (var i = 0; i < _conditions.Length && !walk.HasFailed; i++)
        {
            if (walk.IsTruthy(_conditions[i].Evaluate(ref walk)))
            {
                arm = i;
                return _values[i];
            }
        }
        arm = null;
        return _otherwise;
    }

    protected override ContextValue Answer(ref Walk walk)
    {
        var chosen = Choose(ref walk, out _);
        return walk.HasFailed ? default : chosen.Evaluate(ref walk);
    }
}

/// <summary><c>and</c> and <c>or</c>: the first value that decides, else the last.</summary>
internal sealed class JunctionRule(LogicRule[] arguments, bool deciding) : LogicRule
{
    public override bool IsFixedInside { get; } = Array.TrueForAll(arguments, static argument => argument.IsFixedInside);

    protected override ContextValue Answer(ref Walk walk)
    {
        ContextValue value = default;
        foreach (var argument in arguments)
        {
            value = argument.Evaluate(ref walk);
            if (walk.HasFailed || walk.IsTruthy(value) == deciding)
            {
                return value;
            }
        }
        return value;
    }
}

/// <summary><c>!</c> and <c>!!</c>. Of a list that is the value of the one argument the first element counts, as in the interpreter.</summary>
internal sealed class TruthRule(LogicRule[] arguments, bool isSpread, bool isNegated) : ValuesRule(arguments, isSpread)
{
    protected override ContextValue Answer(ref Walk walk)
    {
        var value = Arguments.Length > 0 ? Arguments[0].Evaluate(ref walk) : default;
        if (IsSpread && value.Items is { } items)
        {
            value = items.Length > 0 ? items[0] : default;
        }
        return ContextValue.From(walk.IsTruthy(value) != isNegated);
    }
}
