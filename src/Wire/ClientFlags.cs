using System.Text.Json;

namespace Teal.Wire;

/// <summary>
/// One message of the stream that keeps an application's flags (<c>GET /client/v1/flags</c>, server-sent events named <c>flags</c>, the
/// revision as id): everything that is in force, taken whole.
/// </summary>
/// <param name="Connection">Names this stream when the client acknowledges.</param>
/// <param name="Revision">Rises with every change of the environment.</param>
/// <param name="Document">A flagd document: what clients may have, personal lists left out.</param>
public sealed record ClientFlagsMessage(int Version, long Connection, string Environment, long Revision, JsonElement Document);

/// <summary>The client evaluates by this revision from now on (<c>POST /client/v1/heard</c>).</summary>
public sealed record ClientHeardRequest(long Connection, long Revision);

/// <summary>
/// What an application saw of the flags that it evaluates itself (<c>POST /client/v1/events</c>). A batch that is sent again, with the same
/// client and sequence, is counted once.
/// </summary>
/// <param name="Client">The process: unique for as long as it lives.</param>
/// <param name="Sequence">Of the client's batches, from 1.</param>
/// <param name="Dropped">Events since the last batch that the client's queue had no room for.</param>
public sealed record ClientEventsRequest(
    string Client,
    long Sequence,
    IReadOnlyList<ExposureEvent> Exposures,
    IReadOnlyList<OutcomeEvent> Outcomes,
    long Dropped = 0
);

/// <summary>Somebody was given a variant.</summary>
/// <param name="Unit">Who: the same for the same targeting key, a hash rather than the key itself.</param>
public sealed record ExposureEvent(string Flag, string Variant, string Unit, DateTimeOffset At);

/// <summary>How something that a unit did ended.</summary>
/// <param name="Ms">How long it took; null when that was not measured.</param>
/// <param name="Metric">What was measured beside success and duration: <c>basket_value</c>.</param>
/// <param name="Value">Of the metric.</param>
public sealed record OutcomeEvent(
    string Unit,
    DateTimeOffset At,
    bool Failed = false,
    double? Ms = null,
    string? Metric = null,
    double? Value = null
);

/// <param name="Accepted">Events that count; none of a batch that was counted before.</param>
/// <param name="Refused">Events that do not: a flag or variant that does not exist, a time far from now.</param>
public sealed record ClientEventsView(int Version, int Accepted, int Refused);
