using System.Text.Json;
using System.Text.Json.Nodes;

namespace Teal.Bench;

/// <param name="Goal">What is asked, in words with its unit.</param>
/// <param name="Measured">In the same unit; null when it could not be measured, and then it is not met.</param>
internal sealed record Goal(string Name, string Text, double? Measured, bool IsMet);

/// <summary>What a benchmark found: for people on the terminal, for scripts in <c>artifacts/bench/NAME.json</c>.</summary>
internal sealed record BenchReport(string Name, IReadOnlyList<JsonObject> Rows, IReadOnlyList<Goal> Goals)
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    public void Print()
    {
        Console.WriteLine();
        Table(Rows);
        foreach (var goal in Goals)
        {
            Console.WriteLine(
                $"{(goal.IsMet ? "met    " : "NOT MET")} {goal.Name}: {goal.Measured?.ToString() ?? "not measured"} (goal: {goal.Text})"
            );
        }
    }

    public void Write()
    {
        var goals = Goals.Select(goal => new JsonObject
        {
            ["name"] = goal.Name,
            ["goal"] = goal.Text,
            ["measured"] = goal.Measured,
            ["met"] = goal.IsMet,
        });
        var json = new JsonObject
        {
            ["name"] = Name,
            ["machine"] = Rig.Machine.Describe(),
            ["rows"] = new JsonArray([.. Rows]),
            ["goals"] = new JsonArray([.. goals]),
        };
        var folder = Path.Combine(Rig.Machine.Root, "artifacts", "bench");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{Name}.json");
        File.WriteAllText(file, json.ToJsonString(_indented) + "\n");
        Console.WriteLine($"written to artifacts/bench/{Name}.json");
    }

    private static void Table(IReadOnlyList<JsonObject> rows)
    {
        foreach (var kind in rows.GroupBy(row => string.Join(' ', row.Select(pair => pair.Key))))
        {
            var columns = kind.First().Select(pair => pair.Key).ToList();
            var lines = kind.Select(row => columns.Select(column => row[column]?.ToString() ?? "-").ToList()).Prepend(columns).ToList();
            var widths = Enumerable.Range(0, columns.Count).Select(column => lines.Max(line => line[column].Length)).ToList();
            foreach (var line in lines)
            {
                Console.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadLeft(widths[column]))));
            }
            Console.WriteLine();
        }
    }
}
