using System.Text.Json;
using Teal.Flags;

namespace Teal.Client;

/// <summary>Turns evaluations into the values that code asks for. Total: whatever a flag is, there is an answer.</summary>
internal static class FlagReader
{
    private const string NotReady = "PROVIDER_NOT_READY";

    private static readonly FlagDetails<FlagValue> NoFlagsYet = new(default, null, "ERROR", NotReady);

    public static FlagDetails<FlagValue> Evaluate(
        ServedFlags? served,
        string? key,
        ExpectedType expected,
        EvaluationContext context,
        DateTimeOffset now
    )
    {
        if (served is null)
        {
            return NoFlagsYet;
        }
        var evaluation = served.Document.Evaluate(key ?? "", context, now, expected);
        return new FlagDetails<FlagValue>(evaluation.Value, evaluation.Variant, evaluation.ReasonWord, evaluation.ErrorWord);
    }

    public static FlagDetails<bool> Boolean(in FlagDetails<FlagValue> found, bool fallback) =>
        Details(found, found.Variant is null ? fallback : found.Value.AsBoolean);

    public static FlagDetails<string> Text(in FlagDetails<FlagValue> found, string fallback) =>
        Details(found, found.Variant is null ? fallback : found.Value.AsString);

    /// <summary>A whole number that an int cannot hold is of another type.</summary>
    public static FlagDetails<int> Integer(in FlagDetails<FlagValue> found, int fallback) =>
        found.Variant is null ? Details(found, fallback)
        : found.Value.AsInteger is var value and >= int.MinValue and <= int.MaxValue ? Details(found, (int)value)
        : new FlagDetails<int>(fallback, null, "ERROR", "TYPE_MISMATCH");

    public static FlagDetails<double> Number(in FlagDetails<FlagValue> found, double fallback) =>
        Details(found, found.Variant is null ? fallback : found.Value.AsDouble);

    public static FlagDetails<JsonElement> Json(in FlagDetails<FlagValue> found, JsonElement fallback)
    {
        if (found.Variant is null)
        {
            return Details(found, fallback);
        }
        var reader = new Utf8JsonReader(found.Value.AsObject.Span);
        return Details(found, JsonElement.ParseValue(ref reader));
    }

    private static FlagDetails<T> Details<T>(in FlagDetails<FlagValue> found, T value) =>
        new(value, found.Variant, found.Reason, found.ErrorCode);
}
