using System.Globalization;
using System.Text.RegularExpressions;

namespace Teal.Bench.Rig;

/// <param name="Errors">Socket errors and answers that were not 2xx or 3xx.</param>
internal sealed record WrkResult(double RequestsPerSecond, double P99Ms, long Errors);

internal static partial class Wrk
{
    /// <summary>Like a client who was here before: the cookie is what a cohort is decided by, and every proxy gets it.</summary>
    private const string Cookie = "Cookie: teal-cohort=4f1c9a2b7d";

    /// <param name="script">A Lua file that says what a request is; null: a plain GET.</param>
    public static async Task<WrkResult> RunAsync(int? core, int connections, double seconds, string url, string? script = null)
    {
        string[] how = script is null ? ["-H", Cookie] : ["-s", script];
        string[] wrk = ["wrk", "-t1", $"-c{connections}", $"-d{seconds:0}s", "--latency", .. how, url];
        var (code, output) = await Child.RunAsync(null, core is { } bound ? ["taskset", "-c", $"{bound}", .. wrk] : wrk);
        if (code != 0)
        {
            throw new InvalidOperationException($"wrk ended with {code}: {output}");
        }
        var bad = NotGood().Match(output) is { Success: true } match ? long.Parse(match.Groups[1].Value) : 0;
        var broken = Sockets().Match(output) is { Success: true } errors
            ? Enumerable.Range(1, 4).Sum(group => long.Parse(errors.Groups[group].Value))
            : 0;
        return new WrkResult(
            double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            Latency(output),
            bad + broken
        );
    }

    private static double Latency(string output)
    {
        var match = Percentile().Match(output);
        var value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "us" => value / 1000,
            "s" => value * 1000,
            _ => value,
        };
    }

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex Percentile();

    [GeneratedRegex("Non-2xx or 3xx responses: ([0-9]+)")]
    private static partial Regex NotGood();

    [GeneratedRegex("Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)")]
    private static partial Regex Sockets();
}
