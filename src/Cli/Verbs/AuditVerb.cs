using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal audit</c>: who did what, why and from where, straight from the journal.</summary>
internal static class AuditVerb
{
    private const string Examples = """
          teal audit                        who did what, why and from where
          teal audit --after 1200 -o json   the entries behind number 1200, with their hashes
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        var after = new Option<string>("--after") { HelpName = "NUMBER", Description = "Only entries behind this number (default 0)" };
        var limit = new Option<string>("--limit", "-n") { HelpName = "COUNT", Description = "How many, 1 to 1000 (default 1000)" };
        return verbs.Verb(
            "audit",
            "Who did what, why and from where",
            Examples,
            [service, after, limit],
            async (desk, parsed, stop) =>
            {
                var name = Api.Segment(desk.Service(parsed.GetValue(service)));
                var from = Number.Of(after, parsed, 0, 0, long.MaxValue);
                var count = Number.Of(limit, parsed, 1000, 1, 1000);
                var audit = await desk.Api.GetAsync(
                    $"api/v1/services/{name}/audit?after={from}&limit={count}",
                    WireJson.Default.AuditView,
                    stop
                );
                desk.Show(
                    audit,
                    WireJson.Default.AuditView,
                    view => view.Entries.SelectMany(entry => Text(entry, desk.Settings.IsVerbose))
                );
                return ExitCode.Done;
            }
        );
    }

    private static IEnumerable<InkedLine> Text(AuditEntryView entry, bool isVerbose)
    {
        var reason = entry.Reason is null ? "" : $": {entry.Reason}";
        yield return $"{entry.Sequence, 7}  {ReleaseText.Instant(entry.At)}  {entry.Kind}  by {entry.Actor} from {entry.From}{reason}";
        if (isVerbose)
        {
            yield return new InkedLine($"         {entry.Body}", Ink.Faint);
            yield return new InkedLine($"         {entry.Hash}", Ink.Faint);
        }
    }
}
