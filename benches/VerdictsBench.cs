using System.Diagnostics;
using System.Text.Json.Nodes;
using Teal.Analysis;
using Teal.Bench.Verdicts;

namespace Teal.Bench;

/// <summary>
/// The engine's promises, counted: false alarms on releases that changed nothing, requests until a regression is found beside what no
/// test can do without, and what other tools' formulas make of the same streams.
/// </summary>
internal static class VerdictsBench
{
    private const ulong Seed = 20261124;
    private const double Alpha = ErrorStreams.Alpha;
    private static readonly double[] _shares = [0.5, 0.1];
    private static readonly double[] _rates = [0.001, 0.005, 0.01];

    /// <param name="isQuick">A tenth of the runs: seconds instead of minutes, for a look in passing.</param>
    public static Task<BenchReport> RunAsync(bool isQuick)
    {
        var scale = isQuick ? 10 : 1;
        (List<JsonObject> Rows, List<Goal> Goals)[] parts =
        [
            FalseAlarms(2000 / scale),
            Sticky(4000 / scale),
            Detection(2000 / scale),
            Safe(1000 / scale),
            Latency(2000 / scale),
            LatencyPeers(500 / scale),
            Cost(),
        ];
        return Task.FromResult(
            new BenchReport("verdicts", [.. parts.SelectMany(part => part.Rows)], [.. parts.SelectMany(part => part.Goals)])
        );
    }

    private static (List<JsonObject>, List<Goal>) FalseAlarms(int runs)
    {
        const int requests = 100_000;
        var streams = _rates
            .SelectMany(rate => _shares.Select(share => ($"{rate:0.0%} errors, {share:0%} new", Fixed(share), Fixed(rate))))
            .Append(("0.2% → 1%, 1→5→25→50%", Ramp, over => 0.002 + (0.008 * over)));
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        foreach (var (name, share, rate) in streams)
        {
            var found = Chance.Runs(runs, Seed, seed => ErrorStreams.Same(requests, share, rate, seed));
            double Part(Func<FalseAlarms, bool> alarm) => Math.Round((double)found.Count(alarm) / runs, 4);
            rows.Add(
                new JsonObject
                {
                    ["false_within_100,000"] = name,
                    ["rollback"] = Part(alarm => alarm.Rollback),
                    ["hold"] = Part(alarm => alarm.Hold),
                    ["hold_by_ticks"] = Part(alarm => alarm.Ticks),
                    ["z"] = Part(alarm => alarm.Z),
                    ["msprt"] = Part(alarm => alarm.Msprt),
                    ["asymptotic"] = Part(alarm => alarm.Sequence),
                    ["over_1%_5_times"] = Part(alarm => alarm.Threshold),
                }
            );
            var (rollback, hold) = (Part(alarm => alarm.Rollback), Math.Max(Part(alarm => alarm.Hold), Part(alarm => alarm.Ticks)));
            goals.Add(new Goal($"false rollbacks over 100,000 looks, {name}", "at most 1 %", rollback, rollback <= Alpha));
            goals.Add(
                new Goal($"false holds over 100,000 looks, {name}", "1 %, two standard errors more", hold, hold <= Alpha + Luck(runs))
            );
        }
        return (rows, goals);

        static Func<double, double> Fixed(double value) => _ => value;
        static double Ramp(double over) =>
            over < 0.25 ? 0.01
            : over < 0.5 ? 0.05
            : over < 0.75 ? 0.25
            : 0.5;
    }

    /// <summary>Two standard errors of a rate of α in so many runs.</summary>
    private static double Luck(int runs) => 2 * Math.Sqrt(Alpha * (1 - Alpha) / runs);

    private static (List<JsonObject>, List<Goal>) Sticky(int runs)
    {
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        foreach (var (share, users) in new[] { (0.5, 2000), (0.1, 2000), (0.05, 10_000) })
        {
            var found = Chance.Runs(runs, Seed, seed => ErrorStreams.Sticky(100_000, users, share, seed));
            double Part(Func<StickyAlarms, bool> alarm) => Math.Round((double)found.Count(alarm) / runs, 4);
            var rollback = Part(alarm => alarm.RollbackByUser);
            rows.Add(
                new JsonObject
                {
                    ["sticky_users"] = users,
                    ["share"] = share,
                    ["rollback_by_first_event"] = rollback,
                    ["hold_by_first_event"] = Part(alarm => alarm.ByUser),
                    ["hold_by_request"] = Part(alarm => alarm.ByRequest),
                }
            );
            goals.Add(new Goal($"false rollbacks, {users} users that stay, {share:0%} new", "at most 1 %", rollback, rollback <= Alpha));
        }
        return (rows, goals);
    }

    private static (List<JsonObject>, List<Goal>) Detection(int runs)
    {
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        foreach (
            var (share, old, @new) in _shares.SelectMany(share =>
                _rates.SelectMany(rate => Worse(rate).Select(worse => (share, rate, worse)))
            )
        )
        {
            var found = Chance.Runs(runs, Seed, seed => ErrorStreams.ToDetect(share, old, @new, seed));
            var (mean, bound) = (found.Average(run => run.Hold), InformationLimit.NewRequests(old, @new, share, ErrorStreams.Alpha));
            var ratio = Math.Round(mean / bound, 2);
            rows.Add(
                new JsonObject
                {
                    ["new_share"] = share,
                    ["old_errors"] = old,
                    ["new_errors"] = @new,
                    ["limit"] = Math.Round(bound, 1),
                    ["requests"] = Math.Round(mean, 1),
                    ["p90"] = found.Select(run => run.Hold).Order().ElementAt(runs * 9 / 10),
                    ["ratio"] = ratio,
                    ["to_rollback"] = Math.Round(found.Average(run => run.Rollback), 1),
                }
            );
            goals.Add(
                @new < 0.5
                    ? new Goal(
                        $"beside the information limit, {old:0.0%} → {@new:0.0%}, {share:0%} new",
                        "at most 1.45",
                        ratio,
                        ratio <= 1.45
                    )
                    : new Goal(
                        $"half of the answers fail, before {old:0.0%}, {share:0%} new: requests",
                        "at most 20",
                        Math.Round(mean, 1),
                        mean <= 20
                    )
            );
        }
        return (rows, goals);

        static double[] Worse(double rate) => [2 * rate, 5 * rate, 10 * rate, 0.5];
    }

    private static (List<JsonObject>, List<Goal>) Safe(int runs)
    {
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        foreach (var (share, rate) in _shares.SelectMany(share => _rates.Select(rate => (share, rate))))
        {
            var mean = Chance.Runs(runs, Seed, seed => ErrorStreams.ToSafe(share, rate, seed)).Average();
            var bound = share * Math.Log(20) / InformationLimit.PerRequest(rate, rate, share, margin: 2);
            var ratio = Math.Round(mean / bound, 2);
            rows.Add(
                new JsonObject
                {
                    ["safe_share"] = share,
                    ["errors"] = rate,
                    ["limit"] = Math.Round(bound, 1),
                    ["requests"] = Math.Round(mean, 1),
                    ["ratio"] = ratio,
                }
            );
            goals.Add(new Goal($"SAFE beside the limit, {rate:0.0%} errors, {share:0%} new", "at most 1.4", ratio, ratio <= 1.4));
        }
        return (rows, goals);
    }

    private static (List<JsonObject>, List<Goal>) Latency(int runs)
    {
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        foreach (var (share, slowdown) in _shares.SelectMany(share => LatencyStreams.Slowdowns.Select(slowdown => (share, slowdown))))
        {
            var mean = Chance.Runs(runs, Seed, seed => LatencyStreams.ToDetect(slowdown, share, seed)).Average();
            var bound = share > 0.3 ? slowdown.BoundHalf : slowdown.BoundTenth;
            var ratio = Math.Round(mean / bound, 2);
            rows.Add(
                new JsonObject
                {
                    ["slower"] = slowdown.Name,
                    ["share"] = share,
                    ["limit"] = Math.Round(bound, 1),
                    ["requests"] = Math.Round(mean, 1),
                    ["ratio"] = ratio,
                }
            );
            goals.Add(
                new Goal(
                    $"latency beside the limit, {slowdown.Name}, {share:0%} new",
                    $"at most {slowdown.Goal}",
                    ratio,
                    ratio <= slowdown.Goal
                )
            );
        }
        return (rows, goals);
    }

    private static (List<JsonObject>, List<Goal>) LatencyPeers(int runs)
    {
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        foreach (
            var (name, slower, requests) in new (string, Slowdown?, int)[]
            {
                ("equal", null, 10_000),
                ("tail only p95 +50%", LatencyStreams.Slowdowns[3], 4_000),
            }
        )
        {
            var found = Chance.Runs(runs, Seed, seed => LatencyStreams.Within(requests, 0.5, slower, seed));
            double Part(Func<(bool Engine, bool Ticks, bool Peeked, bool AtTheEnd), bool> alarm) =>
                Math.Round((double)found.Count(alarm) / runs, 4);
            rows.Add(
                new JsonObject
                {
                    ["called_slower"] = name,
                    ["within"] = requests,
                    ["engine"] = Part(alarm => alarm.Engine),
                    ["engine_by_ticks"] = Part(alarm => alarm.Ticks),
                    ["mann_whitney_peeked"] = Part(alarm => alarm.Peeked),
                    ["mann_whitney_once"] = Part(alarm => alarm.AtTheEnd),
                }
            );
            if (slower is null)
            {
                var worst = Math.Max(Part(alarm => alarm.Engine), Part(alarm => alarm.Ticks));
                goals.Add(new Goal("false alarms on equal latencies", "1 %, two standard errors more", worst, worst <= Alpha + Luck(runs)));
            }
        }
        return (rows, goals);
    }

    private static (List<JsonObject>, List<Goal>) Cost()
    {
        const int events = 2_000_000;
        var ranks = LatencyRanks.Of(
            Enumerable.Range(1, 5000).Aggregate(new LatencyHistogram(), (histogram, i) => Recorded(histogram, i / 50.0))
        )!;
        var (hold, rollback, safe, latency) = (
            RatioTest.WorseThan(1),
            RatioTest.WorseThan(1.2),
            RatioTest.BetterThan(2),
            new LatencyTest(1)
        );
        var buckets = Enumerable.Range(0, 1024).Select(i => LatencyHistogram.BucketOf(1 + (i * 37 % 100))).ToArray();
        var (errorNs, errorBytes) = Best(
            events,
            i =>
            {
                hold.Observe((i & 7) == 0, 0.1);
                rollback.Observe((i & 7) == 0, 0.1);
                safe.Observe((i & 7) == 0, 0.1);
            }
        );
        var (latencyNs, latencyBytes) = Best(events, i => latency.Observe(ranks, buckets[i & 1023], (i & 7) == 0, 0.1));
        var row = new JsonObject
        {
            ["bad_event_ns"] = Math.Round(errorNs, 1),
            ["latency_event_ns"] = Math.Round(latencyNs, 1),
            ["bytes"] = errorBytes + latencyBytes,
            ["tick_of_500_on_10_routes_ms"] = Math.Round(TickMilliseconds(), 2),
        };
        return (
            [row],
            [
                new Goal("a bad event in three tests, ns", "at most 50", Math.Round(errorNs, 1), errorNs <= 50),
                new Goal("an answer's latency, ns", "at most 50", Math.Round(latencyNs, 1), latencyNs <= 50),
                new Goal("allocated for an event, bytes", "0", errorBytes + latencyBytes, errorBytes + latencyBytes == 0),
            ]
        );
    }

    /// <summary>A whole tick through the judge, errors and latencies by counts: 500 requests, 5 % of them new, on ten routes.</summary>
    private static double TickMilliseconds()
    {
        Guard[] guards = [new(GuardMetric.ErrorRate, GuardLimit.MaxRatio, 1.2), new(GuardMetric.LatencyP95, GuardLimit.MaxRatio, 1.25)];
        var chance = new Chance(Seed);
        ArmTick Arm(int requests)
        {
            var latency = new LatencyHistogram();
            for (var i = 0; i < requests; i++)
            {
                latency.Record(20 * Math.Exp(0.8 * NormalQuantile.Of(chance.Uniform())));
            }
            return new ArmTick(requests, 0, latency);
        }
        RouteTick[] Routes(int @new, int old) => [.. Enumerable.Range(0, 10).Select(i => new RouteTick($"GET /{i}", Arm(@new), Arm(old)))];
        var judge = new ReleaseJudge(new JudgeOrder("new", "old", default, guards, Routes(0, 500)));
        var best = double.MaxValue;
        for (var second = 1; second <= 50; second++)
        {
            var tick = new EvidenceTick(TimeSpan.FromSeconds(second), 0.05, Placement.Counted, Routes(3, 47));
            var start = Stopwatch.GetTimestamp();
            judge.Observe(tick);
            judge.Decide(tick.At);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return best;
    }

    /// <summary>The fastest of some rounds: whatever else runs on the machine only ever adds.</summary>
    private static (double Nanoseconds, double Bytes) Best(int events, Action<int> observe)
    {
        var (best, bytes) = (double.MaxValue, 0.0);
        for (var round = 0; round < 7; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < events; i++)
            {
                observe(i);
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / events);
            bytes = Math.Round((double)(GC.GetAllocatedBytesForCurrentThread() - before) / events, 1);
        }
        return (best, bytes);
    }

    private static LatencyHistogram Recorded(LatencyHistogram histogram, double milliseconds)
    {
        histogram.Record(milliseconds);
        return histogram;
    }
}
