using Teal.Analysis;
using Teal.Releases.Rollouts;
using Teal.Server.Monitoring;
using Teal.Wire;

namespace Teal.Server.Flags.Clients;

/// <summary>One rollout's units and what became of what they did.</summary>
internal sealed class RolloutJoin(long number, string from, string to)
{
    private readonly Lock _lock = new();
    private readonly Tally[] _tallies = [new(from), new(to)];

    /// <summary>Null once the rollout has ended: nothing counts any more, and nobody has to be remembered.</summary>
    private ExposureBook? _book = new() { Most = RolloutReports.MostUnits };
    private long _unmatched;

    public long Number => number;

    public bool IsRunning
    {
        get
        {
            lock (_lock)
            {
                return _book is not null;
            }
        }
    }

    /// <param name="most">Units that are remembered from now on.</param>
    public void Limit(int most)
    {
        lock (_lock)
        {
            if (_book is not null)
            {
                _book.Most = most;
            }
        }
    }

    public void Expose(UInt128 unit, string variant, DateTimeOffset at, TimeSpan heard)
    {
        lock (_lock)
        {
            _book?.Expose(unit, variant, at, heard);
        }
    }

    /// <param name="other">A second key that may be meant.</param>
    public void End(UInt128 unit, UInt128? other, OutcomeEvent outcome)
    {
        lock (_lock)
        {
            if (_book is null)
            {
                return;
            }
            var variant = _book.VariantOf(unit, outcome.At) ?? (other is { } hashed ? _book.VariantOf(hashed, outcome.At) : null);
            if (variant is null)
            {
                _unmatched++;
            }
            else if (Array.Find(_tallies, tally => tally.Variant == variant) is { } tally)
            {
                tally.Count(outcome);
            }
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            foreach (var tally in _tallies)
            {
                tally.Units = _book?.UnitsOf(tally.Variant) ?? tally.Units;
            }
            _book = null;
        }
    }

    public ArmEvidence? Read(string variant)
    {
        lock (_lock)
        {
            return Array.Find(_tallies, tally => tally.Variant == variant)?.Read();
        }
    }

    public RolloutClientsView View()
    {
        lock (_lock)
        {
            return new RolloutClientsView(
                [.. _tallies.Select(tally => tally.View(_book?.UnitsOf(tally.Variant) ?? tally.Units))],
                _unmatched,
                _book?.Forgotten ?? 0
            );
        }
    }

    private sealed class Tally(string variant)
    {
        private readonly LatencyHistogram _latency = new();
        private long _outcomes;
        private long _failed;

        public string Variant => variant;

        /// <summary>At the end of the rollout.</summary>
        public int Units { get; set; }

        public void Count(OutcomeEvent outcome)
        {
            _outcomes++;
            _failed += outcome.Failed ? 1 : 0;
            if (outcome.Ms is { } ms)
            {
                _latency.Record(ms);
            }
        }

        public ArmEvidence Read() => new(_outcomes, _failed, _latency.Copy());

        public VariantReportsView View(int units) => new(variant, units, _outcomes, _failed, _latency.Quantile(0.99));
    }
}

/// <summary>Evidence of variants from the outcomes that applications report.</summary>
public sealed class ClientVariantEvidence(RolloutReports reports) : IVariantEvidence
{
    /// <summary>Clients report every few seconds: after so long without a word they are gone, or cannot reach this server.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    public ArmEvidence? Read(string environment, string flag, string variant) => reports.Read(new RolloutKey(environment, flag), variant);
}
