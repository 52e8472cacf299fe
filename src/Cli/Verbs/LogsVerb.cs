using System.CommandLine;
using System.Text.Json;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal logs</c>: what the instances printed.</summary>
internal static class LogsVerb
{
    private const string Examples = """
          teal logs                        the last 100 lines of every instance of the live version's slot and the other
          teal logs --slot green -n 500    only one slot
          teal logs -f | grep -i error     as they come

        Control characters in the output of the app are shown as escapes, never obeyed.
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        var slot = new Option<string>("--slot") { HelpName = "blue|green", Description = "Only this slot's instances" };
        slot.CompletionSources.Add("blue", "green");
        var lines = new Option<string>("--lines", "-n")
        {
            HelpName = "COUNT",
            Description = "How many of the last lines, 1 to 10000 (default 100)",
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with new lines as they come" };
        return verbs.Verb(
            "logs",
            "What the instances printed",
            Examples,
            [service, slot, lines, follow],
            (desk, parsed, stop) =>
            {
                var isFollowed = parsed.GetValue(follow);
                var query =
                    $"lines={Number.Of(lines, parsed, 100, 1, 10_000)}{Slot(parsed.GetValue(slot))}{(isFollowed ? "&follow=true" : "")}";
                return PrintAsync(desk, desk.Service(parsed.GetValue(service)), query, isFollowed, stop);
            }
        );
    }

    private static string Slot(string? slot) =>
        slot switch
        {
            null => "",
            "blue" or "green" => $"&slot={slot}",
            _ => throw GlobalOptions.Wrong("--slot", slot, "write blue or green"),
        };

    private static async Task<ExitCode> PrintAsync(Desk desk, string service, string query, bool isFollowed, CancellationToken stop)
    {
        if (isFollowed && desk.Settings.Format == OutputFormat.Json)
        {
            throw GlobalOptions.Wrong("--output", "json", "logs that are followed have no end: use ndjson");
        }
        using var response = await desk.Api.StreamAsync($"api/v1/services/{Api.Segment(service)}/logs?{query}", null, stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
        var lines = new List<LogLineView>();
        while (!desk.Screen.IsClosed && await reader.ReadLineAsync(stop) is { } line)
        {
            Print(desk, line, lines);
        }
        if (desk.Settings.Format == OutputFormat.Json)
        {
            desk.Screen.Raw(JsonText.Indented(new LogView(1, service, lines), CliJson.Default.LogView));
        }
        return ExitCode.Done;
    }

    private static void Print(Desk desk, string line, List<LogLineView> lines)
    {
        switch (desk.Settings.Format)
        {
            case OutputFormat.Text:
                desk.Screen.Line(line);
                break;
            case OutputFormat.Ndjson:
                desk.Screen.Raw(JsonSerializer.Serialize(Parted(line), CliJson.Default.LogLineView));
                break;
            default:
                lines.Add(Parted(line));
                break;
        }
    }

    private static LogLineView Parted(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? new LogLineView(line, "") : new LogLineView(line[..space], line[(space + 1)..]);
    }
}
