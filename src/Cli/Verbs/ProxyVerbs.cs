using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal proxy</c>: where requests go, and the gate in front of a service.</summary>
internal static class ProxyVerbs
{
    private const string RoutesExamples = """
          teal proxy routes              host and path of every route, and where its requests go now
        """;

    private const string HoldExamples = """
          teal proxy hold --reason "moving the database"   requests wait, within the manifest's limits
          teal proxy release                               they go on, none lost
        """;

    private const string MaintenanceExamples = """
          teal proxy maintenance         every request is answered 503 with Retry-After
          teal proxy release             back to normal
        """;

    public static Command In(VerbRunner verbs) =>
        VerbRunner.Noun(
            "proxy",
            "Routes, and the gate in front of a service",
            verbs.Verb("routes", "Where requests go now", RoutesExamples, [], RoutesAsync),
            Gate(verbs, "hold", "Let requests wait", HoldExamples, "held"),
            Gate(verbs, "release", "Open the gate again", HoldExamples, "open"),
            Gate(verbs, "maintenance", "Answer 503 with Retry-After", MaintenanceExamples, "maintenance")
        );

    private static Command Gate(VerbRunner verbs, string name, string sentence, string examples, string gate)
    {
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            name,
            sentence,
            examples,
            [service],
            async (desk, parsed, stop) =>
            {
                var status = await desk.Api.SendAsync(
                    HttpMethod.Put,
                    $"api/v1/services/{Api.Segment(desk.Service(parsed.GetValue(service)))}/gate",
                    new GateRequest(gate, desk.Settings.Reason),
                    WireJson.Default.GateRequest,
                    WireJson.Default.StatusView,
                    stop
                );
                desk.Show(status, WireJson.Default.StatusView, StatusText.Of);
                return ExitCode.Done;
            }
        );
    }

    private static async Task<ExitCode> RoutesAsync(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        var routes = await desk.Api.GetAsync("api/v1/routes", WireJson.Default.RoutesView, stop);
        desk.Show(routes, WireJson.Default.RoutesView, view => view.Routes.SelectMany(Text));
        return ExitCode.Done;
    }

    private static IEnumerable<InkedLine> Text(RouteView route)
    {
        yield return new InkedLine(
            $"{route.Host}{route.Path}  {route.Service}{(route.Gate == "open" ? "" : $"  gate {route.Gate.ToUpperInvariant()}")}",
            Ink.Strong
        );
        foreach (var target in route.Targets)
        {
            yield return new InkedLine(
                $"  {target.Share, 6}  {target.Slot, -5}  {target.Version}  {target.Address}  {(target.Healthy ? "healthy" : "unhealthy")}, {target.InFlight} in flight",
                target.Healthy ? Ink.None : Ink.Bad
            );
        }
    }
}
