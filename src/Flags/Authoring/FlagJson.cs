using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>
/// The authoring model as the journal and the API have it: snake_case, unknown, missing and duplicate keys refused. It stands here
/// and not in Wire, because the file, the journal and the API share one model and one form of it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 64
)]
[JsonSerializable(typeof(FlagSet))]
[JsonSerializable(typeof(FlagChange))]
[JsonSerializable(typeof(FlagChangesRequest))]
[JsonSerializable(typeof(FlagProblem))]
public sealed partial class FlagJson : JsonSerializerContext
{
    /// <summary>True when two are of the same value. Costs what is not the very same object in both.</summary>
    public static bool Same(FlagSet one, FlagSet other) =>
        ReferenceEquals(one, other)
        || (
            one.Version == other.Version
            && one.Environments.SequenceEqual(other.Environments, StringComparer.Ordinal)
            && Same(one.Segments, other.Segments, Same)
            && Same(one.Holdouts, other.Holdouts, static (left, right) => left == right)
            && Same(one.Flags, other.Flags, Same)
        );

    public static bool Same(Segment one, Segment other) =>
        ReferenceEquals(one, other) || JsonSerializer.Serialize(one, Default.Segment) == JsonSerializer.Serialize(other, Default.Segment);

    public static bool Same(Flag one, Flag other) =>
        ReferenceEquals(one, other) || JsonSerializer.Serialize(one, Default.Flag) == JsonSerializer.Serialize(other, Default.Flag);

    public static bool Same(Targeting one, Targeting other) =>
        ReferenceEquals(one, other)
        || JsonSerializer.Serialize(one, Default.Targeting) == JsonSerializer.Serialize(other, Default.Targeting);

    public static bool Same(Scheduled one, Scheduled other) =>
        JsonSerializer.Serialize(one, Default.Scheduled) == JsonSerializer.Serialize(other, Default.Scheduled);

    private static bool Same<T>(IReadOnlyDictionary<string, T> one, IReadOnlyDictionary<string, T> other, Func<T, T, bool> isSame) =>
        ReferenceEquals(one, other)
        || (one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var found) && isSame(pair.Value, found)));
}
