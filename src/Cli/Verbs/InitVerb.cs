using System.CommandLine;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal init</c>: a commented manifest to begin with.</summary>
internal static class InitVerb
{
    private const string Examples = """
          teal init                        writes ./teal.yaml; looks at the folder for ASP.NET, Node or Python
          teal init -C deploy/teal.yaml    elsewhere; an existing file is kept unless --force
        """;

    public static Command In(VerbRunner verbs)
    {
        var force = new Option<bool>("--force", "-f") { Description = "Replace an existing manifest" };
        return verbs.Verb(
            "init",
            "Write a commented teal.yaml",
            Examples,
            [force],
            (desk, parsed, _) => Task.FromResult(Write(desk, parsed.GetValue(force)))
        );
    }

    private static ExitCode Write(Desk desk, bool isForced)
    {
        var path = desk.Settings.ConfigPath;
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            throw CliException.Usage("TEAL7013", $"There is no folder {desk.Shown(folder)}.");
        }
        var found = Project.In(new DirectoryInfo(folder));
        try
        {
            using var stream = new FileStream(path, isForced ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
            using var writer = new StreamWriter(stream);
            writer.Write(Template(found));
        }
        catch (IOException) when (File.Exists(path) && !isForced)
        {
            throw CliException.Usage(
                "TEAL7020",
                $"{desk.Shown(path)} exists and was kept.",
                null,
                "teal config validate",
                "teal init --force"
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage("TEAL7020", $"{desk.Shown(path)} cannot be written.", e.Message);
        }
        var done = new DoneView(
            1,
            $"Wrote {desk.Shown(path)} for {found.Kind}.",
            path,
            ["teal config validate", "teal server run", "teal deploy"]
        );
        desk.Show(done, CliJson.Default.DoneView, view => [new InkedLine(view.Done, Ink.Good), .. ReleaseText.Next(view.Next)]);
        return ExitCode.Done;
    }

    /// <summary>Public to its tests: what is written is a valid manifest.</summary>
    public static string Template(Project project) =>
        $$"""
            # yaml-language-server: $schema=./teal.schema.json
            # The schema comes from `teal config schema > teal.schema.json`; `teal config validate` checks this file.
            service: {{project.Name}}

            run:
              # The program and its arguments: a list, never a shell string. It runs in the released folder and listens on
              # $PORT (ASP.NET: ASPNETCORE_URLS).
              command: [{{string.Join(", ", project.Command)}}]
              instances: 1
              # env: { GREETING: hello, DATABASE_URL: "env:DATABASE_URL" }   # env: and file: are read at each start, never stored

            # Which requests are this service's.
            routes: [ { host: "*", path: / } ]

            # A GET that answers 2xx is healthy: `rise` of them in a row before a user comes, `fall` bad ones until one is left out.
            health: { path: /healthz, every: 1s, timeout: 2s, rise: 2, fall: 3, give_up_after: 60s }

            release:
              # Shares move from the old to the new version, each stage held and watched by the guard.
              steps: [ { share: 5%, hold: 1m }, { share: 25%, hold: 2m }, { share: 100% } ]
              # What keeps a client with one version.
              # cohort: { by: [ header:x-user-id, cookie:teal-cohort ] }
              drain: 30s
              # How long `teal rollback` is instant: the old version is kept running.
              keep_previous: 1h
              guard:
                - { metric: error_rate, max_increase: 0.5% }
                - { metric: latency_p99, max_ratio: 1.5 }
              on_breach: rollback

            """;
}
