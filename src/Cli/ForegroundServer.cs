using Microsoft.Extensions.Logging;
using Teal.Server;
using Teal.Wire;

namespace Teal.Cli;

/// <summary>The server in the foreground of a terminal or a service manager: says when it is ready and what it leaves behind.</summary>
internal static class ForegroundServer
{
    /// <exception cref="CliException">It could not start: the journal, a port, the state folder.</exception>
    public static async Task RunAsync(ServerOptions options, TextWriter output, CancellationToken stop)
    {
        using var logs = LoggerFactory.Create(logging =>
            logging
                .SetMinimumLevel(LogLevel.Warning)
                .AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                    console.UseUtcTimestamp = true;
                })
        );
        var server = await StartAsync(options, logs, stop);
        await using (server)
        {
            foreach (var line in Greeting(server, options))
            {
                await output.WriteLineAsync(line);
            }
            await output.FlushAsync(CancellationToken.None);
            await Stopped(stop);
            var left = options.EndInstances ? 0 : server.RunningInstances;
            await output.WriteLineAsync(
                left == 0
                    ? "teal stops."
                    : $"teal stops. {(left == 1 ? "One instance goes" : $"{left} instances go")} on running, to be found again by the next `teal server run`; with --end-instances they end too."
            );
            await output.FlushAsync(CancellationToken.None);
        }
    }

    private static async Task<TealServer> StartAsync(ServerOptions options, ILoggerFactory logs, CancellationToken stop)
    {
        try
        {
            return await TealServer.StartAsync(options, TimeProvider.System, logs, stop);
        }
        catch (IOException e)
        {
            throw new CliException(ExitCode.Usage, "TEAL7030", "The server could not listen.", e.Message) { Next = ["teal doctor"] };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CliException(ExitCode.Usage, "TEAL7031", "The server's addresses are wrong.", e.Message)
            {
                Next = ["teal server run --help"],
            };
        }
        catch (Exception e) when (CodeOf(e) is { } code)
        {
            throw new CliException(ExitCode.InternalError, code, "The server did not start.", e.Message) { Next = ["teal doctor"] };
        }
    }

    private static string? CodeOf(Exception e) =>
        e switch
        {
            Server.Journal.JournalException journal => journal.Code,
            StateFolderException folder => folder.Code,
            Server.Versions.VersionStoreException store => store.Code,
            _ => null,
        };

    private static IEnumerable<string> Greeting(TealServer server, ServerOptions options)
    {
        var facts = server.Facts.View();
        yield return $"teal {facts.Teal} is ready (pid {facts.Pid}).";
        yield return $"  users   {string.Join("  ", facts.Listen)}";
        yield return $"  admin   unix:{Path.Combine(facts.Home, "teal.sock")}{(options.Admin is { } admin ? $"  {admin}" : "")}";
        if (server.FlagAddresses is { Count: > 0 } flags)
        {
            yield return $"  flags   {string.Join("  ", flags.Select(address => address.ToString().TrimEnd('/')))}";
        }
        foreach (var warning in server.Warnings)
        {
            yield return $"  warning {warning}";
        }
        if (server.FirstToken is { } token)
        {
            yield return $"  token   {token}   (administrator; shown this once: TEAL_TOKEN)";
        }
    }

    private static async Task Stopped(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        await stopped.Task;
    }
}
