using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teal.Wire;

/// <summary>How every record crosses a process border: snake_case, unknown, missing and duplicate keys refused, so nulls are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 64
)]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(ServicesView))]
[JsonSerializable(typeof(HistoryView))]
[JsonSerializable(typeof(AuditView))]
[JsonSerializable(typeof(JournalCheckView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(NoticeView))]
[JsonSerializable(typeof(PlanView))]
[JsonSerializable(typeof(VersionView))]
[JsonSerializable(typeof(RoutesView))]
[JsonSerializable(typeof(ServerView))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(TokensView))]
[JsonSerializable(typeof(DeployRequest))]
[JsonSerializable(typeof(DeployAnswer))]
[JsonSerializable(typeof(CommandRequest))]
[JsonSerializable(typeof(GateRequest))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(FlagsView))]
[JsonSerializable(typeof(FlagsChangedView))]
[JsonSerializable(typeof(FlagKillRequest))]
[JsonSerializable(typeof(FlagKilledView))]
[JsonSerializable(typeof(FlagDocumentRequest))]
[JsonSerializable(typeof(FlagEvalRequest))]
[JsonSerializable(typeof(FlagEvalView))]
[JsonSerializable(typeof(FlagDiffView))]
[JsonSerializable(typeof(FlagClientsView))]
[JsonSerializable(typeof(ClientFlagsMessage))]
[JsonSerializable(typeof(ClientHeardRequest))]
[JsonSerializable(typeof(ClientEventsRequest))]
[JsonSerializable(typeof(ClientEventsView))]
[JsonSerializable(typeof(ProblemView))]
[JsonSerializable(typeof(RolloutRequest))]
[JsonSerializable(typeof(RolloutCommandRequest))]
[JsonSerializable(typeof(RolloutsView))]
[JsonSerializable(typeof(RolloutEventView))]
public sealed partial class WireJson : JsonSerializerContext;
