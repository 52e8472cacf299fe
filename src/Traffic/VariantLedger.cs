using System.Collections.Concurrent;
using Teal.Analysis;

namespace Teal.Traffic;

/// <summary>What came of the answers to requests that had a variant, since the server started, over all services.</summary>
public sealed record VariantAnswers(string Environment, string Flag, string Variant, ArmEvidence Evidence);

/// <summary>The counters of every variant that a request had. Flags get here by manifests only; even so there is a limit.</summary>
internal sealed class VariantLedger
{
    /// <summary>Of all environments and flags. Beyond it a variant is handed out and not counted.</summary>
    private const int MostTallies = 4096;

    private readonly ConcurrentDictionary<(string Environment, string Flag, string Variant), VariantTally> _tallies = new();
    private int _count;

    public IEnumerable<VariantTally> All => _tallies.Values;

    public VariantTally? Find(string environment, string flag, string variant) => _tallies.GetValueOrDefault((environment, flag, variant));

    public VariantTally Of(string environment, string flag, string variant)
    {
        if (_tallies.TryGetValue((environment, flag, variant), out var known))
        {
            return known;
        }
        var fresh = new VariantTally(environment, flag, variant);
        if (Interlocked.Increment(ref _count) <= MostTallies && _tallies.TryAdd((environment, flag, variant), fresh))
        {
            return fresh;
        }
        Interlocked.Decrement(ref _count);
        return _tallies.GetValueOrDefault((environment, flag, variant), fresh);
    }
}

/// <summary>One variant's counters, and its words in the header.</summary>
internal sealed class VariantTally(string environment, string flag, string variant)
{
    private readonly Lock _gate = new();
    private long _requests;
    private long _errors;
    private LatencyHistogram? _latency;

    public string Environment => environment;
    public string Flag => flag;
    public string Variant => variant;

    /// <summary>Null when the variant's name cannot be written in a header: then the flag is left out.</summary>
    public string? Text { get; } = FlagsHeader.Member(flag, variant);

    /// <summary>The same answers count as for a version: those that it gave or failed to give.</summary>
    public void Count(Outcome outcome, double? latencyMs)
    {
        if (outcome.Kind is not (OutcomeKind.Served or OutcomeKind.Failed))
        {
            return;
        }
        lock (_gate)
        {
            _requests++;
            _errors += outcome.IsError ? 1 : 0;
            if (latencyMs is { } ms)
            {
                (_latency ??= new LatencyHistogram()).Record(ms);
            }
        }
    }

    public ArmEvidence Read()
    {
        lock (_gate)
        {
            return new ArmEvidence(_requests, _errors, _latency?.Copy() ?? new LatencyHistogram());
        }
    }
}
