using System.CommandLine;
using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal promote</c>: skip the remaining stages.</summary>
internal static class PromoteVerb
{
    private const string Examples = """
          teal promote                                  skip the remaining stages, when the guard allows
          teal promote --force --reason "known noise"   overrule the guard; kept in the audit trail

        Waits for the end of the release, unless --detach. A promote that the guard refuses ends with exit code 8.
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        var force = new Option<bool>("--force", "-f") { Description = "Overrule the guard, and say so in the record" };
        return verbs.Verb(
            "promote",
            "Give the new version all the traffic now",
            Examples,
            [service, force],
            (desk, parsed, stop) => PromoteAsync(desk, desk.Service(parsed.GetValue(service)), parsed.GetValue(force), stop)
        );
    }

    private static async Task<ExitCode> PromoteAsync(Desk desk, string service, bool isForced, CancellationToken stop)
    {
        var known = await WatchVerb.ReleaseAsync(desk, service, stop);
        var status = await ReleaseCommand.SendAsync(desk, service, "promote", desk.Command(isForced), stop);
        if (desk.Settings.Detach || status.Release is null)
        {
            desk.Show(status, WireJson.Default.StatusView, StatusText.Of);
            return ExitCode.Done;
        }
        var wait = new ReleaseWait(desk, ended => ReleaseEnding.ExitOf(ended.Outcome, ended.TrafficMoved)) { Known = known };
        return await wait.ToEndAsync(ReleaseTarget.Of(status.Release), status, stop);
    }
}
