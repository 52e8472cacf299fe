using System.Text.Json.Nodes;
using Shoppers;
using Teal.Bench.Rig;

namespace Teal.Bench;

/// <summary>
/// Twenty releases in a row under load, three times, with Teal and beside it with what people do by hand: a changed configuration
/// and a reload of nginx or HAProxy, both versions running all the while. The same shoppers count in all three.
/// </summary>
internal static class ReleaseBench
{
    private const int Runs = 3;
    private const int Releases = 20;
    private static readonly TimeSpan _calm = TimeSpan.FromSeconds(1);

    public static async Task<BenchReport> RunAsync()
    {
        var rows = new List<JsonObject>();
        var goals = new List<Goal>();
        var folder = Directory.CreateTempSubdirectory("teal-bench-").FullName;
        try
        {
            for (var run = 1; run <= Runs; run++)
            {
                Console.Error.WriteLine($"release: run {run} of {Runs}");
                rows.Add(await ReloadAsync("nginx reload", run, $"{folder}/nginx-{run}"));
                rows.Add(await ReloadAsync("haproxy reload", run, $"{folder}/haproxy-{run}"));
                await using var teal = new TealReleases($"{folder}/teal-{run}");
                var found = await teal.RunAsync(Releases);
                rows.Add(Row("teal", run, found.Report));
                goals.AddRange(GoalsOf(run, found));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return new BenchReport("release", [.. rows.OrderBy(row => (string?)row["proxy"], StringComparer.Ordinal)], goals);
    }

    /// <summary>64 clients who keep their connection and 8 who open one for every request; short requests, so that a drain is short too.</summary>
    public static ShoppersOptions Load(string url, int seed) =>
        new()
        {
            Url = new Uri(url),
            Visitors = 64,
            Strangers = 8,
            Uploaders = 0,
            Chatters = 0,
            Listeners = 0,
            Think = TimeSpan.FromMilliseconds(30),
            Slow = TimeSpan.FromMilliseconds(20),
            Seed = seed,
        };

    private static async Task<JsonObject> ReloadAsync(string name, int run, string folder)
    {
        Directory.CreateDirectory(folder);
        int[] apps = [Machine.FreePort(), Machine.FreePort()];
        var port = Machine.FreePort();
        using var blue = await Shop.StartAsync("blue", apps[0], folder);
        using var green = await Shop.StartAsync("green", apps[1], folder);
        var isNginx = name.StartsWith("nginx", StringComparison.Ordinal);
        string[] Configure(int upstream) =>
            isNginx
                ? Peers.NginxProxy($"{folder}/proxy", port, upstream, "1")
                : Peers.HaproxyProxy($"{folder}/proxy", port, upstream, threads: 1);
        using var proxy = Child.Start(null, null, Configure(apps[0]));
        await proxy.ListensAsync(port);
        await using var shoppers = ShoppersRun.Start(Load($"http://127.0.0.1:{port}", run));
        for (var release = 1; release <= Releases; release++)
        {
            await Task.Delay(_calm);
            Configure(apps[release % 2]);
            // nginx reloads at SIGHUP, HAProxy's master at SIGUSR2.
            proxy.Signal(isNginx ? 1 : 12);
        }
        await Task.Delay(_calm);
        return Row(name, run, await shoppers.StopAsync());
    }

    private static JsonObject Row(string proxy, int run, ShoppersReport report)
    {
        Console.Error.WriteLine($"release: {proxy}: {report.Failed + report.AppErrors} failed, {report.Resets} reset of {report.Requests}");
        foreach (var (reason, count) in report.Reasons.OrderByDescending(pair => pair.Value).Take(5))
        {
            Console.Error.WriteLine($"  {count} x {reason}");
        }
        // An idle connection that goes away costs its client a retry, and an order that it was about to send; a broken one cost an answer.
        var closed = report
            .Reasons.Where(reason => reason.Key.EndsWith(ShoppersReport.ClosedSilently, StringComparison.Ordinal))
            .Sum(reason => reason.Value);
        return new JsonObject
        {
            ["proxy"] = proxy,
            ["run"] = run,
            ["releases"] = Releases,
            ["requests"] = report.Requests,
            ["requests_per_second"] = Math.Round(report.Requests / report.Seconds),
            ["failed"] = report.Failed + report.AppErrors,
            ["broken"] = report.Resets - closed,
            ["closed_without_a_word"] = closed,
            ["slowest_ms"] = report.SlowestMs,
        };
    }

    private static IEnumerable<Goal> GoalsOf(int run, TealFigures found)
    {
        var report = found.Report;
        var lost = report.Failed + report.AppErrors;
        yield return new Goal($"run {run}: failed requests over {Releases} releases", "0", lost, lost == 0);
        yield return new Goal($"run {run}: reset connections over {Releases} releases", "0", report.Resets, report.Resets == 0);
        var added = Math.Round(found.DeployMs - found.HealthyMs);
        yield return new Goal($"run {run}: deploy beyond the app's own time to healthy (median)", "at most 1000 ms", added, added <= 1000);
        var back = Math.Round(found.RollbackMs);
        yield return new Goal(
            $"run {run}: rollback, last request answered by the new version after the command",
            "at most 250 ms",
            back,
            back <= 250
        );
        var memory = Math.Round(found.MemoryMb, 1);
        yield return new Goal($"run {run}: memory of the server", "at most 150 MB", memory, memory <= 150);
    }
}
