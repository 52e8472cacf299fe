namespace Teal.Flags;

/// <summary>
/// A node of targeting, made once from JSONLogic and never changed. The semantics are those of json-logic-engine's interpreter, on
/// which flagd's own npm package is built: where JSONLogic's page leaves a case open, what that one does is right here.
/// </summary>
internal abstract class LogicRule
{
    /// <summary>Inside of <c>map</c> and its like this needs nothing but the element, so that over a constant list it is constant.</summary>
    public virtual bool IsFixedInside => false;

    public bool IsConstant => this is ConstantRule;

    /// <summary>Nothing that it is made of needs a context.</summary>
    public bool IsSettled => IsConstant || this is HopelessRule { FailsByItself: true };

    /// <summary>It fails whenever it is looked at, so that whoever needs its value fails as well.</summary>
    public bool IsHopeless => this is HopelessRule;

    public ContextValue Evaluate(ref Walk walk) => walk.Spend(1) ? Answer(ref walk) : default;

    protected abstract ContextValue Answer(ref Walk walk);

    /// <summary>All of them, in order; null when one of them failed.</summary>
    protected static ContextValue[] EvaluateAll(LogicRule[] rules, ref Walk walk)
    {
        var values = rules.Length == 0 ? [] : new ContextValue[rules.Length];
        for (var i = 0; i < values.Length && !walk.HasFailed; i++)
        {
            values[i] = rules[i].Evaluate(ref walk);
        }
        return values;
    }
}

internal sealed class ConstantRule(ContextValue value) : LogicRule
{
    public override bool IsFixedInside => true;

    public ContextValue Value { get; } = value;

    protected override ContextValue Answer(ref Walk walk) => Value;
}

/// <param name="isConstant">It fails by itself, whatever the context.</param>
internal sealed class HopelessRule(bool isConstant, bool isFixedInside) : LogicRule
{
    public bool FailsByItself => isConstant;

    public override bool IsFixedInside => isFixedInside;

    protected override ContextValue Answer(ref Walk walk) => walk.Fail();
}

/// <summary>A list some of whose elements are rules.</summary>
internal sealed class ListRule(LogicRule[] items) : LogicRule
{
    public LogicRule[] Items => items;

    public override bool IsFixedInside { get; } = Array.TrueForAll(items, static item => item.IsFixedInside);

    protected override ContextValue Answer(ref Walk walk) => ContextValue.Of(EvaluateAll(items, ref walk));
}

/// <summary>What the operations have that take their arguments' values: either a list of arguments, or one that may itself be the list.</summary>
internal abstract class ValuesRule(LogicRule[] arguments, bool isSpread) : LogicRule
{
    protected LogicRule[] Arguments => arguments;

    /// <summary>The one argument's value is the list of values when it is a list.</summary>
    protected bool IsSpread => isSpread;

    public override bool IsFixedInside { get; } = Array.TrueForAll(arguments, static argument => argument.IsFixedInside);

    protected ContextValue[] Values(ref Walk walk)
    {
        if (!isSpread)
        {
            return EvaluateAll(arguments, ref walk);
        }
        var value = arguments[0].Evaluate(ref walk);
        return value.Items ?? [value];
    }
}
