using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Teal.Bench.Rig;

namespace Teal.Bench;

/// <summary>How many whole releases the simulated world gets through in a second on one core: the simulation itself, asked for many runs.</summary>
internal static partial class SimulationBench
{
    private const int Rounds = 3;
    private const double LeastPerSecond = 1000;

    public static async Task<BenchReport> RunAsync()
    {
        var rows = new List<JsonObject>();
        for (var round = 1; round <= Rounds; round++)
        {
            var seed = round.ToString(CultureInfo.InvariantCulture);
            var environment = new Dictionary<string, string> { ["TEAL_SEED"] = seed, ["TEAL_RUNS"] = "5000" };
            var program = Path.Combine(Machine.Root, "artifacts", "bin", "Simulation", "release", "Teal.Tests.Simulation");
            var took = Stopwatch.StartNew();
            var (code, output) = await Child.RunAsync(environment, "taskset", "-c", "0", program, "-noLogo", "-noColor", "-showLiveOutput");
            if (code != 0)
            {
                throw new InvalidOperationException($"the simulation with TEAL_SEED={seed} ended with {code}:\n{output}");
            }
            var speed = Speed().Matches(output).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            rows.Add(
                new JsonObject
                {
                    ["seed"] = round,
                    ["seconds"] = Math.Round(took.Elapsed.TotalSeconds, 1),
                    ["releases_per_second"] = speed.Select(value => (double?)value).Max(),
                }
            );
        }
        var rates = rows.Select(row => (double?)row["releases_per_second"]).OfType<double>().ToList();
        double? median = rates.Count == Rounds ? Machine.Median(rates) : null;
        return new BenchReport(
            "simulation",
            rows,
            [new Goal("releases per second on one core", "at least 1,000", median, median >= LeastPerSecond)]
        );
    }

    [GeneratedRegex("([0-9]+) releases/s")]
    private static partial Regex Speed();
}
