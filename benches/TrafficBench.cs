using System.Globalization;
using System.Text.Json.Nodes;
using Teal.Bench.Rig;

namespace Teal.Bench;

/// <summary>
/// Proxies beside each other in front of one upstream. Bound: the proxy has a core, client and upstream have the other. Free: all
/// share what there is. Rounds are interleaved, so that a slow minute of the machine is everybody's.
/// </summary>
internal static class TrafficBench
{
    private const int Rounds = 5;
    private const double GoalBesideYarp = 1.3;
    private const double GoalMemoryMb = 150;
    private static readonly int[] _connections = [64, 256];
    private static readonly string[] _paths = [Peers.Small, Peers.Large];
    private static readonly double _seconds = double.TryParse(
        Environment.GetEnvironmentVariable("BENCH_SECONDS"),
        CultureInfo.InvariantCulture,
        out var seconds
    )
        ? seconds
        : 2;

    private sealed record Load(bool IsBound, int Connections, string Path);

    private sealed record Subject(string Name, int Port, Child? Process);

    public static async Task<BenchReport> RunAsync()
    {
        var bound = await MeasureAsync(isBound: true);
        var free = await MeasureAsync(isBound: false);
        return new BenchReport("traffic", [.. bound.Rows, .. free.Rows], [.. bound.Goals, .. free.Goals]);
    }

    private static async Task<(List<JsonObject> Rows, List<Goal> Goals)> MeasureAsync(bool isBound)
    {
        var folder = Directory.CreateTempSubdirectory("teal-bench-").FullName;
        var upstreamPort = Machine.FreePort();
        using var upstream = Child.Start(isBound ? 1 : null, null, Peers.Upstream($"{folder}/upstream", upstreamPort));
        await upstream.ListensAsync(upstreamPort);
        var subjects = await StartAsync(folder, upstreamPort, isBound);
        try
        {
            Load[] loads = [.. from connections in _connections from path in _paths select new Load(isBound, connections, path)];
            return await MeasureAsync(subjects, loads);
        }
        finally
        {
            foreach (var subject in subjects)
            {
                subject.Process?.Dispose();
            }
            upstream.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<Subject>> StartAsync(string folder, int upstream, bool isBound)
    {
        int? core = isBound ? 0 : null;
        var self = Environment.ProcessPath!;
        var address = $"http://127.0.0.1:{upstream}";
        var ports = Enumerable.Range(0, 4).Select(_ => Machine.FreePort()).ToArray();
        // What an application from the web template gets.
        var stock = new Dictionary<string, string> { ["DOTNET_gcServer"] = "1" };
        var inline = new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1" };
        var workers = isBound ? "1" : "auto";
        List<Subject> subjects =
        [
            new("direct", upstream, null),
            new("haproxy", ports[0], Child.Start(core, null, Peers.HaproxyProxy($"{folder}/haproxy", ports[0], upstream, isBound ? 1 : 2))),
            new("nginx", ports[1], Child.Start(core, null, Peers.NginxProxy($"{folder}/nginx", ports[1], upstream, workers))),
            new("yarp", ports[2], Child.Start(core, stock, self, "host", "yarp", $"http://127.0.0.1:{ports[2]}", address)),
            new("teal", ports[3], Child.Start(core, inline, self, "host", "teal", $"http://127.0.0.1:{ports[3]}", address)),
        ];
        foreach (var subject in subjects.Where(subject => subject.Process is not null))
        {
            await subject.Process!.ListensAsync(subject.Port);
        }
        return subjects;
    }

    private static async Task<(List<JsonObject> Rows, List<Goal> Goals)> MeasureAsync(List<Subject> subjects, Load[] loads)
    {
        var found = loads.ToDictionary(load => load, _ => subjects.ToDictionary(subject => subject.Name, _ => new List<WrkResult>()));
        var memory = subjects.ToDictionary(subject => subject.Name, _ => 0.0);
        // Round 0 warms up and is forgotten.
        for (var round = 0; round <= Rounds; round++)
        {
            Console.Error.WriteLine($"traffic, {(loads[0].IsBound ? "bound" : "free")}: round {round} of {Rounds}");
            foreach (var load in loads)
            {
                foreach (var subject in subjects)
                {
                    var url = $"http://127.0.0.1:{subject.Port}{load.Path}";
                    var result = await Wrk.RunAsync(load.IsBound ? 1 : null, load.Connections, _seconds, url);
                    memory[subject.Name] = Math.Max(memory[subject.Name], subject.Process?.ResidentMb() ?? 0);
                    if (round > 0)
                    {
                        found[load][subject.Name].Add(result);
                    }
                }
            }
        }
        var rows = loads
            .SelectMany(load => subjects.Select(subject => Row(load, subject.Name, found[load], memory[subject.Name])))
            .ToList();
        return (rows, [.. Goals(loads, found, memory["teal"])]);
    }

    private static JsonObject Row(Load load, string name, Dictionary<string, List<WrkResult>> found, double memoryMb)
    {
        double Rate(string subject) => Machine.Median(found[subject].Select(result => result.RequestsPerSecond));
        var rate = Rate(name);
        return new JsonObject
        {
            ["cores"] = load.IsBound ? "bound" : "free",
            ["connections"] = load.Connections,
            ["answer"] = load.Path.TrimStart('/'),
            ["proxy"] = name,
            ["requests_per_second"] = Math.Round(rate),
            ["p99_ms"] = Math.Round(Machine.Median(found[name].Select(result => result.P99Ms)), 2),
            ["to_yarp"] = Math.Round(rate / Rate("yarp"), 2),
            ["to_nginx"] = Math.Round(rate / Rate("nginx"), 2),
            ["to_haproxy"] = Math.Round(rate / Rate("haproxy"), 2),
            ["to_direct"] = Math.Round(rate / Rate("direct"), 2),
            ["memory_mb"] = name == "direct" ? null : Math.Round(memoryMb, 1),
            ["errors"] = found[name].Sum(result => result.Errors),
        };
    }

    private static IEnumerable<Goal> Goals(Load[] loads, Dictionary<Load, Dictionary<string, List<WrkResult>>> found, double memoryMb)
    {
        foreach (var load in loads.Where(load => load.IsBound))
        {
            double Rate(string subject) => Machine.Median(found[load][subject].Select(result => result.RequestsPerSecond));
            var ratio = Math.Round(Rate("teal") / Rate("yarp"), 2);
            var name = $"throughput beside stock YARP, {load.Connections} connections, {load.Path.TrimStart('/')}";
            yield return new Goal(name, "at least 1.3 times", ratio, ratio >= GoalBesideYarp);
        }
        var where = loads[0].IsBound ? "one core" : "all cores";
        yield return new Goal($"memory under this load, {where}", "at most 150 MB", Math.Round(memoryMb, 1), memoryMb <= GoalMemoryMb);
        var errors = found.Values.Sum(load => load["teal"].Sum(result => result.Errors));
        yield return new Goal($"errors under this load, {where}", "0", errors, errors == 0);
    }
}
