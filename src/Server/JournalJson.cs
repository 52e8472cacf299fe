using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Releases;
using Teal.Releases.Rollouts;

namespace Teal.Server;

/// <summary>How events and snapshots are written: snake_case, and read strictly, for what is not understood must not be folded.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 64
)]
[JsonSerializable(typeof(ServerEvent))]
[JsonSerializable(typeof(ServerState))]
[JsonSerializable(typeof(RolloutState))]
public sealed partial class JournalJson : JsonSerializerContext
{
    private static readonly FrozenDictionary<Type, string> Kinds = typeof(ReleaseEvent)
        .GetCustomAttributes<JsonDerivedTypeAttribute>()
        .Concat(typeof(RolloutEvent).GetCustomAttributes<JsonDerivedTypeAttribute>())
        .Concat(typeof(ServerEvent).GetCustomAttributes<JsonDerivedTypeAttribute>())
        .ToFrozenDictionary(attribute => attribute.DerivedType, attribute => (string)attribute.TypeDiscriminator!);

    /// <summary>The event's name in the journal: <c>deploy_requested</c>.</summary>
    public static string KindOf(ServerEvent happened) =>
        happened switch
        {
            ReleaseHappened release => Kinds[release.Event.GetType()],
            RolloutHappened rollout => Kinds[rollout.Event.GetType()],
            _ => Kinds[happened.GetType()],
        };
}
