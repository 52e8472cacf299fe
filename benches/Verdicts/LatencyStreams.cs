using Teal.Analysis;

namespace Teal.Bench.Verdicts;

/// <summary>How the new side's time comes from the time that the old one would have taken.</summary>
/// <param name="Slower">Old milliseconds in, new ones out.</param>
/// <param name="BoundHalf">Requests to the new side that no test can do without, at a share of a half and</param>
/// <param name="BoundTenth">of a tenth, from the densities.</param>
internal sealed record Slowdown(string Name, Func<double, double> Slower, double BoundHalf, double BoundTenth, double Goal);

/// <summary>Log-normal latencies, and who sees that the new side's are longer.</summary>
internal static class LatencyStreams
{
    public const double Alpha = 0.01;
    private const double Spread = 0.8;
    private const double MedianMs = 20;

    /// <summary>Of the old side, in the minute before.</summary>
    private const int Before = 20_000;
    private static readonly double _limit = Math.Log(1 / Alpha);

    public static readonly Slowdown[] Slowdowns =
    [
        new("scale x1.2", ms => ms * 1.2, 356.124, 197.009, 1.4),
        new("scale x1.5", ms => ms * 1.5, 73.936, 40.292, 1.4),
        new("tail only p95 +20%", ms => Tail(ms, 1.2), 770.791, 384.890, 3.4),
        new("tail only p95 +50%", ms => Tail(ms, 1.5), 241.896, 110.721, 3.4),
    ];

    /// <summary>Requests to the new side until the engine is sure; looked at after every answer.</summary>
    public static double ToDetect(Slowdown slowdown, double share, ulong seed)
    {
        var chance = new Chance(seed);
        var (test, ranks) = (new LatencyTest(1), Ranks(ref chance));
        for (var requests = 0L; ; )
        {
            var isNew = chance.Comes(share);
            requests += isNew ? 1 : 0;
            var ms = OldMs(ref chance);
            test.Observe(ranks, LatencyHistogram.BucketOf(isNew ? slowdown.Slower(ms) : ms), isNew, share);
            if (isNew)
            {
                test.Pass(1);
                if (test.Reaches(_limit))
                {
                    return requests;
                }
            }
        }
    }

    /// <summary>Who calls the new side slower within so many requests. Mann and Whitney's test is looked at every 100, the engine as well.</summary>
    /// <param name="slower">Null for two sides that are equal.</param>
    public static (bool Engine, bool Ticks, bool Peeked, bool AtTheEnd) Within(int requests, double share, Slowdown? slower, ulong seed)
    {
        var chance = new Chance(seed);
        var ranks = Ranks(ref chance);
        var (coin, counted) = (new LatencyTest(1), new LatencyTest(1));
        var (allNew, allOld) = (new long[LatencyHistogram.Buckets], new long[LatencyHistogram.Buckets]);
        var (engine, ticks, peeked, last) = (false, false, false, false);
        for (var i = 0; i < requests; i += 100)
        {
            var (@new, old) = (new LatencyHistogram(), new LatencyHistogram());
            for (var k = 0; k < 100; k++)
            {
                var isNew = chance.Comes(share);
                var ms = OldMs(ref chance);
                ms = isNew && slower is not null ? slower.Slower(ms) : ms;
                (isNew ? @new : old).Record(ms);
                (isNew ? allNew : allOld)[LatencyHistogram.BucketOf(ms)]++;
            }
            coin.Observe(ranks, @new, old, share);
            counted.Count(ranks, @new, old);
            coin.Pass(@new.Count);
            counted.Pass(@new.Count);
            last = PeerRules.MannWhitney(allNew, allOld, Alpha);
            (engine, ticks, peeked) = (engine || coin.Reaches(_limit), ticks || counted.Reaches(_limit), peeked || last);
        }
        return (engine, ticks, peeked, last);
    }

    private static LatencyRanks Ranks(ref Chance chance)
    {
        var before = new LatencyHistogram();
        for (var i = 0; i < Before; i++)
        {
            before.Record(OldMs(ref chance));
        }
        return LatencyRanks.Of(before)!;
    }

    private static double OldMs(ref Chance chance) => MedianMs * Math.Exp(Spread * NormalQuantile.Of(chance.Uniform()));

    /// <summary>Up to p90 nothing changes; beyond it times are drawn out so that p95 is so many times longer.</summary>
    private static double Tail(double ms, double times)
    {
        var (p90, p95) = (MedianMs * Math.Exp(Spread * 1.2815515655446004), MedianMs * Math.Exp(Spread * 1.6448536269514722));
        return ms <= p90 ? ms : p90 + ((ms - p90) * ((p95 * times) - p90) / (p95 - p90));
    }
}
