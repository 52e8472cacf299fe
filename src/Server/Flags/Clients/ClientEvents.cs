using System.Collections.Concurrent;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Flags.Clients;

/// <summary>Why an event does not count.</summary>
public enum RefusedEvent
{
    UnknownFlag,
    UnknownVariant,

    /// <summary>A time far from now.</summary>
    FarTime,

    /// <summary>A text that is too long or empty, or a number that is none.</summary>
    BadValue,
}

/// <summary>
/// Takes what applications report: judges each event by itself, counts it or counts why not, and hands the good ones on. A batch that came
/// before counts nothing.
/// </summary>
public sealed class ClientEvents(RolloutReports reports, TimeProvider time)
{
    /// <summary>Of one batch, exposures and outcomes together.</summary>
    public const int MostEvents = 1_000;

    /// <summary>Clients whose batches are told apart.</summary>
    public const int MostClients = 10_000;

    private const int LongestName = 256;
    private const int LongestMetric = 100;
    private const double LongestMs = 24 * 60 * 60 * 1000;

    /// <summary>How old an event may be: a client that could not reach the server keeps its events for a while.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromMinutes(10);

    /// <summary>How far a client's clock may be ahead.</summary>
    public static readonly TimeSpan FarthestAhead = TimeSpan.FromMinutes(1);

    private readonly BatchMemory _batches = new(MostClients);
    private readonly ConcurrentDictionary<string, ClientTally> _tallies = new(StringComparer.Ordinal);

    /// <summary>By environment, since the server's start.</summary>
    public IReadOnlyList<ClientReportsView> Counts =>
        [.. _tallies.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.View(pair.Key))];

    /// <summary>What is wrong with the batch as a whole; null when its events can be looked at.</summary>
    public static string? Fault(ClientEventsRequest batch) =>
        !IsName(batch.Client) ? $"client: 1 to {LongestName} characters"
        : batch.Sequence < 1 ? "sequence: from 1"
        : batch.Dropped < 0 ? "dropped: not negative"
        : batch.Exposures.Count + batch.Outcomes.Count > MostEvents ? $"exposures and outcomes: at most {MostEvents} together"
        : batch.Exposures.Any(exposure => exposure is null) ? "exposures: null is none"
        : batch.Outcomes.Any(outcome => outcome is null) ? "outcomes: null is none"
        : null;

    /// <param name="snapshot">The environment's flags.</param>
    /// <param name="batch">Without a <see cref="Fault"/>.</param>
    public ClientEventsView Take(FlagSnapshot snapshot, ClientEventsRequest batch)
    {
        var tally = TallyOf(snapshot.Environment);
        if (!_batches.IsNew(snapshot.Environment, batch.Client, batch.Sequence))
        {
            tally.Repeated();
            return new ClientEventsView(StatusViews.FormatVersion, 0, 0);
        }
        var now = time.GetUtcNow();
        var refused = 0;
        // Exposures first: an outcome of the same batch is of somebody who was given the variant before.
        foreach (var exposure in batch.Exposures)
        {
            refused += tally.Count(Expose(snapshot, exposure, now), isExposure: true);
        }
        foreach (var outcome in batch.Outcomes)
        {
            refused += tally.Count(End(snapshot, outcome, now), isExposure: false);
        }
        tally.Dropped(batch.Dropped);
        return new ClientEventsView(StatusViews.FormatVersion, batch.Exposures.Count + batch.Outcomes.Count - refused, refused);
    }

    private RefusedEvent? Expose(FlagSnapshot snapshot, ExposureEvent exposure, DateTimeOffset now)
    {
        if (!IsUnit(exposure.Unit))
        {
            return RefusedEvent.BadValue;
        }
        if (IsFar(exposure.At, now))
        {
            return RefusedEvent.FarTime;
        }
        if (snapshot.Document.Find(exposure.Flag) is not { } flag)
        {
            return RefusedEvent.UnknownFlag;
        }
        if (flag.Variants.FirstOrDefault(variant => variant.Name == exposure.Variant) is not { } known)
        {
            return RefusedEvent.UnknownVariant;
        }
        // The document's own texts: a million exposures keep no text of theirs.
        reports.Exposed(snapshot.Environment, flag.Key, known.Name, exposure.Unit, exposure.At);
        return null;
    }

    private RefusedEvent? End(FlagSnapshot snapshot, OutcomeEvent outcome, DateTimeOffset now)
    {
        var isGood =
            IsUnit(outcome.Unit)
            && outcome.Ms is null or (>= 0 and <= LongestMs)
            && (outcome.Metric is null) == (outcome.Value is null)
            && outcome.Metric is null or { Length: > 0 and <= LongestMetric }
            && double.IsFinite(outcome.Value ?? 0);
        if (!isGood)
        {
            return RefusedEvent.BadValue;
        }
        if (IsFar(outcome.At, now))
        {
            return RefusedEvent.FarTime;
        }
        reports.Ended(snapshot.Environment, outcome);
        return null;
    }

    private static bool IsFar(DateTimeOffset at, DateTimeOffset now) => at < now - Oldest || at > now + FarthestAhead;

    private static bool IsName(string name) => name.Length is > 0 and <= LongestName;

    private static bool IsUnit(string unit) => unit.Length is > 0 and <= UnitKey.Longest;

    /// <summary>As many as there are environments: a batch has one that exists.</summary>
    private ClientTally TallyOf(string environment) => _tallies.GetOrAdd(environment, static _ => new ClientTally());
}

/// <summary>One environment's counts of what applications reported.</summary>
internal sealed class ClientTally
{
    private readonly long[] _refused = new long[Enum.GetValues<RefusedEvent>().Length];
    private long _exposures;
    private long _outcomes;
    private long _dropped;
    private long _repeated;

    /// <summary>1 when it was refused.</summary>
    public int Count(RefusedEvent? refusal, bool isExposure)
    {
        if (refusal is { } why)
        {
            Interlocked.Increment(ref _refused[(int)why]);
            return 1;
        }
        Interlocked.Increment(ref isExposure ? ref _exposures : ref _outcomes);
        return 0;
    }

    /// <summary>At most a million at once: the figure is the client's word.</summary>
    public void Dropped(long events) => Interlocked.Add(ref _dropped, Math.Min(events, 1_000_000));

    public void Repeated() => Interlocked.Increment(ref _repeated);

    public ClientReportsView View(string environment) =>
        new(
            environment,
            Interlocked.Read(ref _exposures),
            Interlocked.Read(ref _outcomes),
            Interlocked.Read(ref _dropped),
            Interlocked.Read(ref _repeated),
            Enum.GetValues<RefusedEvent>()
                .ToDictionary(
                    why => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(why.ToString()),
                    why => Interlocked.Read(ref _refused[(int)why]),
                    StringComparer.Ordinal
                )
        );
}
