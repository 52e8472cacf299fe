using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Teal.Flags;

/// <summary>Reads a context from JSON. What comes from outside is refused with a fault, never with an exception.</summary>
internal sealed class ContextReader
{
    private readonly ContextLimits _limits;

    // Members and elements that are read but not yet closed, innermost last.
    private readonly List<ContextValue> _values = new(16);
    private readonly List<string> _names = new(16);
    private ContextFault? _fault;

    private ContextReader(ContextLimits limits) => _limits = limits;

    public static bool TryRead(
        ReadOnlySpan<byte> utf8Json,
        ContextLimits limits,
        [NotNullWhen(true)] out EvaluationContext? context,
        [NotNullWhen(false)] out ContextFault? fault
    )
    {
        context = null;
        fault =
            utf8Json.Length > limits.Bytes
                ? new ContextFault("TEAL9120", limits.Bytes, $"The context has {utf8Json.Length} bytes; {limits.Bytes} are allowed.")
            : !Utf8.IsValid(utf8Json) ? new ContextFault("TEAL9121", 0, "The context is not valid UTF-8.")
            : null;
        return fault is null && new ContextReader(limits).TryReadWhole(utf8Json, out context, out fault);
    }

    private bool TryReadWhole(
        ReadOnlySpan<byte> utf8Json,
        [NotNullWhen(true)] out EvaluationContext? context,
        [NotNullWhen(false)] out ContextFault? fault
    )
    {
        // One deeper than is allowed: the limit is told by this reader, with its own code.
        var json = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = _limits.Depth + 1 });
        context = null;
        try
        {
            if (json.Read() && json.TokenType == JsonTokenType.StartObject && TryReadObject(ref json, out var members) && !json.Read())
            {
                context = WithTargetingKey(members);
            }
            fault = context is not null ? null : _fault ?? new ContextFault("TEAL9121", 0, "A context is a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is no text.
            fault = new ContextFault("TEAL9121", json.TokenStartIndex, $"The context is not JSON: {e.Message}");
        }
        return context is not null && fault is null;
    }

    private EvaluationContext? WithTargetingKey(ContextObject members)
    {
        if (!members.TryGet(EvaluationContext.TargetingKeyName, out var key))
        {
            return new EvaluationContext(null, members);
        }
        if (key.Text is null)
        {
            _fault = new ContextFault("TEAL9125", 0, "targetingKey is a string.");
            return null;
        }
        return new EvaluationContext(key.Text, members);
    }

    private bool TryReadValue(ref Utf8JsonReader json, out ContextValue value)
    {
        value = default;
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                var isObject = TryReadObject(ref json, out var members);
                value = isObject ? ContextValue.Of(members!) : default;
                return isObject;
            case JsonTokenType.StartArray:
                return TryReadList(ref json, out value);
            case JsonTokenType.Number:
                return TryReadNumber(ref json, out value);
            case JsonTokenType.String:
                value = ContextValue.From(json.GetString()!);
                return true;
            default:
                value = json.TokenType switch
                {
                    JsonTokenType.True => ContextValue.True,
                    JsonTokenType.False => ContextValue.False,
                    _ => default,
                };
                return true;
        }
    }

    private bool TryReadNumber(ref Utf8JsonReader json, out ContextValue value)
    {
        var number = json.GetDouble();
        value = ContextValue.Computed(number);
        return double.IsFinite(number) || Refuse("TEAL9124", ref json, "The number is larger than a double can hold.");
    }

    private bool TryReadList(ref Utf8JsonReader json, out ContextValue value)
    {
        value = default;
        var first = _values.Count;
        if (!IsDeepEnough(ref json))
        {
            return false;
        }
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (!TryReadValue(ref json, out var item))
            {
                return false;
            }
            _values.Add(item);
        }
        value = ContextValue.Of(Close(_values, first));
        return true;
    }

    private bool TryReadObject(ref Utf8JsonReader json, [NotNullWhen(true)] out ContextObject? members)
    {
        members = null;
        var (firstValue, firstName) = (_values.Count, _names.Count);
        if (!IsDeepEnough(ref json))
        {
            return false;
        }
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            _names.Add(json.GetString()!);
            json.Read();
            if (!TryReadValue(ref json, out var value))
            {
                return false;
            }
            _values.Add(value);
        }
        var names = Close(_names, firstName);
        return ContextObject.TryMake(names, Close(_values, firstValue), out members, out _)
            || Refuse("TEAL9123", ref json, "A member of this object comes twice.");
    }

    private bool IsDeepEnough(ref Utf8JsonReader json) =>
        json.CurrentDepth < _limits.Depth || Refuse("TEAL9122", ref json, $"The context is nested deeper than {_limits.Depth}.");

    private bool Refuse(string code, ref Utf8JsonReader json, string message)
    {
        _fault = new ContextFault(code, json.TokenStartIndex, message);
        return false;
    }

    private static T[] Close<T>(List<T> open, int first)
    {
        var closed = new T[open.Count - first];
        open.CopyTo(first, closed, 0, closed.Length);
        open.RemoveRange(first, closed.Length);
        return closed;
    }
}
