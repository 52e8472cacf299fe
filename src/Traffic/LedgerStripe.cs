using Teal.Analysis;

namespace Teal.Traffic;

/// <summary>A part of a ledger: some of the requests, from accept to leave. Everything in it is guarded by <see cref="Gate"/>.</summary>
internal sealed class LedgerStripe(TrafficLedger ledger, int index)
{
    /// <summary>Passages kept for the next requests.</summary>
    private const int MostSpare = 256;

    private readonly Stack<Passage> _spare = new();
    private Passage? _first;

    public Lock Gate { get; } = new();
    public int Index => index;
    public long Accepted { get; private set; }
    public long Inside { get; private set; }
    public long ClientGone { get; private set; }
    public long Dropped { get; private set; }
    public Dictionary<string, long> Shed { get; } = new(StringComparer.Ordinal);

    public Passage Accept(string method, string path, long now)
    {
        lock (Gate)
        {
            var passage = _spare.TryPop(out var spare) ? spare : new Passage();
            passage.Begin(this, method, path, now);
            Accepted++;
            Inside++;
            Link(passage);
            return passage;
        }
    }

    /// <summary>The passage goes through this door, on the account of this version.</summary>
    public void Claim(Passage passage, InstanceClaims claims, VersionTally tally)
    {
        lock (Gate)
        {
            passage.Claims = claims;
            passage.Tally = tally;
        }
    }

    /// <summary>Back out of the door; the request goes on.</summary>
    public void Unclaim(Passage passage)
    {
        lock (Gate)
        {
            passage.Claims = null;
        }
    }

    /// <param name="latencyMs">To the head of the answer; null when it says nothing about the version.</param>
    /// <param name="age">From accept to now.</param>
    public void Leave(Passage passage, Outcome outcome, double? latencyMs, TimeSpan age)
    {
        lock (Gate)
        {
            Unlink(passage);
            Inside--;
            Count(passage, outcome, latencyMs, age);
            if (passage.Stop == PassageStop.None && _spare.Count < MostSpare)
            {
                _spare.Push(passage);
            }
        }
    }

    public void Visit(Action<Passage> visit)
    {
        lock (Gate)
        {
            for (var passage = _first; passage is not null; passage = passage.Next)
            {
                visit(passage);
            }
        }
    }

    private void Count(Passage passage, Outcome outcome, double? latencyMs, TimeSpan age)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Served when passage.Tally is { } tally:
                var served = tally.Stripes[index];
                served.Served++;
                Weigh(served, outcome.IsError, latencyMs);
                break;
            case OutcomeKind.Failed when passage.Tally is { } tally:
                var failed = tally.Stripes[index];
                failed.Failed++;
                Weigh(failed, outcome.IsError, latencyMs);
                break;
            case OutcomeKind.ClientGone:
                ClientGone++;
                break;
            case OutcomeKind.Shed:
                Shed[outcome.Reason!] = Shed.GetValueOrDefault(outcome.Reason!) + 1;
                break;
            case OutcomeKind.Cut:
                ledger.RecordCut(passage, age);
                break;
            default:
                Dropped++;
                break;
        }
    }

    private static void Weigh(VersionCounts counts, bool isError, double? latencyMs)
    {
        counts.Requests++;
        counts.Errors += isError ? 1 : 0;
        if (latencyMs is { } ms)
        {
            (counts.Latency ??= new LatencyHistogram()).Record(ms);
        }
    }

    private void Link(Passage passage)
    {
        passage.Previous = null;
        passage.Next = _first;
        _first?.Previous = passage;
        _first = passage;
    }

    private void Unlink(Passage passage)
    {
        if (passage.Previous is { } previous)
        {
            previous.Next = passage.Next;
        }
        else
        {
            _first = passage.Next;
        }
        passage.Next?.Previous = passage.Previous;
        passage.Next = null;
        passage.Previous = null;
    }
}
