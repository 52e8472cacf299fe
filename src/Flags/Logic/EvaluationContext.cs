using System.Diagnostics.CodeAnalysis;

namespace Teal.Flags;

/// <param name="Code">Stable: <c>TEAL9120</c> to <c>TEAL9129</c>; OpenFeature's code for each is <c>INVALID_CONTEXT</c>.</param>
/// <param name="Offset">The byte at which reading stopped.</param>
public sealed record ContextFault(string Code, long Offset, string Message);

/// <summary>How much a context may be.</summary>
/// <param name="Bytes">Of UTF-8 JSON.</param>
/// <param name="Depth">Of nested lists and objects, the context itself among them.</param>
public sealed record ContextLimits(int Bytes, int Depth)
{
    /// <summary>64 KiB, 32 deep.</summary>
    public static ContextLimits Usual { get; } = new(64 * 1024, 32);
}

/// <summary>
/// Who or what a flag is asked for: a targeting key and attributes. Made once per request, never changed, read by any number of
/// evaluations at once.
/// </summary>
public sealed class EvaluationContext
{
    internal const string TargetingKeyName = "targetingKey";

    internal EvaluationContext(string? targetingKey, ContextObject members)
    {
        TargetingKey = targetingKey;
        Members = members;
    }

    /// <summary>Nobody: no targeting key, no attributes.</summary>
    public static EvaluationContext Empty { get; } = new(null, ContextObject.Empty);

    /// <summary>The subject of the evaluation; null when the context names none.</summary>
    public string? TargetingKey { get; }

    /// <summary>The attributes; <c>targetingKey</c> is among them when there is one.</summary>
    internal ContextObject Members { get; }

    /// <summary>From code: <c>EvaluationContext.Of("user-1", new("plan", "gold"), new("age", 30))</c>.</summary>
    /// <exception cref="ArgumentException">An attribute comes twice, or is named <c>targetingKey</c>.</exception>
    public static EvaluationContext Of(string? targetingKey, params ReadOnlySpan<ContextAttribute> attributes)
    {
        var extra = targetingKey is null ? 0 : 1;
        var names = new string[attributes.Length + extra];
        var values = new ContextValue[attributes.Length + extra];
        for (var i = 0; i < attributes.Length; i++)
        {
            names[i + extra] = attributes[i].Name;
            values[i + extra] = attributes[i].Value;
        }
        if (targetingKey is not null)
        {
            names[0] = TargetingKeyName;
            values[0] = ContextValue.From(targetingKey);
        }
        else if (names.Contains(TargetingKeyName))
        {
            throw new ArgumentException("The targeting key is given as such, not as an attribute.", nameof(attributes));
        }
        return ContextObject.TryMake(names, values, out var members, out var twice)
            ? new EvaluationContext(targetingKey, members)
            : throw new ArgumentException($"'{names[twice]}' comes twice.", nameof(attributes));
    }

    /// <summary>
    /// From a JSON object in UTF-8. Refused are: more than the limits, what is not JSON, invalid UTF-8, a member that comes twice, a
    /// number that a double cannot hold, a <c>targetingKey</c> that is not a string.
    /// </summary>
    public static bool TryParse(
        ReadOnlySpan<byte> utf8Json,
        ContextLimits limits,
        [NotNullWhen(true)] out EvaluationContext? context,
        [NotNullWhen(false)] out ContextFault? fault
    ) => ContextReader.TryRead(utf8Json, limits, out context, out fault);
}

/// <summary>One attribute given by code.</summary>
public readonly record struct ContextAttribute(string Name, ContextValue Value);
