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
    /// <summary>True when two are of the same value.</summary>
    public static bool Same(FlagSet one, FlagSet other) =>
        ReferenceEquals(one, other) || JsonSerializer.Serialize(one, Default.FlagSet) == JsonSerializer.Serialize(other, Default.FlagSet);

    public static bool Same(Flag one, Flag other) =>
        ReferenceEquals(one, other) || JsonSerializer.Serialize(one, Default.Flag) == JsonSerializer.Serialize(other, Default.Flag);

    public static bool Same(Targeting one, Targeting other) =>
        ReferenceEquals(one, other)
        || JsonSerializer.Serialize(one, Default.Targeting) == JsonSerializer.Serialize(other, Default.Targeting);

    public static bool Same(Scheduled one, Scheduled other) =>
        JsonSerializer.Serialize(one, Default.Scheduled) == JsonSerializer.Serialize(other, Default.Scheduled);
}
