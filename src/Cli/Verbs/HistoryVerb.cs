using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal history</c>: the releases of a service, newest last.</summary>
internal static class HistoryVerb
{
    private const string Examples = """
          teal history                     the latest releases, how each ended and what users saw
          teal history --limit 1 -v        the timeline of the latest one
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        var limit = new Option<string>("--limit", "-n") { HelpName = "COUNT", Description = "How many, 1 to 100 (default 20)" };
        return verbs.Verb(
            "history",
            "The releases of the service and how they ended",
            Examples,
            [service, limit],
            (desk, parsed, stop) => ShowAsync(desk, desk.Service(parsed.GetValue(service)), Number.Of(limit, parsed, 20, 1, 100), stop)
        );
    }

    private static async Task<ExitCode> ShowAsync(Desk desk, string service, long limit, CancellationToken stop)
    {
        var history = await desk.Api.GetAsync(
            $"api/v1/services/{Api.Segment(service)}/history?limit={limit}",
            WireJson.Default.HistoryView,
            stop
        );
        desk.Show(history, WireJson.Default.HistoryView, view => Text(view, desk.Settings.IsVerbose));
        return ExitCode.Done;
    }

    private static IEnumerable<InkedLine> Text(HistoryView history, bool isVerbose)
    {
        if (history.Releases.Count == 0)
        {
            yield return $"{history.Service} has no releases yet.";
        }
        foreach (var release in history.Releases)
        {
            yield return new InkedLine(
                $"{ReleaseText.Instant(release.StartedAt)}  {release.Id}  {ReleaseText.Sentence(history.Service, release)}",
                release.Outcome is "done" or "running" ? Ink.None : Ink.Bad
            );
            if (release.Receipt is { } receipt)
            {
                yield return new InkedLine(
                    $"                      {ReceiptText.Sum(receipt)}{(ReceiptText.IsSound(receipt) ? "" : "  DOES NOT ADD UP")}",
                    Ink.Faint
                );
            }
            foreach (var step in isVerbose ? release.Steps : [])
            {
                yield return new InkedLine($"  {ReleaseText.Step(release.Id, step)}");
            }
        }
        foreach (var line in ReleaseText.Next(history.Next))
        {
            yield return line;
        }
    }
}
