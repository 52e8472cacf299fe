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
[JsonSerializable(typeof(FlagProblem))]
public sealed partial class FlagJson : JsonSerializerContext;
