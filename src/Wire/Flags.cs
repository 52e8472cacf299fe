using System.Text.Json;

namespace Teal.Wire;

/// <summary>The flags of one environment, in a line each.</summary>
/// <param name="Revision">Of the journal, at the last change of any flag.</param>
/// <param name="Document">Where the flagd document came from that serves the environment instead; null: these flags do.</param>
/// <param name="SetVersion">Of the whole set, to be handed back with a change of what flags share, or an import.</param>
/// <param name="Sources">Files that flags come from, for everybody and for the environment.</param>
public sealed record FlagsView(
    int Version,
    long Revision,
    string Environment,
    IReadOnlyList<string> Environments,
    string? Document,
    IReadOnlyList<FlagLineView> Flags,
    IReadOnlyList<string> Next,
    long SetVersion = 0,
    IReadOnlyList<FlagSourceView>? Sources = null
);

/// <param name="Environment">That the flagd document serves; null: the file is the whole set.</param>
/// <param name="Since">When it was found so.</param>
/// <param name="Hash">SHA-256 of its content.</param>
/// <param name="Errors">Each with file, line and column; while there is one, the last good flags serve on.</param>
/// <param name="Overruled">What a kill, a rollout or a schedule has otherwise than the file: <c>production/checkout</c>.</param>
public sealed record FlagSourceView(
    string File,
    string? Environment,
    DateTimeOffset? Since,
    string? Hash,
    IReadOnlyList<string> Errors,
    IReadOnlyList<string> Overruled
);

/// <param name="Kind">release · experiment · operational · permission · kill-switch</param>
/// <param name="FlagVersion">To be handed back with a change, so that nobody's work is overwritten.</param>
/// <param name="Serves">Behind the rules, in words: <c>on 25%, off 75%</c>.</param>
/// <param name="Rules">In their order, in words.</param>
/// <param name="Stage">defined · rolling_out · launched · stale · archived</param>
/// <param name="StaleBecause">Sentences; empty unless stale.</param>
/// <param name="Removing">What taking it out of the code needs.</param>
public sealed record FlagLineView(
    string Key,
    string Kind,
    string Owner,
    string Description,
    int FlagVersion,
    bool Enabled,
    string Serves,
    IReadOnlyDictionary<string, string> Variants,
    string? Off,
    IReadOnlyList<string> Rules,
    string Stage,
    IReadOnlyList<string> StaleBecause,
    IReadOnlyList<string> Removing,
    DateOnly? Expires,
    DateTimeOffset? Changed
);

/// <param name="Changes">What is different now, a line each; empty when everything was so already.</param>
public sealed record FlagsChangedView(int Version, long Revision, bool DryRun, IReadOnlyList<string> Changes, IReadOnlyList<string> Next);

/// <param name="Environments">Null: all of them.</param>
/// <param name="WaitMs">How long the answer may wait for clients, at most 30,000.</param>
public sealed record FlagKillRequest(IReadOnlyList<string>? Environments = null, int WaitMs = 5_000, string? Reason = null);

/// <param name="Acknowledged">Connected clients that are known to have it.</param>
/// <param name="Missing">Those that are not, after the wait.</param>
public sealed record FlagKilledView(
    int Version,
    string Flag,
    IReadOnlyList<string> Environments,
    int Acknowledged,
    IReadOnlyList<FlagClientView> Missing,
    IReadOnlyList<string> Next
);

/// <param name="Kind">ofrep · flagd_sync · flagd_events · teal_client</param>
public sealed record FlagClientView(string Environment, string Kind, string Name, DateTimeOffset Since, bool IsCurrent);

/// <param name="Reports">By environment.</param>
public sealed record FlagClientsView(int Version, IReadOnlyList<FlagClientView> Clients, IReadOnlyList<ClientReportsView> Reports);

/// <summary>What applications reported since the server's start.</summary>
/// <param name="Dropped">Events that clients had no room for.</param>
/// <param name="Repeated">Batches that came again.</param>
/// <param name="Refused">Events that do not count, by reason: unknown_flag · unknown_variant · far_time · bad_value</param>
public sealed record ClientReportsView(
    string Environment,
    long Exposures,
    long Outcomes,
    long Dropped,
    long Repeated,
    IReadOnlyDictionary<string, long> Refused
);

/// <param name="From">Where the document came from, for people: a path.</param>
public sealed record FlagDocumentRequest(JsonElement Document, string From, string? Reason = null);

/// <param name="Environment">Null: the server's default.</param>
/// <param name="Context">As an SDK sends it: <c>{"targetingKey": "u1", "plan": "gold"}</c>.</param>
public sealed record FlagEvalRequest(string Flag, JsonElement Context, string? Environment = null);

/// <param name="Value">As JSON; null when the application's own default is used.</param>
/// <param name="Reason">OpenFeature's word: STATIC, TARGETING_MATCH, DEFAULT, DISABLED, ERROR.</param>
/// <param name="Rule">What decided, as it is written; null when no flag of the server is behind it.</param>
/// <param name="Steps">How it came about, a line each.</param>
public sealed record FlagEvalView(
    int Version,
    string Flag,
    string Environment,
    string? Variant,
    string? Value,
    string Reason,
    string? Error,
    string? Rule,
    string Why,
    IReadOnlyList<string> Steps
);

public sealed record FlagDiffView(
    int Version,
    string From,
    string To,
    IReadOnlyList<FlagDifferenceView> Differences,
    IReadOnlyList<string> Next,
    long SetVersion = 0
);

/// <param name="Flag">Null: it is about a segment, a holdout or the environments.</param>
public sealed record FlagDifferenceView(string? Flag, string What, string? From, string? To);
