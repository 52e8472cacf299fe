using System.Diagnostics;

namespace Shoppers;

/// <summary>What came of one request.</summary>
public enum Outcome
{
    Ok,

    /// <summary>The shop itself answered 5xx: its header is on the answer.</summary>
    AppError,

    /// <summary>An error without the shop's header: 502, 503, 504 and the like come from what stands before it. Or a wrong answer.</summary>
    Failed,

    /// <summary>The connection broke: refused, reset, ended early, or closed between two requests without a word.</summary>
    Reset,
}

/// <summary>What came of an order: nobody sends one twice, so every one has exactly one fate.</summary>
public enum OrderFate
{
    /// <summary>Answered 201: it must be in the database once.</summary>
    Acknowledged,

    /// <summary>Answered with an error.</summary>
    Refused,

    /// <summary>No answer: it may be in the database, once at most.</summary>
    Unknown,
}

public sealed record KindCount(long Ok, long AppErrors, long Failed, long Resets);

/// <param name="LastAsked">When the last request began that this version answered.</param>
public sealed record VersionCount(long Answers, DateTimeOffset FirstAnswered, DateTimeOffset LastAnswered, DateTimeOffset LastAsked);

public sealed record OrderFates(long Acknowledged, long Refused, long Unknown);

/// <summary>Everything that was seen, frozen.</summary>
public sealed record ShoppersReport(
    double Seconds,
    long Requests,
    long Ok,
    long AppErrors,
    long Failed,
    long Resets,
    double SlowestMs,
    IReadOnlyDictionary<string, KindCount> Kinds,
    IReadOnlyDictionary<string, VersionCount> Versions,
    IReadOnlyDictionary<string, long> Reasons,
    OrderFates Orders,
    long Messages,
    long MessagesSentAgain,
    long MessagesLost,
    long Ticks,
    long TicksMissed,
    long Reconnects
)
{
    /// <summary>The reason, after its kind, of a kept connection that went away between two requests.</summary>
    public const string ClosedSilently = "a kept connection was closed without Connection: close";

    /// <summary>True when no user saw anything but the shop's own answers.</summary>
    public bool IsWhole => Failed == 0 && Resets == 0 && MessagesLost == 0 && TicksMissed == 0;
}

/// <summary>Counts for all clients at once; safe from every thread.</summary>
internal sealed class Tally(TimeProvider time, TextWriter? orders)
{
    /// <summary>Different reasons that are kept; the rest is counted as "other".</summary>
    private const int MostReasons = 50;

    private readonly Lock _lock = new();
    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<string, long[]> _kinds = [];
    private readonly Dictionary<string, VersionCount> _versions = [];
    private readonly Dictionary<string, long> _reasons = [];
    private readonly long[] _fates = new long[Enum.GetValues<OrderFate>().Length];
    private double _slowestMs;
    private long _messages;
    private long _messagesSentAgain;
    private long _messagesLost;
    private long _ticks;
    private long _ticksMissed;
    private long _reconnects;

    public long Start() => time.GetTimestamp();

    public void Answered(string kind, string? version, long started, Outcome outcome, string? reason = null)
    {
        var took = time.GetElapsedTime(started);
        var now = time.GetUtcNow();
        lock (_lock)
        {
            CountKind(kind, outcome);
            _slowestMs = kind is "websocket" or "events" ? _slowestMs : Math.Max(_slowestMs, took.TotalMilliseconds);
            if (version is not null)
            {
                CountVersion(version, now, now - took);
            }
            if (outcome != Outcome.Ok)
            {
                CountReason($"{kind}: {reason ?? outcome.ToString()}");
            }
        }
    }

    public void Ordered(string id, OrderFate fate)
    {
        lock (_lock)
        {
            _fates[(int)fate]++;
            orders?.WriteLine($"{fate.ToString().ToLowerInvariant()} {id}");
        }
    }

    public void Chatted() => Interlocked.Increment(ref _messages);

    public void ChattedAgain() => Interlocked.Increment(ref _messagesSentAgain);

    public void ChatLost() => Interlocked.Increment(ref _messagesLost);

    public void Ticked(long missed)
    {
        Interlocked.Increment(ref _ticks);
        Interlocked.Add(ref _ticksMissed, missed);
    }

    public void Reconnected() => Interlocked.Increment(ref _reconnects);

    public ShoppersReport Report()
    {
        lock (_lock)
        {
            orders?.Flush();
            return new ShoppersReport(
                Math.Round(time.GetElapsedTime(_began).TotalSeconds, 1),
                _kinds.Values.Sum(counts => counts.Sum()),
                Sum(Outcome.Ok),
                Sum(Outcome.AppError),
                Sum(Outcome.Failed),
                Sum(Outcome.Reset),
                Math.Round(_slowestMs, 1),
                _kinds.ToDictionary(pair => pair.Key, pair => ToCount(pair.Value)),
                new Dictionary<string, VersionCount>(_versions),
                new Dictionary<string, long>(_reasons),
                new OrderFates(_fates[0], _fates[1], _fates[2]),
                Interlocked.Read(ref _messages),
                Interlocked.Read(ref _messagesSentAgain),
                Interlocked.Read(ref _messagesLost),
                Interlocked.Read(ref _ticks),
                Interlocked.Read(ref _ticksMissed),
                Interlocked.Read(ref _reconnects)
            );
        }
    }

    private static KindCount ToCount(long[] counts) => new(counts[0], counts[1], counts[2], counts[3]);

    private long Sum(Outcome outcome) => _kinds.Values.Sum(counts => counts[(int)outcome]);

    private void CountKind(string kind, Outcome outcome)
    {
        if (!_kinds.TryGetValue(kind, out var counts))
        {
            _kinds[kind] = counts = new long[Enum.GetValues<Outcome>().Length];
        }
        counts[(int)outcome]++;
    }

    private void CountVersion(string version, DateTimeOffset answered, DateTimeOffset asked)
    {
        var before = _versions.TryGetValue(version, out var known) ? known : new VersionCount(0, answered, answered, asked);
        _versions[version] = before with
        {
            Answers = before.Answers + 1,
            LastAnswered = answered,
            LastAsked = asked > before.LastAsked ? asked : before.LastAsked,
        };
    }

    private void CountReason(string reason)
    {
        var key = _reasons.ContainsKey(reason) || _reasons.Count < MostReasons ? reason : "other";
        _reasons[key] = _reasons.GetValueOrDefault(key) + 1;
    }
}
