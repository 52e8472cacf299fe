using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary>What rollback and abort share: ask, wait until the old version has everything, say how long traffic took.</summary>
internal static class GoingBack
{
    public static async Task<ExitCode> RunAsync(Desk desk, string service, string word, CommandRequest command, CancellationToken stop)
    {
        var known = await WatchVerb.ReleaseAsync(desk, service, stop);
        var clock = new TrafficClock(desk.Around.Time);
        var status = await ReleaseCommand.SendAsync(desk, service, word, command, stop);
        if (desk.Settings.Detach || status.Release is null)
        {
            desk.Show(status, WireJson.Default.StatusView, StatusText.Of);
            return ExitCode.Done;
        }
        var wait = new ReleaseWait(desk, ended => ReleaseEnding.ExitOfGoingBack(ended.Outcome))
        {
            Around = clock.Over,
            Known = known,
            Afterwards = () => Took(clock),
        };
        return await wait.ToEndAsync(ReleaseTarget.Of(status.Release), status, stop);
    }

    private static IEnumerable<InkedLine> Took(TrafficClock clock) =>
        clock.Took is { } took ? [new InkedLine($"  traffic        was back {Elapsed.Text(took)} after the command")] : [];
}
