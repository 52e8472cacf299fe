namespace Teal.Analysis;

/// <summary>An alarm on how fast an error budget is spent: both windows have to burn, the long one for weight, the short one for news.</summary>
/// <param name="Factor">Times as fast as the budget allows: 1 spends it exactly within the objective's 30 days.</param>
/// <param name="TakesBack">A page; the others are tickets, and hold.</param>
public sealed record BurnWindow(string Name, TimeSpan Long, TimeSpan Short, double Factor, bool TakesBack)
{
    /// <summary>After the Site Reliability Workbook, chapter 5; the factor is the part of 30 days' budget that the long window may spend.</summary>
    public static IReadOnlyList<BurnWindow> Usual { get; } =
    [
        new("1h", TimeSpan.FromHours(1), TimeSpan.FromMinutes(5), 14.4, TakesBack: true),
        new("6h", TimeSpan.FromHours(6), TimeSpan.FromMinutes(30), 6, TakesBack: true),
        new("1d", TimeSpan.FromDays(1), TimeSpan.FromHours(2), 3, TakesBack: false),
        new("3d", TimeSpan.FromDays(3), TimeSpan.FromHours(6), 1, TakesBack: false),
    ];

    /// <summary>After how many minutes of a constant error rate, from none before, the alarm fires; null for never.</summary>
    public double? MinutesToFire(double objective, double errorRate)
    {
        var allowed = Factor * (1 - objective);
        return errorRate > allowed ? Long.TotalMinutes * allowed / errorRate : null;
    }
}

/// <param name="Began">The first minute that was seen.</param>
/// <param name="Minutes">Those with requests, oldest first; the same order in the other two lists.</param>
public sealed record BurnRateState(long? Began, IReadOnlyList<long> Minutes, IReadOnlyList<long> Requests, IReadOnlyList<long> Bad);

/// <summary>
/// How fast a service spends its error budget, minute by minute over three days: the backstop where there is no old side to compare with,
/// and the sign that everything is bad.
/// </summary>
/// <param name="objective">Of good requests over 30 days: 0.999.</param>
public sealed class BurnRate
{
    private const int KeptMinutes = 3 * 24 * 60;

    private readonly double _objective;
    private readonly long[] _requests = new long[KeptMinutes];
    private readonly long[] _bad = new long[KeptMinutes];
    private long? _began;
    private long _latest;

    public BurnRate(double objective, BurnRateState? state = null)
    {
        if (!(objective > 0 && objective < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(objective), objective, "An objective is a share of good requests below 1.");
        }
        _objective = objective;
        _began = state?.Began;
        for (var i = 0; i < state?.Minutes.Count; i++)
        {
            Add(TimeSpan.FromMinutes(state.Minutes[i]), state.Requests[i], state.Bad[i]);
        }
    }

    public BurnRateState State
    {
        get
        {
            var first = Math.Max(_began ?? 0, _latest - KeptMinutes + 1);
            long[] minutes =
            [
                .. Enumerable
                    .Range(0, _began is null ? 0 : (int)(_latest - first + 1))
                    .Select(i => first + i)
                    .Where(m => _requests[Place(m)] > 0),
            ];
            return new BurnRateState(
                _began,
                minutes,
                [.. minutes.Select(m => _requests[Place(m)])],
                [.. minutes.Select(m => _bad[Place(m)])]
            );
        }
    }

    /// <param name="at">Since any fixed moment. Older than three days, or counts that cannot be, change nothing.</param>
    public void Add(TimeSpan at, long requests, long bad)
    {
        var minute = (long)Math.Floor(at.TotalMinutes);
        if (requests < 0 || bad < 0 || bad > requests || minute < 0 || minute <= _latest - KeptMinutes)
        {
            return;
        }
        _began ??= minute;
        for (var empty = Math.Max(_latest + 1, minute - KeptMinutes + 1); empty <= minute; empty++)
        {
            (_requests[Place(empty)], _bad[Place(empty)]) = (0, 0);
        }
        _latest = Math.Max(_latest, minute);
        _requests[Place(minute)] += requests;
        _bad[Place(minute)] += bad;
    }

    /// <summary>
    /// Times as fast as the budget allows, over the last <paramref name="window"/>; null without a request in it. What was not seen yet
    /// counts as good: three bad minutes are no bad three days.
    /// </summary>
    public double? Over(TimeSpan window, TimeSpan at)
    {
        var now = (long)Math.Floor(at.TotalMinutes);
        var length = (long)window.TotalMinutes;
        var (requests, bad) = (0L, 0L);
        for (var minute = Math.Max(0, now - length + 1); minute <= Math.Min(now, _latest); minute++)
        {
            if (minute > _latest - KeptMinutes)
            {
                requests += _requests[Place(minute)];
                bad += _bad[Place(minute)];
            }
        }
        var seen = Math.Clamp(now - (_began ?? now) + 1, 1, length);
        return requests == 0 ? null : (double)bad / requests * seen / length / (1 - _objective);
    }

    /// <summary>ROLLBACK on a page, HOLD on a ticket, NO_DATA when nobody asked within the shortest window, otherwise CONTINUE.</summary>
    public Verdict Decide(TimeSpan at)
    {
        var findings = BurnWindow.Usual.Select(window => (Kind: KindOf(window, at), Finding: FindingOf(window, at))).ToList();
        var kind = Over(BurnWindow.Usual.Min(window => window.Short), at) is null ? VerdictKind.NoData : VerdictKind.Continue;
        kind = findings.Exists(found => found.Kind == VerdictKind.Hold) ? VerdictKind.Hold : kind;
        kind = findings.Exists(found => found.Kind == VerdictKind.Rollback) ? VerdictKind.Rollback : kind;
        return new Verdict(kind, [.. findings.Select(found => found.Finding)]);
    }

    private VerdictKind KindOf(BurnWindow window, TimeSpan at) =>
        Over(window.Long, at) > window.Factor && Over(window.Short, at) > window.Factor
            ? window.TakesBack
                ? VerdictKind.Rollback
                : VerdictKind.Hold
            : VerdictKind.Continue;

    private GuardFinding FindingOf(BurnWindow window, TimeSpan at)
    {
        var (burn, fires) = (Over(window.Long, at), KindOf(window, at) != VerdictKind.Continue);
        var figure = burn is { } times ? Figures.Number(times) : Say.NoData;
        var words = burn is null
            ? $"No request within the last {window.Name}."
            : $"Over {window.Name} the error budget of {Figures.Percent(1 - _objective)} is spent {figure} times as fast as it may.";
        var answer =
            fires ? GuardAnswer.Unhealthy
            : burn is null ? GuardAnswer.Inconclusive
            : GuardAnswer.Healthy;
        return new GuardFinding($"burn rate over {window.Name}", answer, figure, Figures.Number(window.Factor), 0, words);
    }

    private static int Place(long minute) => (int)(minute % KeptMinutes);
}
