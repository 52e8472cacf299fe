using System.CommandLine;
using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal watch</c>: the running release to its end, as deploy shows it.</summary>
internal static class WatchVerb
{
    private const string Examples = """
          teal watch                     follow the running release to its end
          teal watch -o ndjson           its events, one JSON object a line

        The exit code is the release's, as of `teal deploy`; 0 when none runs. Ctrl-C only leaves.
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            "watch",
            "Follow the running release to its end",
            Examples,
            [service],
            (desk, parsed, stop) => WatchAsync(desk, desk.Service(parsed.GetValue(service)), stop)
        );
    }

    private static async Task<ExitCode> WatchAsync(Desk desk, string service, CancellationToken stop)
    {
        var status = await StatusVerb.OfAsync(desk, service, stop);
        if (status.Release is not { Outcome: "running" } running)
        {
            desk.Show(
                status,
                WireJson.Default.StatusView,
                view => [new InkedLine($"No release of {service} runs."), .. StatusText.Of(view)]
            );
            return ExitCode.Done;
        }
        var wait = new ReleaseWait(desk, ended => ReleaseEnding.ExitOf(ended.Outcome, ended.TrafficMoved));
        return await wait.ToEndAsync(ReleaseTarget.Of(running), status, stop);
    }

    /// <summary>The release as it is before a command changes it; null when there is none.</summary>
    public static async Task<ReleaseView?> ReleaseAsync(Desk desk, string service, CancellationToken stop)
    {
        try
        {
            return (await StatusVerb.OfAsync(desk, service, stop)).Release;
        }
        catch (CliException)
        {
            // Whatever is wrong, the command itself is about to say it.
            return null;
        }
    }
}
