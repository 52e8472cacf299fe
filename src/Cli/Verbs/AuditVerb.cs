using System.CommandLine;
using System.Globalization;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Server.Journal;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal audit</c>: who did what, why and from where, straight from the journal; and the proof that it was not changed.</summary>
internal static class AuditVerb
{
    private const string Examples = """
          teal audit                                     the newest: who did what, why and from where
          teal audit --actor local --since 2h            what a person at this machine did in the last two hours
          teal audit --kind promote_requested            one kind of event
          teal audit --all                               of the whole server: tokens and every service
          teal audit --after 1200 -o json                the entries behind number 1200, with their hashes
        """;

    private const string VerifyExamples = """
          teal audit verify                     the journal of the server that runs
          teal audit verify teal-backup.db      a backup, or the journal of a server that does not run

        Every entry carries a hash over itself and the one before it. Exit 0: all are as they were written; 1: one is not, and which.
        Whoever notes the last hash elsewhere can show later that nothing before it was changed.
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        var all = new Option<bool>("--all") { Description = "Of the whole server, not of one service" };
        var after = new Option<string>("--after") { HelpName = "NUMBER", Description = "The entries behind this number, oldest first" };
        var limit = new Option<string>("--limit", "-n") { HelpName = "COUNT", Description = "How many, 1 to 1000 (default 100)" };
        var kind = new Option<string>("--kind") { HelpName = "KIND", Description = "Only this kind of event, as promote_requested" };
        var actor = new Option<string>("--actor") { HelpName = "WHO", Description = "Only what this one did: local, token:ID, teal" };
        var since = new Option<string>("--since")
        {
            HelpName = "WHEN",
            Description = "Only since then: 2h, 7d, or a time as 2026-01-31T12:00Z",
        };
        var command = verbs.Verb(
            "audit",
            "Who did what, why and from where",
            Examples,
            [service, all, after, limit, kind, actor, since],
            async (desk, parsed, stop) =>
            {
                var path = parsed.GetValue(all) ? "audit" : $"services/{Api.Segment(desk.Service(parsed.GetValue(service)))}/audit";
                var query = $"limit={Number.Of(limit, parsed, 100, 1, 1000)}";
                query += parsed.GetValue(after) is null ? "" : $"&after={Number.Of(after, parsed, 0, 0, long.MaxValue)}";
                query += parsed.GetValue(kind) is { } named ? $"&kind={Api.Segment(named)}" : "";
                query += parsed.GetValue(actor) is { } who ? $"&actor={Api.Segment(who)}" : "";
                query += parsed.GetValue(since) is { } when ? $"&since={Api.Segment(Instant(desk, when).ToString("O"))}" : "";
                var audit = await desk.Api.GetAsync($"api/v1/{path}?{query}", WireJson.Default.AuditView, stop);
                desk.Show(audit, WireJson.Default.AuditView, view => Text(view, parsed.GetValue(all), desk.Settings.IsVerbose));
                return ExitCode.Done;
            }
        );
        command.Add(Verify(verbs));
        return command;
    }

    private static Command Verify(VerbRunner verbs)
    {
        var file = new Argument<string?>("FILE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A backup or journal; the server's when it is left out",
        };
        return verbs.Verb(
            "verify",
            "Prove that no entry of the journal was changed",
            VerifyExamples,
            [file],
            async (desk, parsed, stop) =>
            {
                var check = parsed.GetValue(file) is { } path
                    ? CheckOf(desk, path)
                    : await desk.Api.GetAsync("api/v1/audit/verify", WireJson.Default.JournalCheckView, stop);
                desk.Show(check, WireJson.Default.JournalCheckView, view => Text(view, desk));
                return check.Ok ? ExitCode.Done : ExitCode.InternalError;
            }
        );
    }

    private static JournalCheckView CheckOf(Desk desk, string file)
    {
        var path = Path.GetFullPath(file, desk.Around.Directory);
        if (!File.Exists(path))
        {
            throw CliException.Usage("TEAL7023", $"There is no file {desk.Shown(path)}.", null, "teal audit verify");
        }
        try
        {
            return desk.Around.Seams.VerifyJournal(path);
        }
        catch (JournalException refused)
        {
            throw new CliException(ExitCode.InternalError, refused.Code, $"{desk.Shown(path)} could not be verified.", refused.Message)
            {
                Next = ["teal server restore FILE"],
            };
        }
    }

    private static DateTimeOffset Instant(Desk desk, string text) =>
        GlobalOptions.Length(text) is { } length ? desk.Around.Time.GetUtcNow() - length
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant
        : throw GlobalOptions.Wrong("--since", text, "write a duration with its unit, as 2h or 7d, or a time as 2026-01-31T12:00Z");

    private static IEnumerable<InkedLine> Text(AuditView view, bool isOfAll, bool isVerbose) =>
        view.Entries.Count == 0
            ? [new InkedLine("No such entries.", Ink.Faint)]
            : view.Entries.SelectMany(entry => Text(entry, isOfAll, isVerbose));

    private static IEnumerable<InkedLine> Text(AuditEntryView entry, bool isOfAll, bool isVerbose)
    {
        var reason = entry.Reason is null ? "" : $": {entry.Reason}";
        var service = isOfAll && entry.Service.Length > 0 ? $"{entry.Service}  " : "";
        yield return $"{entry.Sequence, 7}  {ReleaseText.Instant(entry.At)}  {service}{entry.Kind}  by {entry.Actor} from {entry.From}{reason}";
        if (isVerbose)
        {
            yield return new InkedLine($"         {entry.Body}", Ink.Faint);
            yield return new InkedLine($"         writer {entry.Fence}  {entry.Hash}", Ink.Faint);
        }
    }

    private static IEnumerable<InkedLine> Text(JournalCheckView view, Desk desk) =>
        view.Ok
            ?
            [
                new InkedLine($"{desk.Shown(view.Journal)}: all {view.Entries} entries are as they were written.", Ink.Good),
                $"  last hash      {view.Hash}",
            ]
            :
            [
                new InkedLine($"TEAL1105  {desk.Shown(view.Journal)} is not what was written: entry {view.FirstBadSequence}.", Ink.Bad),
                $"  {view.Why}",
                $"  good entries   {view.Entries}, the last with hash {view.Hash}",
                .. ReleaseText.Next(view.Next),
            ];
}
