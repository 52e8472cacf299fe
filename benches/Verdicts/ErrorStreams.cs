using Teal.Analysis;

namespace Teal.Bench.Verdicts;

/// <summary>Who took a release back that was as good as the one before.</summary>
internal readonly record struct FalseAlarms(bool Hold, bool Rollback, bool Ticks, bool Z, bool Msprt, bool Sequence, bool Threshold);

/// <summary>The same with users that stay on their side: the engine by first events of users, and wrongly by requests.</summary>
internal readonly record struct StickyAlarms(bool RollbackByUser, bool ByUser, bool ByRequest);

/// <summary>Streams of good and bad answers, and what the engine and its peers make of the same ones.</summary>
internal static class ErrorStreams
{
    public const double Alpha = 0.01;
    private const int RequestsPerCheck = 100;
    private const int RequestsPerTick = 200;
    private static readonly double _limit = Math.Log(1 / Alpha);

    /// <summary>Both sides fail equally often; looked at after every request.</summary>
    /// <param name="share">Of the new side, by how much of the stream is over.</param>
    /// <param name="rate">Of errors, likewise.</param>
    public static FalseAlarms Same(int requests, Func<double, double> share, Func<double, double> rate, ulong seed)
    {
        var chance = new Chance(seed);
        var (hold, rollback, ticks) = (RatioTest.WorseThan(1), RatioTest.WorseThan(Guard.WorseMargin), RatioTest.WorseThan(1));
        var fixedRule = new FixedThreshold(RequestsPerCheck);
        var (seen, tick, alarms) = (new Counts(), new Counts(), default(FalseAlarms));
        for (var i = 0; i < requests; i++)
        {
            var (w, p) = (share((double)i / requests), rate((double)i / requests));
            var (isNew, isBad) = (chance.Comes(w), chance.Comes(p));
            Add(ref seen, isNew, isBad);
            Add(ref tick, isNew, isBad);
            if (isBad)
            {
                hold.Observe(isNew, w);
                rollback.Observe(isNew, w);
                alarms = Look(alarms, seen) with
                {
                    Hold = alarms.Hold || hold.Reaches(_limit),
                    Rollback = alarms.Rollback || rollback.Reaches(_limit),
                };
            }
            if (isNew)
            {
                hold.Pass(1);
                rollback.Pass(1);
                alarms = alarms with { Threshold = fixedRule.Observe(isBad) || alarms.Threshold };
            }
            // A tick ends with the share, too: counts of two shares do not go together.
            if (tick.New + tick.Old >= RequestsPerTick || share((i + 1.0) / requests) != w)
            {
                ticks.Count(tick.New, tick.Old, tick.NewBad, tick.OldBad);
                ticks.Pass(tick.New);
                tick = default;
                alarms = alarms with { Ticks = alarms.Ticks || ticks.Reaches(_limit) };
            }
        }
        return alarms;
    }

    /// <summary>
    /// Users stay where they are, and some have it bad wherever they are: by requests, they are one coin that counts many times.
    /// </summary>
    public static StickyAlarms Sticky(int requests, int users, double share, ulong seed)
    {
        var chance = new Chance(seed);
        var isNew = new bool[users];
        var isBroken = new bool[users];
        for (var user = 0; user < users; user++)
        {
            (isNew[user], isBroken[user]) = (chance.Comes(share), chance.Comes(0.02));
        }
        var (byRequest, byUser, rollback) = (RatioTest.WorseThan(1), RatioTest.WorseThan(1), RatioTest.WorseThan(Guard.WorseMargin));
        var (first, alarms) = (new FirstEvents(users, TimeSpan.FromHours(1)), default(StickyAlarms));
        for (var i = 0; i < requests; i++)
        {
            var user = (int)(chance.Next() % (ulong)users);
            if (chance.Comes(isBroken[user] ? 0.3 : 0.001))
            {
                byRequest.Observe(isNew[user], share);
                alarms = alarms with { ByRequest = alarms.ByRequest || byRequest.Reaches(_limit) };
                if (first.IsFirst((ulong)user + 1, TimeSpan.Zero))
                {
                    byUser.Observe(isNew[user], share);
                    rollback.Observe(isNew[user], share);
                    alarms = new StickyAlarms(
                        alarms.RollbackByUser || rollback.Reaches(_limit),
                        alarms.ByUser || byUser.Reaches(_limit),
                        alarms.ByRequest
                    );
                }
            }
            byRequest.Pass(isNew[user] ? 1 : 0);
            byUser.Pass(isNew[user] ? 1 : 0);
            rollback.Pass(isNew[user] ? 1 : 0);
        }
        return alarms;
    }

    /// <summary>Requests to the new side until the engine is sure that it is worse, and until it takes back.</summary>
    public static (double Hold, double Rollback) ToDetect(double share, double oldRate, double newRate, ulong seed)
    {
        var chance = new Chance(seed);
        var (hold, rollback) = (RatioTest.WorseThan(1), RatioTest.WorseThan(Guard.WorseMargin));
        var (requests, held) = (0L, 0L);
        while (true)
        {
            var isNew = chance.Comes(share);
            requests += isNew ? 1 : 0;
            if (chance.Comes(isNew ? newRate : oldRate))
            {
                hold.Observe(isNew, share);
                rollback.Observe(isNew, share);
                held = held == 0 && hold.Reaches(_limit) ? requests : held;
                if (held > 0 && rollback.Reaches(_limit))
                {
                    return (held, requests);
                }
            }
            if (isNew)
            {
                hold.Pass(1);
                rollback.Pass(1);
            }
        }
    }

    /// <summary>Requests to the new side until it is shown that one that is as good is not twice as bad.</summary>
    public static double ToSafe(double share, double rate, ulong seed)
    {
        var chance = new Chance(seed);
        var safe = RatioTest.BetterThan(2);
        var logSafe = Math.Log(20);
        for (var requests = 0L; ; )
        {
            var isNew = chance.Comes(share);
            requests += isNew ? 1 : 0;
            if (chance.Comes(rate))
            {
                safe.Observe(isNew, share);
                if (safe.Reaches(logSafe))
                {
                    return requests;
                }
            }
        }
    }

    private static FalseAlarms Look(FalseAlarms alarms, in Counts seen) =>
        alarms with
        {
            Z = alarms.Z || PeerRules.Z(seen, Alpha),
            Msprt = alarms.Msprt || PeerRules.Msprt(seen, Alpha),
            Sequence = alarms.Sequence || PeerRules.AsymptoticSequence(seen, Alpha),
        };

    private static void Add(ref Counts counts, bool isNew, bool isBad)
    {
        if (isNew)
        {
            counts.New++;
            counts.NewBad += isBad ? 1 : 0;
        }
        else
        {
            counts.Old++;
            counts.OldBad += isBad ? 1 : 0;
        }
    }
}
