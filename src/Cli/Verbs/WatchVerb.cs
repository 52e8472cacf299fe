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
        // The number is taken first: what happens between the two questions is then replayed, not missed.
        var after = await SequenceAsync(desk, stop);
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
        return await wait.ToEndAsync(ReleaseTarget.Of(running), status, after, stop);
    }

    /// <summary>The number of the newest event in the journal.</summary>
    public static async Task<long> SequenceAsync(Desk desk, CancellationToken stop) =>
        (await desk.Api.GetAsync("api/v1/server", WireJson.Default.ServerView, stop)).JournalSequence;

    /// <summary>The newest event, and the release as it is before a command changes it; one question beside the other.</summary>
    public static async Task<(long Sequence, ReleaseView? Release)> BeforeAsync(Desk desk, string service, CancellationToken stop)
    {
        var sequence = SequenceAsync(desk, stop);
        var release = ReleaseAsync(desk, service, stop);
        return (await sequence, await release);
    }

    private static async Task<ReleaseView?> ReleaseAsync(Desk desk, string service, CancellationToken stop)
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
