using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Teal.Bench.Hosts;
using Teal.Bench.Rig;
using Teal.Server.Flags.Flagd.SyncV1;

namespace Teal.Bench;

/// <summary>
/// Flags over the wire: one evaluation by OFREP beside an endpoint that does nothing, and how long a change takes to a thousand clients
/// that listen.
/// </summary>
internal static class FlagServingBench
{
    private const int Rounds = 5;

    /// <summary>Until the runtime has compiled what every request runs for the last time, as it has in a server that runs for a day.</summary>
    private const int RoundsToWarmUp = 5;
    private const int Connections = 64;
    private const double Seconds = 2;
    private const int Listeners = 1000;
    private const int Changes = 10;
    private const double GoalBesideEmpty = 0.8;
    private const double GoalRate = 39_000;
    private const double GoalReachedMs = 1000;
    private const double GoalMoreMb = 50;

    private static readonly TimeSpan ChangeEvery = TimeSpan.FromSeconds(3);

    /// <summary>As the teal program is set: completions inline, and 8 MB between two collections.</summary>
    private static readonly Dictionary<string, string> AsTeal = new()
    {
        ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
        ["DOTNET_GCgen0MaxBudget"] = "800000",
    };

    public static async Task<(List<JsonObject> Rows, List<Goal> Goals)> MeasureAsync()
    {
        var (rows, goals) = await MeasureOneAsync();
        foreach (var kind in new[] { "ofrep", "flagd", "teal-client" })
        {
            var (row, more) = await MeasureListenersAsync(kind);
            rows.Add(row);
            goals.AddRange(more);
        }
        return (rows, goals);
    }

    private static async Task<(List<JsonObject> Rows, List<Goal> Goals)> MeasureOneAsync()
    {
        var (ofrep, flagd, empty) = (Machine.FreePort(), Machine.FreePort(), Machine.FreePort());
        using var flags = Child.Start(0, AsTeal, Environment.ProcessPath!, "flag-host", Url(ofrep), Url(flagd), "never");
        using var nothing = Child.Start(0, AsTeal, Environment.ProcessPath!, "empty-host", Url(empty));
        await flags.ListensAsync(ofrep);
        await nothing.ListensAsync(empty);
        var script = WriteScript();
        var found = new Dictionary<string, List<WrkResult>> { ["ofrep"] = [], ["empty"] = [] };
        // Rounds are interleaved, so that a slow minute is everybody's.
        for (var round = 1 - RoundsToWarmUp; round <= Rounds; round++)
        {
            Console.Error.WriteLine($"flags, served: round {round} of {Rounds}");
            foreach (
                var (name, url) in new[] { ("ofrep", $"{Url(ofrep)}/ofrep/v1/evaluate/flags/flag-7"), ("empty", $"{Url(empty)}/empty") }
            )
            {
                var result = await Wrk.RunAsync(1, Connections, Seconds, url, script);
                if (round > 0)
                {
                    found[name].Add(result);
                }
            }
        }
        File.Delete(script);
        double Rate(string name) => Machine.Median(found[name].Select(result => result.RequestsPerSecond));
        var rows = found.Select(pair => new JsonObject
        {
            ["served"] = pair.Key,
            ["connections"] = Connections,
            ["requests_per_second_a_core"] = Math.Round(Rate(pair.Key)),
            ["p99_ms"] = Math.Round(Machine.Median(pair.Value.Select(result => result.P99Ms)), 2),
            ["to_empty"] = Math.Round(Rate(pair.Key) / Rate("empty"), 2),
            ["errors"] = pair.Value.Sum(result => result.Errors),
        });
        var ratio = Math.Round(Rate("ofrep") / Rate("empty"), 2);
        return (
            [.. rows],
            [
                new Goal("OFREP evaluation beside an empty endpoint", "at least 0.8 times", ratio, ratio >= GoalBesideEmpty),
                new Goal("OFREP evaluations a second a core", "at least 39,000", Math.Round(Rate("ofrep")), Rate("ofrep") >= GoalRate),
            ]
        );
    }

    private static async Task<(JsonObject Row, List<Goal> Goals)> MeasureListenersAsync(string kind)
    {
        var (ofrep, flagd) = (Machine.FreePort(), Machine.FreePort());
        var every = ChangeEvery.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        using var host = Child.Start(null, AsTeal, Environment.ProcessPath!, "flag-host", Url(ofrep), Url(flagd), every);
        await host.ListensAsync(ofrep);
        await host.ListensAsync(flagd);
        using var stop = new CancellationTokenSource();
        // One client first: what the first of its kind costs is not the price of a thousand.
        var delays = new List<double>();
        var port = kind == "flagd" ? flagd : ofrep;
        var clients = new List<Task> { ListenAsync(kind, port, delays, stop.Token) };
        await ToldAsync(delays, 2);
        var before = host.ResidentMb();
        Console.Error.WriteLine($"flags, served: {Listeners} listeners by {kind}");
        clients.AddRange(Enumerable.Range(1, Listeners - 1).Select(_ => ListenAsync(kind, port, delays, stop.Token)));
        // What each is told at its beginning is old by nature: counted is what comes once all are there.
        await ToldAsync(delays, 3 * Listeners);
        lock (delays)
        {
            delays.Clear();
        }
        await ToldAsync(delays, Changes * Listeners);
        var more = Math.Round(host.ResidentMb() - before, 1);
        await stop.CancelAsync();
        await Task.WhenAll(clients).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        double[] sorted;
        lock (delays)
        {
            sorted = [.. delays.Order()];
        }
        var p99 = Math.Round(sorted[(int)(sorted.Length * 0.99)], 1);
        var row = new JsonObject
        {
            ["listeners"] = Listeners,
            ["by"] = kind,
            ["changes"] = Changes,
            ["p50_ms"] = Math.Round(sorted[sorted.Length / 2], 1),
            ["p99_ms"] = p99,
            ["more_memory_mb"] = more,
        };
        return (
            row,
            [
                new Goal($"a change reaches 1,000 clients, {kind}", "p99 below 1,000 ms", p99, p99 < GoalReachedMs),
                new Goal($"more memory for 1,000 clients, {kind}", "at most 50 MB", more, more <= GoalMoreMb),
            ]
        );
    }

    private static Task ListenAsync(string kind, int port, List<double> delays, CancellationToken stop) =>
        kind switch
        {
            "ofrep" => ListenToEventsAsync(
                port,
                "/ofrep/v1/events",
                data => JsonNode.Parse(data)!["etag"]!.GetValue<string>().Split('.')[0],
                delays,
                stop
            ),
            "teal-client" => ListenToEventsAsync(port, "/client/v1/flags", ShownAt, delays, stop),
            _ => ListenToSyncAsync(port, delays, stop),
        };

    private static async Task ListenToEventsAsync(
        int port,
        string path,
        Func<string, string> shownAt,
        List<double> delays,
        CancellationToken stop
    )
    {
        using var client = new HttpClient { BaseAddress = new Uri(Url(port)), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Add("X-API-Key", FlagHost.Key);
        using var lines = new StreamReader(await client.GetStreamAsync(path, stop));
        while (await lines.ReadLineAsync(stop) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Add(delays, shownAt(line["data: ".Length..]));
            }
        }
    }

    private static async Task ListenToSyncAsync(int port, List<double> delays, CancellationToken stop)
    {
        // A connection each, as a thousand programs have.
        using var channel = GrpcChannel.ForAddress(Url(port), new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler() });
        using var call = new FlagSyncService.FlagSyncServiceClient(channel).SyncFlags(new(), cancellationToken: stop);
        while (await call.ResponseStream.MoveNext(stop))
        {
            Add(delays, ShownAt(call.ResponseStream.Current.FlagConfiguration));
        }
    }

    /// <summary>Found, not parsed: a thousand clients share this process, and what they do is not what is measured.</summary>
    private static string ShownAt(string document)
    {
        const string mark = "\"shownAt\":\"";
        var from = document.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        return document[from..document.IndexOf('"', from)];
    }

    private static void Add(List<double> delays, string shownAt)
    {
        var delay = Stopwatch.GetElapsedTime(long.Parse(shownAt, CultureInfo.InvariantCulture)).TotalMilliseconds;
        lock (delays)
        {
            delays.Add(delay);
        }
    }

    private static async Task ToldAsync(List<double> delays, int times)
    {
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromMinutes(3))
        {
            lock (delays)
            {
                if (delays.Count >= times)
                {
                    return;
                }
            }
            await Task.Delay(20);
        }
        throw new TimeoutException($"the listeners were not told {times} times");
    }

    private static string WriteScript()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(
            file,
            $$$"""
            wrk.method = "POST"
            wrk.body = '{"context":{"targetingKey":"user-4711","plan":"gold","country":"CH"}}'
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer {{{FlagHost.Key}}}"
            """
        );
        return file;
    }

    private static string Url(int port) => $"http://127.0.0.1:{port}";
}
