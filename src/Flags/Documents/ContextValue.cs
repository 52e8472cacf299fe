using System.Diagnostics.CodeAnalysis;

namespace Teal.Flags;

/// <summary>A value of a context: null, a boolean, a number, a text, a list or an object. Never changes; the default is null.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "JSONLogic has several equalities, none of them this one.")]
[SuppressMessage("Usage", "CA2225", Justification = "From is the alternate of each conversion.")]
public readonly struct ContextValue
{
    public static ContextValue Null => default;

    public static ContextValue From(bool value) => throw new NotSupportedException();

    /// <exception cref="ArgumentOutOfRangeException">Not a number, or infinite.</exception>
    public static ContextValue From(double value) => throw new NotSupportedException();

    public static ContextValue From(string value) => throw new NotSupportedException();

    public static ContextValue ListOf(params ReadOnlySpan<ContextValue> items) => throw new NotSupportedException();

    /// <exception cref="ArgumentException">A member comes twice.</exception>
    public static ContextValue ObjectOf(params ReadOnlySpan<ContextAttribute> members) => throw new NotSupportedException();

    public static implicit operator ContextValue(bool value) => From(value);

    public static implicit operator ContextValue(double value) => From(value);

    public static implicit operator ContextValue(string value) => From(value);
}
