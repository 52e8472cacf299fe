using System.CommandLine;
using System.Net;
using Teal.Cli.Showing;
using Teal.Flags;
using Teal.Server;
using Teal.Server.Flags;
using Teal.Server.Flags.Files;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal server</c>: run it, copy its journal, bring a copy back.</summary>
internal static class ServerVerbs
{
    private const string DefaultListen = "http://*:8080";

    private const string RunExamples = """
          teal server run                                          users on :8080, the admin API on .teal/teal.sock
          teal server run --listen http://*:80                     another port; --listen may be repeated
          teal server run --listen http://*:80 --listen h2c://*:81  cleartext HTTP/2 too, as gRPC needs it
          teal server run --admin http://127.0.0.1:9900            the admin API on TCP too, with a token
          teal server run --flags http://127.0.0.1:8016            flags over OFREP for SDKs with a key
            --flags-origin https://shop.example                    … and for the pages of that site
          teal server run --flagd 127.0.0.1:8015                   flags for flagd's providers, on this machine
          teal server run --flags-file flags.yaml                  flags from a file, taken whenever it changes
          teal server run --flags-document staging=staging.json    a flagd document for an environment; may be repeated

        Runs in the foreground; SIGTERM ends it in order. The instances of the services go on and are found again by the next start.
        State is in TEAL_HOME (default ./.teal).
        """;

    private const string BackupExamples = """
          teal server backup teal-backup.db        while it runs; - writes to standard output
          teal server restore teal-backup.db       while it does not run
        """;

    public static Command In(VerbRunner verbs) =>
        VerbRunner.Noun("server", "Run the server, back it up, restore it", Run(verbs), Backup(verbs), Restore(verbs));

    private static Command Run(VerbRunner verbs)
    {
        var listen = new Option<string[]>("--listen")
        {
            HelpName = "URL",
            Description = $"Where users' requests come in (default {DefaultListen})",
        };
        var admin = new Option<string>("--admin") { HelpName = "URL", Description = "The admin API on TCP too, with a token" };
        var flags = new Option<string>("--flags") { HelpName = "URL", Description = "OFREP for SDKs and pages, with a key" };
        var origins = new Option<string[]>("--flags-origin") { HelpName = "ORIGIN", Description = "Pages that may read --flags" };
        var flagd = new Option<string>("--flagd") { HelpName = "ADDRESS", Description = "flagd's gRPC services, on loopback" };
        var file = new Option<string>("--flags-file") { HelpName = "FILE", Description = "A flags.yaml that the flags come from" };
        var documents = new Option<string[]>("--flags-document")
        {
            HelpName = "ENV=FILE",
            Description = "A flagd document that serves an environment",
        };
        var end = new Option<bool>("--end-instances") { Description = "Stop the services' instances with the server" };
        return verbs.Verb(
            "run",
            "Run the server in the foreground",
            RunExamples,
            [listen, admin, flags, origins, flagd, file, documents, end],
            (desk, parsed, stop) =>
                RunAsync(
                    desk,
                    new ServerOptions(
                        desk.Home,
                        parsed.GetValue(listen) is { Length: > 0 } said ? said : [DefaultListen],
                        parsed.GetValue(admin),
                        parsed.GetValue(end),
                        new FlagPortOptions(parsed.GetValue(flags), parsed.GetValue(origins) ?? [], parsed.GetValue(flagd)),
                        FlagFilesOf(parsed.GetValue(file), parsed.GetValue(documents) ?? [])
                    ),
                    stop
                )
        );
    }

    private static FlagFileOptions? FlagFilesOf(string? set, string[] documents)
    {
        var byEnvironment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var said in documents)
        {
            var parts = said.Split('=', 2);
            if (parts is not [var environment, { Length: > 0 } path] || !FlagNames.IsPlace(environment))
            {
                throw GlobalOptions.Wrong("--flags-document", said, "write an environment and a file, as staging=staging.json");
            }
            if (!byEnvironment.TryAdd(environment, path))
            {
                throw GlobalOptions.Wrong("--flags-document", said, $"{environment} has a file already");
            }
        }
        return set is null && byEnvironment.Count == 0 ? null : new FlagFileOptions(set, byEnvironment);
    }

    private static async Task<ExitCode> RunAsync(Desk desk, ServerOptions options, CancellationToken stop)
    {
        foreach (var url in options.Listen)
        {
            RequireUrl("--listen", url, ["http", "h2c"]);
        }
        if (options.Admin is { } admin)
        {
            RequireUrl("--admin", admin, ["http", "https"]);
        }
        // Read once, when the process makes its first socket: nothing before this line may touch one.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        await desk.Around.Seams.RunServer(options, desk.Around.Output, stop);
        return ExitCode.Done;
    }

    private static void RequireUrl(string option, string text, string[] schemes)
    {
        // BindingAddress-style hosts (*, +) are no URI hosts.
        var probe = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        var isUrl =
            Uri.TryCreate(probe, UriKind.Absolute, out var url)
            && schemes.Contains(url.Scheme, StringComparer.Ordinal)
            && url is { AbsolutePath: "/" or "", Query: "", Fragment: "", UserInfo: "" };
        if (!isUrl)
        {
            throw GlobalOptions.Wrong(option, text, "write a URL with a port, as http://*:8080 or http://127.0.0.1:9900");
        }
    }

    private static Command Backup(VerbRunner verbs)
    {
        var file = new Argument<string>("FILE") { Description = "Where to; - is standard output" };
        var force = new Option<bool>("--force", "-f") { Description = "Replace FILE when it exists" };
        return verbs.Verb(
            "backup",
            "Copy the journal while the server runs",
            BackupExamples,
            [file, force],
            (desk, parsed, stop) => BackupAsync(desk, parsed.GetRequiredValue(file), parsed.GetValue(force), stop)
        );
    }

    private static async Task<ExitCode> BackupAsync(Desk desk, string file, bool isForced, CancellationToken stop)
    {
        if (file == "-")
        {
            using var piped = await desk.Api.StreamAsync("api/v1/server/backup", null, stop);
            await using var standard = Console.OpenStandardOutput();
            await piped.Content.CopyToAsync(standard, stop);
            return ExitCode.Done;
        }
        var path = Path.GetFullPath(file, desk.Around.Directory);
        if (File.Exists(path) && !isForced)
        {
            throw CliException.Usage(
                "TEAL7020",
                $"{desk.Shown(path)} exists.",
                "A backup does not replace a file unasked.",
                "teal server backup --force " + file
            );
        }
        var bytes = await WriteAsync(desk, path, stop);
        var done = new DoneView(1, $"Backup of {StatusText.Bytes(bytes)} in {desk.Shown(path)}.", path, [$"teal server restore {file}"]);
        desk.Show(done, CliJson.Default.DoneView, view => [new InkedLine(view.Done, Ink.Good), .. ReleaseText.Next(view.Next)]);
        return ExitCode.Done;
    }

    /// <summary>Under a name of its own first: a backup that broke off never looks like one.</summary>
    private static async Task<long> WriteAsync(Desk desk, string path, CancellationToken stop)
    {
        var part = path + ".part";
        try
        {
            using var response = await desk.Api.StreamAsync("api/v1/server/backup", null, stop);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            await using (var stream = new FileStream(part, options))
            {
                await response.Content.CopyToAsync(stream, stop);
                stream.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
            return new FileInfo(path).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            throw new CliException(ExitCode.InternalError, "TEAL7024", $"The backup could not be written to {desk.Shown(path)}.", e.Message)
            {
                Next = ["teal doctor"],
            };
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static Command Restore(VerbRunner verbs)
    {
        var file = new Argument<string>("FILE") { Description = "A backup" };
        return verbs.Verb(
            "restore",
            "Bring a backup back, while the server does not run",
            BackupExamples,
            [file],
            (desk, parsed, stop) => RestoreAsync(desk, parsed.GetRequiredValue(file), stop)
        );
    }

    private static async Task<ExitCode> RestoreAsync(Desk desk, string file, CancellationToken stop)
    {
        var path = Path.GetFullPath(file, desk.Around.Directory);
        if (!File.Exists(path))
        {
            throw CliException.Usage("TEAL7023", $"There is no file {desk.Shown(path)}.", null, "teal server backup FILE");
        }
        if (await IsRunningAsync(desk, stop))
        {
            throw new CliException(
                ExitCode.Conflict,
                "TEAL7025",
                "The server runs; nothing was restored.",
                "A journal cannot be exchanged under its writer."
            )
            {
                Next = ["stop the server, then the same command"],
            };
        }
        if (Directory.Exists(desk.Home) && !desk.Confirm($"Replace the journal in {desk.Shown(desk.Home)}?"))
        {
            throw new CliException(ExitCode.NeedsPerson, "TEAL7018", "Not restored: the answer was no.");
        }
        desk.Around.Seams.RestoreJournal(path, desk.Home);
        var done = new DoneView(1, $"Restored {desk.Shown(path)} into {desk.Shown(desk.Home)}.", desk.Home, ["teal server run"]);
        desk.Show(done, CliJson.Default.DoneView, view => [new InkedLine(view.Done, Ink.Good), .. ReleaseText.Next(view.Next)]);
        return ExitCode.Done;
    }

    private static async Task<bool> IsRunningAsync(Desk desk, CancellationToken stop)
    {
        try
        {
            await desk.Api.GetAsync("api/v1/server", WireJson.Default.ServerView, stop);
            return true;
        }
        catch (CliException failure) when (failure.Code == "TEAL7005")
        {
            return false;
        }
    }
}
