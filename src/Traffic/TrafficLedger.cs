using System.Numerics;
using Teal.Analysis;

namespace Teal.Traffic;

internal enum OutcomeKind
{
    /// <summary>Nobody said: a bug, counted as dropped.</summary>
    None,
    Served,
    Failed,
    ClientGone,
    Shed,
    Cut,
}

/// <param name="IsError">Counts against the version.</param>
/// <param name="Reason">Of a shed request.</param>
internal readonly record struct Outcome(OutcomeKind Kind, bool IsError = false, string? Reason = null)
{
    public static Outcome Shed(string reason) => new(OutcomeKind.Shed, Reason: reason);
}

/// <summary>
/// Counts every accepted request of one service into exactly one bucket. Striped: a request begins and ends in one stripe, under its tiny
/// lock; all locks together give an exact cut through all buckets.
/// </summary>
internal sealed class TrafficLedger
{
    private const int MostStripes = 16;

    private readonly LedgerStripe[] _stripes;
    private readonly Lock _cutsGate = new();
    private readonly Queue<CutRequest> _cuts = new();
    private readonly Lock _talliesGate = new();
    private readonly Dictionary<string, VersionTally> _tallies = new(StringComparer.Ordinal);
    private long _cutSequence;

    public TrafficLedger()
    {
        var count = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, MostStripes));
        _stripes = new LedgerStripe[count];
        for (var i = 0; i < count; i++)
        {
            _stripes[i] = new LedgerStripe(this, i);
        }
    }

    public Passage Accept(string method, string path, long now) =>
        _stripes[Environment.CurrentManagedThreadId & (_stripes.Length - 1)].Accept(method, path, now);

    /// <summary>The counters of a version: one object for the life of the ledger.</summary>
    public VersionTally TallyOf(string version)
    {
        lock (_talliesGate)
        {
            if (!_tallies.TryGetValue(version, out var tally))
            {
                tally = new VersionTally(version, _stripes.Length);
                _tallies.Add(version, tally);
            }
            return tally;
        }
    }

    /// <summary>Lets go of the latencies of versions that no table names any more; their counts stay.</summary>
    public void KeepLatencies(IReadOnlySet<string> versions)
    {
        foreach (var tally in Tallies().Where(tally => !versions.Contains(tally.Version)))
        {
            foreach (var stripe in _stripes)
            {
                lock (stripe.Gate)
                {
                    tally.Stripes[stripe.Index].Latency = null;
                }
            }
        }
    }

    public VersionEvidence Evidence(string version)
    {
        var tally = TallyOf(version);
        long requests = 0;
        long errors = 0;
        var latency = new LatencyHistogram();
        foreach (var stripe in _stripes)
        {
            LatencyHistogram? part;
            lock (stripe.Gate)
            {
                var counts = tally.Stripes[stripe.Index];
                requests += counts.Requests;
                errors += counts.Errors;
                part = counts.Latency?.Copy();
            }
            latency = part is null ? latency : latency.Plus(part);
        }
        return new VersionEvidence(requests, errors, latency);
    }

    /// <summary>An exact cut: no request is counted twice or not at all.</summary>
    public LedgerSnapshot Snapshot()
    {
        var tallies = Tallies();
        Enter();
        try
        {
            return Sum(tallies);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Calls <paramref name="visit"/> for every passage, each under its stripe's lock: it must only look or mark.</summary>
    public void Visit(Action<Passage> visit)
    {
        foreach (var stripe in _stripes)
        {
            stripe.Visit(visit);
        }
    }

    /// <summary>Called under a stripe's lock.</summary>
    internal void RecordCut(Passage passage, TimeSpan age)
    {
        lock (_cutsGate)
        {
            var cut = new CutRequest(++_cutSequence, passage.Method, passage.Path, passage.Tally?.Version ?? "", age);
            passage.CutInto?.Enqueue(cut);
            _cuts.Enqueue(cut);
            if (_cuts.Count > LedgerSnapshot.NamedCuts)
            {
                _cuts.Dequeue();
            }
        }
    }

    private VersionTally[] Tallies()
    {
        lock (_talliesGate)
        {
            return [.. _tallies.Values];
        }
    }

    private void Enter()
    {
        foreach (var stripe in _stripes)
        {
            stripe.Gate.Enter();
        }
    }

    private void Exit()
    {
        foreach (var stripe in _stripes)
        {
            stripe.Gate.Exit();
        }
    }

    private LedgerSnapshot Sum(VersionTally[] tallies)
    {
        var shed = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (reason, count) in _stripes.SelectMany(static stripe => stripe.Shed))
        {
            shed[reason] = shed.GetValueOrDefault(reason) + count;
        }
        lock (_cutsGate)
        {
            return new LedgerSnapshot(
                _stripes.Sum(static stripe => stripe.Accepted),
                ByVersion(tallies, static counts => counts.Served),
                ByVersion(tallies, static counts => counts.Failed),
                _stripes.Sum(static stripe => stripe.ClientGone),
                shed,
                _cutSequence,
                [.. _cuts],
                _stripes.Sum(static stripe => stripe.Inside),
                _stripes.Sum(static stripe => stripe.Dropped)
            );
        }
    }

    private static Dictionary<string, long> ByVersion(VersionTally[] tallies, Func<VersionCounts, long> count) =>
        tallies
            .Select(tally => (tally.Version, Count: tally.Stripes.Sum(count)))
            .Where(static version => version.Count != 0)
            .ToDictionary(static version => version.Version, static version => version.Count, StringComparer.Ordinal);
}

/// <summary>What was seen of one version since the server started, so that a monitor can take differences.</summary>
/// <param name="Requests">Answers that count: a client that left is not one, nor what Teal shed or cut.</param>
/// <param name="Errors">Of those: 5xx, resets, timeouts.</param>
/// <param name="Latency">To the end of the answer's head, in milliseconds; without WebSockets and event streams.</param>
public sealed record VersionEvidence(long Requests, long Errors, LatencyHistogram Latency);

/// <summary>One version's counters, a set for each stripe; each set is guarded by its stripe's lock.</summary>
internal sealed class VersionTally
{
    public VersionTally(string version, int stripes)
    {
        Version = version;
        Stripes = new VersionCounts[stripes];
        for (var i = 0; i < stripes; i++)
        {
            Stripes[i] = new VersionCounts();
        }
    }

    public string Version { get; }
    public VersionCounts[] Stripes { get; }
}

internal sealed class VersionCounts
{
    public long Served { get; set; }
    public long Failed { get; set; }
    public long Requests { get; set; }
    public long Errors { get; set; }
    public LatencyHistogram? Latency { get; set; }
}
