using System.CommandLine;
using Teal.Cli.Showing;
using Teal.Flags;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal flag</c>: look at flags and change them.</summary>
internal static class FlagVerbs
{
    private const string ListExamples = """
          teal flag list                     every flag of the server's default environment
          teal flag list -e staging
        """;

    private const string CreateExamples = """
          teal flag create checkout --owner shop                     on and off, off for everybody
          teal flag create banner --owner web --variants 'red="#f00",blue="#00f"' --off blue
          teal flag create new-search --kind experiment --owner search --expires 2027-03-01
        """;

    private const string SetExamples = """
          teal flag set checkout on -e staging            one variant for everybody
          teal flag set checkout on --share 25%           a share of the users; who is in stays in while it grows
          teal flag set checkout off --reason "ticket 17"
        """;

    private const string KillExamples = """
          teal flag kill checkout                         off in every environment; waits until connected clients have it
          teal flag kill checkout -e production
          teal flag revive checkout -e production         as it was before
        """;

    private const string DiffExamples = """
          teal flag diff staging production               what they serve differently
          teal flag diff staging production --promote     production serves what staging serves
        """;

    private const string EvalExamples = """
          teal flag eval checkout --context '{"targetingKey": "u1", "country": "DE"}'
        """;

    public static Command In(VerbRunner verbs) =>
        VerbRunner.Noun(
            "flag",
            "Flags and who gets which variant",
            verbs.Verb("list", "Every flag, in a line each", ListExamples, [], ListAsync),
            WithFlag(verbs, "show", "One flag, whole", "  teal flag show checkout", ShowAsync),
            Create(verbs),
            Set(verbs),
            FlagRolloutVerbs.In(verbs),
            WithFlag(verbs, "kill", "Off for everybody, now", KillExamples, KillAsync),
            WithFlag(verbs, "revive", "On again, as it was before", KillExamples, ReviveAsync),
            WithFlag(
                verbs,
                "archive",
                "Out of every document; the code must not ask for it any more",
                "  teal flag archive checkout",
                ArchiveAsync
            ),
            Diff(verbs),
            Eval(verbs),
            verbs.Verb("stale", "Flags to take out of the code, and why", "  teal flag stale", [], StaleAsync),
            verbs.Verb("clients", "Who is connected, and has the newest flags", "  teal flag clients", [], ClientsAsync),
            FlagFileVerbs.Import(verbs),
            FlagFileVerbs.Export(verbs)
        );

    /// <summary>Sends changes, all or none, and shows what is different.</summary>
    internal static async Task<ExitCode> ChangeAsync(Desk desk, IReadOnlyList<FlagChange> changes, bool isDry, CancellationToken stop)
    {
        var answer = await desk.Api.SendAsync(
            HttpMethod.Post,
            "api/v1/flags/changes",
            new FlagChangesRequest(changes, isDry, desk.Settings.Reason),
            FlagJson.Default.FlagChangesRequest,
            WireJson.Default.FlagsChangedView,
            stop
        );
        desk.Show(answer, WireJson.Default.FlagsChangedView, FlagText.Changed);
        return ExitCode.Done;
    }

    /// <summary>The environment that was asked for, or the server's default; with its flags.</summary>
    internal static Task<FlagsView> FlagsAsync(Desk desk, CancellationToken stop) =>
        desk.Api.GetAsync(
            desk.Settings.Environment is { } environment ? $"api/v1/flags?environment={Uri.EscapeDataString(environment)}" : "api/v1/flags",
            WireJson.Default.FlagsView,
            stop
        );

    private static Command WithFlag(
        VerbRunner verbs,
        string verb,
        string sentence,
        string examples,
        Func<Desk, string, CancellationToken, Task<ExitCode>> act
    )
    {
        var flag = new Argument<string>("FLAG") { Description = "The flag" };
        return verbs.Verb(verb, sentence, examples, [flag], (desk, parsed, stop) => act(desk, parsed.GetRequiredValue(flag), stop));
    }

    private static async Task<ExitCode> ListAsync(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        desk.Show(await FlagsAsync(desk, stop), WireJson.Default.FlagsView, FlagText.List);
        return ExitCode.Done;
    }

    private static async Task<ExitCode> ShowAsync(Desk desk, string flag, CancellationToken stop)
    {
        var (view, line) = await FindAsync(desk, flag, stop);
        desk.Show(view with { Flags = [line] }, WireJson.Default.FlagsView, FlagText.Whole);
        return ExitCode.Done;
    }

    private static Command Create(VerbRunner verbs)
    {
        var flag = new Argument<string>("FLAG") { Description = "Its key, as the code asks for it" };
        var owner = new Option<string>("--owner")
        {
            HelpName = "NAME",
            Description = "The team or person to ask about it",
            Required = true,
        };
        var kind = new Option<string>("--kind")
        {
            HelpName = "KIND",
            Description = "release, experiment, operational, permission or kill-switch (default release)",
            DefaultValueFactory = _ => "release",
        };
        var variants = new Option<string?>("--variants")
        {
            HelpName = "NAME=JSON,…",
            Description = "What it can serve (default on=true,off=false)",
        };
        var off = new Option<string?>("--off") { HelpName = "VARIANT", Description = "Served while it is off (default: the last variant)" };
        var expires = new Option<string?>("--expires") { HelpName = "DATE", Description = "When it should be gone, as 2027-03-01" };
        var description = new Option<string?>("--description") { HelpName = "TEXT", Description = "What it is for" };
        return verbs.Verb(
            "create",
            "Define a flag; everybody gets its off variant",
            CreateExamples,
            [flag, owner, kind, variants, off, expires, description],
            async (desk, parsed, stop) =>
            {
                var set = await FlagsAsync(desk, stop);
                var made = NewFlag.Of(
                    parsed.GetRequiredValue(flag),
                    parsed.GetRequiredValue(owner),
                    parsed.GetRequiredValue(kind),
                    parsed.GetValue(variants),
                    parsed.GetValue(off),
                    parsed.GetValue(expires),
                    parsed.GetValue(description),
                    set.Environments,
                    desk.Around.Time.GetUtcNow()
                );
                return await ChangeAsync(desk, [new FlagChange.CreateFlag(made)], isDry: false, stop);
            }
        );
    }

    private static Command Set(VerbRunner verbs)
    {
        var flag = new Argument<string>("FLAG") { Description = "The flag" };
        var variant = new Argument<string>("VARIANT") { Description = "What is served behind the rules" };
        var share = new Option<string?>("--share") { HelpName = "SHARE", Description = "To this share of users, as 25% (default: to all)" };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would change, and change nothing" };
        return verbs.Verb(
            "set",
            "Serve a variant to everybody, or to a share",
            SetExamples,
            [flag, variant, share, dry],
            async (desk, parsed, stop) =>
            {
                var (view, line) = await FindAsync(desk, parsed.GetRequiredValue(flag), stop);
                var to = parsed.GetRequiredValue(variant);
                FlagChange change =
                    parsed.GetValue(share) is not { } text
                        ? new FlagChange.SetOtherwise(line.Key, view.Environment, new Serve.One(to), line.FlagVersion)
                    : Share.TryParse(text, out var part)
                        ? new FlagChange.SetShare(line.Key, view.Environment, to, part, null, line.FlagVersion)
                    : throw GlobalOptions.Wrong("--share", text, "write a share with its unit, as 25% or 0.5%");
                return await ChangeAsync(desk, [change], parsed.GetValue(dry), stop);
            }
        );
    }

    private static async Task<ExitCode> KillAsync(Desk desk, string flag, CancellationToken stop)
    {
        IReadOnlyList<string>? environments = desk.Settings.Environment is { } environment ? [environment] : null;
        var killed = await desk.Api.SendAsync(
            HttpMethod.Post,
            $"api/v1/flags/{Asking.Api.Segment(flag)}/kill",
            new FlagKillRequest(environments, Reason: desk.Settings.Reason),
            WireJson.Default.FlagKillRequest,
            WireJson.Default.FlagKilledView,
            stop
        );
        desk.Show(killed, WireJson.Default.FlagKilledView, FlagText.Killed);
        // It is off in the server; that somebody was not heard of is for a person to look at.
        return killed.Missing.Count == 0 ? ExitCode.Done : ExitCode.NeedsPerson;
    }

    private static async Task<ExitCode> ReviveAsync(Desk desk, string flag, CancellationToken stop)
    {
        var view = await FlagsAsync(desk, stop);
        // A flag of a document need not be among the written ones.
        var on = view.Document is not null
            ? new FlagChange.EnableFlag(flag, view.Environment, IsEnabled: true, null)
            : new FlagChange.EnableFlag(flag, view.Environment, IsEnabled: true, Find(view, flag).FlagVersion);
        return await ChangeAsync(desk, [on], isDry: false, stop);
    }

    private static async Task<ExitCode> ArchiveAsync(Desk desk, string flag, CancellationToken stop)
    {
        var (_, line) = await FindAsync(desk, flag, stop);
        return await ChangeAsync(desk, [new FlagChange.ArchiveFlag(line.Key, IsArchived: true, line.FlagVersion)], isDry: false, stop);
    }

    private static Command Diff(VerbRunner verbs)
    {
        var from = new Argument<string>("FROM") { Description = "An environment" };
        var to = new Argument<string>("TO") { Description = "Another one" };
        var promote = new Option<bool>("--promote") { Description = "Make TO serve what FROM serves; schedules stay where they are" };
        return verbs.Verb(
            "diff",
            "What two environments serve differently",
            DiffExamples,
            [from, to, promote],
            async (desk, parsed, stop) =>
            {
                var (first, second) = (parsed.GetRequiredValue(from), parsed.GetRequiredValue(to));
                var path = $"api/v1/flags/diff?from={Uri.EscapeDataString(first)}&to={Uri.EscapeDataString(second)}";
                var diff = await desk.Api.GetAsync(path, WireJson.Default.FlagDiffView, stop);
                if (parsed.GetValue(promote))
                {
                    return await ChangeAsync(desk, [new FlagChange.Promote(first, second, null, diff.SetVersion)], isDry: false, stop);
                }
                desk.Show(diff, WireJson.Default.FlagDiffView, FlagText.Diff);
                return ExitCode.Done;
            }
        );
    }

    private static Command Eval(VerbRunner verbs)
    {
        var flag = new Argument<string>("FLAG") { Description = "The flag" };
        var context = new Option<string>("--context")
        {
            HelpName = "JSON",
            Description = "Who asks, as an SDK says it (default {})",
            DefaultValueFactory = _ => "{}",
        };
        return verbs.Verb(
            "eval",
            "What somebody gets, and why",
            EvalExamples,
            [flag, context],
            async (desk, parsed, stop) =>
            {
                var json = FlagFileVerbs.Json(parsed.GetRequiredValue(context));
                var answer = await desk.Api.SendAsync(
                    HttpMethod.Post,
                    "api/v1/flags/eval",
                    new FlagEvalRequest(parsed.GetRequiredValue(flag), json, desk.Settings.Environment),
                    WireJson.Default.FlagEvalRequest,
                    WireJson.Default.FlagEvalView,
                    stop
                );
                desk.Show(answer, WireJson.Default.FlagEvalView, FlagText.Eval);
                return ExitCode.Done;
            }
        );
    }

    private static async Task<ExitCode> StaleAsync(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        var view = await FlagsAsync(desk, stop);
        desk.Show(view with { Flags = [.. view.Flags.Where(flag => flag.Stage == "stale")] }, WireJson.Default.FlagsView, FlagText.Stale);
        return ExitCode.Done;
    }

    private static async Task<ExitCode> ClientsAsync(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        var clients = await desk.Api.GetAsync("api/v1/flags/clients", WireJson.Default.FlagClientsView, stop);
        desk.Show(clients, WireJson.Default.FlagClientsView, view => FlagText.Clients(view.Clients).Concat(FlagText.Reports(view.Reports)));
        return ExitCode.Done;
    }

    /// <exception cref="CliException">There is no such flag.</exception>
    private static async Task<(FlagsView View, FlagLineView Line)> FindAsync(Desk desk, string flag, CancellationToken stop)
    {
        var view = await FlagsAsync(desk, stop);
        return (view, Find(view, flag));
    }

    private static FlagLineView Find(FlagsView view, string flag) =>
        view.Flags.FirstOrDefault(line => line.Key == flag)
        ?? throw CliException.Usage(
            "TEAL9330",
            $"There is no flag {Wording.Quote(flag)}.",
            Wording.Nearest(flag, view.Flags.Select(line => line.Key)) is { } meant ? $"Did you mean {meant}?" : null,
            "teal flag list"
        );
}
