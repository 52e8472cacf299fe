using System.Diagnostics.CodeAnalysis;

namespace Teal.Flags;

/// <summary>The kinds of JSON, which are those of a value in a context or a rule.</summary>
internal enum ValueKind : byte
{
    Null,
    Boolean,
    Number,
    String,
    List,
    Object,
}

/// <summary>A value of a context: null, a boolean, a number, a text, a list or an object. Never changes; the default is null.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "JSONLogic has several equalities, none of them this one.")]
[SuppressMessage("Usage", "CA2225", Justification = "From is the alternate of each conversion.")]
public readonly struct ContextValue
{
    // Two words, so that a value travels in registers: what has no content of its own has one of these instead.
    private static readonly object _number = new();
    private static readonly object _true = new();
    private static readonly object _false = new();

    private readonly object? _content;
    private readonly double _double;

    private ContextValue(object? content, double number = 0)
    {
        _content = content;
        _double = number;
    }

    public static ContextValue Null => default;

    internal static ContextValue True => new(_true);

    internal static ContextValue False => new(_false);

    internal ValueKind Kind =>
        _content switch
        {
            null => ValueKind.Null,
            string => ValueKind.String,
            ContextValue[] => ValueKind.List,
            ContextObject => ValueKind.Object,
            _ => ReferenceEquals(_content, _number) ? ValueKind.Number : ValueKind.Boolean,
        };

    internal bool IsNull => _content is null;

    internal bool IsNumber => ReferenceEquals(_content, _number);

    internal bool IsTrue => ReferenceEquals(_content, _true);

    internal bool IsBoolean => IsTrue || ReferenceEquals(_content, _false);

    /// <summary>Meaningful for numbers only.</summary>
    internal double Double => _double;

    /// <summary>Null for every other kind; so for the next two.</summary>
    internal string? Text => _content as string;

    internal ContextValue[]? Items => _content as ContextValue[];

    internal ContextObject? Object => _content as ContextObject;

    internal bool IsListOrObject => _content is ContextValue[] or ContextObject;

    public static ContextValue From(bool value) => value ? True : False;

    /// <exception cref="ArgumentOutOfRangeException">Not a number, or infinite.</exception>
    public static ContextValue From(double value) =>
        double.IsFinite(value)
            ? Computed(value)
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A context holds numbers that JSON can write.");

    public static ContextValue From(string value) => new(value);

    public static ContextValue ListOf(params ReadOnlySpan<ContextValue> items) => OfNew(items);

    /// <exception cref="ArgumentException">A member comes twice.</exception>
    public static ContextValue ObjectOf(params ReadOnlySpan<ContextAttribute> members)
    {
        var names = new string[members.Length];
        var values = new ContextValue[members.Length];
        for (var i = 0; i < members.Length; i++)
        {
            names[i] = members[i].Name;
            values[i] = members[i].Value;
        }
        return ContextObject.TryMake(names, values, out var made, out var twice)
            ? Of(made)
            : throw new ArgumentException($"'{names[twice]}' comes twice.", nameof(members));
    }

    public static implicit operator ContextValue(bool value) => From(value);

    public static implicit operator ContextValue(double value) => From(value);

    public static implicit operator ContextValue(string value) => From(value);

    /// <summary>A number as arithmetic leaves it, infinite ones among them.</summary>
    internal static ContextValue Computed(double value) => new(_number, value);

    internal static ContextValue Of(ContextValue[] items) => new(items);

    /// <summary>A list equal to no other, an empty one neither.</summary>
    internal static ContextValue OfNew(ReadOnlySpan<ContextValue> items) =>
        Of(items.IsEmpty ? GC.AllocateArray<ContextValue>(0) : items.ToArray());

    internal static ContextValue Of(ContextObject members) => new(members);

    /// <summary>JavaScript's <c>===</c>: lists and objects are equal to themselves only.</summary>
    internal static bool StrictlyEqual(ContextValue left, ContextValue right)
    {
        if (left.IsNumber)
        {
            return right.IsNumber && left._double == right._double;
        }
        return left._content is string text
            ? right._content is string other && text == other
            : ReferenceEquals(left._content, right._content);
    }
}
