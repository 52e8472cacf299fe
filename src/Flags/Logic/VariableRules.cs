using System.Text;

namespace Teal.Flags;

/// <summary><c>{"var": ""}</c>: all of what can be seen.</summary>
internal sealed class ScopeRule : LogicRule
{
    public override bool IsFixedInside => true;

    protected override ContextValue Answer(ref Walk walk) => walk.Scope;
}

/// <summary><c>{"var": "email"}</c>.</summary>
internal sealed class AttributeRule(string name) : LogicRule
{
    public string Name => name;

    public override bool IsFixedInside => true;

    protected override ContextValue Answer(ref Walk walk)
    {
        walk.TryMember(walk.Scope, name, out var value);
        return value;
    }
}

/// <summary><c>{"var": "user.plan"}</c>.</summary>
/// <param name="stopsAtFalse">A false value on the way is the answer, as the interpreter has it for two and three names.</param>
internal sealed class PathRule(string[] path, bool stopsAtFalse) : LogicRule
{
    public override bool IsFixedInside => true;

    protected override ContextValue Answer(ref Walk walk)
    {
        var value = walk.Scope;
        foreach (var name in path)
        {
            if (stopsAtFalse && !walk.IsLooselyTrue(value))
            {
                return value;
            }
            walk.TryMember(value, name, out value);
        }
        return value;
    }
}

/// <summary><c>var</c> in full: the name may be computed, and there may be a default.</summary>
internal sealed class VariableRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    /// <summary>Null when the name is computed.</summary>
    private readonly string[]? _path = arguments is [ConstantRule { Value.Text: { Length: > 0 } text }, ..]
        ? VariablePath.Split(text)
        : null;

    protected override ContextValue Answer(ref Walk walk)
    {
        var values = Values(ref walk);
        var name = values.Length > 0 ? values[0] : default;
        var missing = values.Length > 1 ? values[1] : default;
        if (name.IsNull || name.Text is "")
        {
            return walk.Scope;
        }
        var value = walk.Scope;
        foreach (var part in _path ?? VariablePath.Split(walk.ToText(name)))
        {
            if (!walk.Spend(1) || value.IsNull || !walk.TryMember(value, part, out value))
            {
                return missing;
            }
        }
        return value;
    }
}

internal static class VariablePath
{
    /// <summary>At points; a backslash takes the meaning from a point, a slash or a backslash.</summary>
    public static string[] Split(string path)
    {
        if (path.AsSpan().IndexOfAny('.', '\\') < 0)
        {
            // No name at all is no step at all: it is always there.
            return path.Length == 0 ? [] : [path];
        }
        var parts = new List<string>();
        var part = new StringBuilder();
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 1 < path.Length && path[i + 1] is '.' or '/' or '\\')
            {
                part.Append(path[++i]);
            }
            else if (path[i] == '.')
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(path[i]);
            }
        }
        // "." is one empty name, not two.
        if (parts.Count != path.Length)
        {
            parts.Add(part.ToString());
        }
        return [.. parts];
    }

    public static bool IsThere(ref Walk walk, string path)
    {
        var value = walk.Scope;
        foreach (var part in Split(path))
        {
            if (!walk.Spend(1) || !walk.IsLooselyTrue(value) || !walk.TryMember(value, part, out value))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary><c>missing</c>: those of the names that the context does not have.</summary>
internal sealed class MissingRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    // The interpreter never takes it for constant.
    public override bool IsFixedInside => false;

    protected override ContextValue Answer(ref Walk walk) => ContextValue.OfNew(Among(ref walk, Values(ref walk)));

    public static ContextValue[] Among(ref Walk walk, ContextValue[] names)
    {
        var missing = new List<ContextValue>();
        foreach (var name in names)
        {
            if (!VariablePath.IsThere(ref walk, walk.ToText(name)))
            {
                missing.Add(name);
            }
        }
        return [.. missing];
    }
}

/// <summary><c>missing_some</c>: nothing when enough of the names are there, else those that are not.</summary>
internal sealed class MissingSomeRule(LogicRule[] arguments, bool isSpread) : ValuesRule(arguments, isSpread)
{
    public override bool IsFixedInside => false;

    protected override ContextValue Answer(ref Walk walk)
    {
        var values = Values(ref walk);
        if (values.Length < 2 || values[1].Items is not { } names)
        {
            return walk.Fail();
        }
        var missing = MissingRule.Among(ref walk, names);
        return names.Length - missing.Length >= walk.ToNumber(values[0]) ? ContextValue.OfNew([]) : ContextValue.OfNew(missing);
    }
}
