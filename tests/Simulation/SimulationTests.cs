using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Teal.Releases;

namespace Teal.Tests.Simulation;

/// <summary>Seeded runs. <c>TEAL_SEED</c> and <c>TEAL_RUNS</c> choose them; a failure prints how to repeat it.</summary>
public sealed class SimulationTests
{
    private const int UsualSeed = 1;
    private const int UsualRuns = 800;

    private static int Chosen(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var chosen)
            ? chosen
            : usual;

    [Fact]
    public void Whatever_goes_wrong_no_invariant_breaks()
    {
        var (seed, runs) = (Chosen("TEAL_SEED", UsualSeed), Chosen("TEAL_RUNS", UsualRuns));
        var started = Stopwatch.GetTimestamp();
        var results = new List<SimulationResult>(runs);
        for (var run = 0; run < runs; run++)
        {
            var result = SimulationRun.Run(unchecked(seed + run));
            Assert.True(result.Violations.Count == 0, Story(result));
            results.Add(result);
        }
        Print(results, Stopwatch.GetElapsedTime(started));
    }

    [Fact]
    public void A_run_is_a_function_of_its_seed()
    {
        var seed = Chosen("TEAL_SEED", UsualSeed);
        for (var run = 0; run < 20; run++)
        {
            Assert.Equal(SimulationRun.Run(seed + run).Digest, SimulationRun.Run(seed + run).Digest);
        }
    }

    private static string Story(SimulationResult result) =>
        $"seed {result.Seed}: {string.Join("; ", result.Violations)}\nrepeat it with: ./test simulate --seed {result.Seed} --runs 1";

    private static void Print(List<SimulationResult> results, TimeSpan took)
    {
        var releases = results.Sum(result => result.Releases);
        var outcomes = results.SelectMany(result => result.Outcomes).GroupBy(pair => pair.Key, pair => pair.Value);
        var rollouts = results.SelectMany(result => result.Rollouts).GroupBy(pair => pair.Key, pair => pair.Value);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{results.Count} runs from seed {results[0].Seed}: {releases} releases, {results.Sum(result => result.Entries)} entries, "
                + $"{results.Sum(result => result.Crashes)} crashes, {results.Sum(result => result.Requests)} requests, "
                + $"{releases / took.TotalSeconds:F0} releases/s; "
                + $"digest {Digest(results)}; "
                + string.Join(", ", outcomes.OrderBy(group => group.Key).Select(group => $"{group.Key} {group.Sum()}"))
                + "; rollouts: "
                + string.Join(", ", rollouts.OrderBy(group => group.Key).Select(group => $"{group.Key} {group.Sum()}"))
        );
    }

    private static string Digest(List<SimulationResult> results) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', results.Select(result => result.Digest)))))[..16];
}
