using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal status</c>: the service now; without one, all of them.</summary>
internal static class StatusVerb
{
    private const string Examples = """
          teal status                    the service of ./teal.yaml; without one, all services
          teal status -s shop -o json    live, warm, release, receipt and next, for a script
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            "status",
            "Which version users are on, and what goes on",
            Examples,
            [service],
            (desk, parsed, stop) => ShowAsync(desk, desk.ServiceOrNull(parsed.GetValue(service)), stop)
        );
    }

    private static async Task<ExitCode> ShowAsync(Desk desk, string? service, CancellationToken stop)
    {
        if (service is null)
        {
            var all = await desk.Api.GetAsync("api/v1/services", WireJson.Default.ServicesView, stop);
            desk.Show(all, WireJson.Default.ServicesView, All);
        }
        else
        {
            var status = await OfAsync(desk, service, stop);
            desk.Show(status, WireJson.Default.StatusView, StatusText.Of);
        }
        return ExitCode.Done;
    }

    public static Task<StatusView> OfAsync(Desk desk, string service, CancellationToken stop) =>
        desk.Api.GetAsync($"api/v1/services/{Api.Segment(service)}", WireJson.Default.StatusView, stop);

    private static IEnumerable<InkedLine> All(ServicesView view) =>
        view.Services.Count == 0
            ? [new InkedLine("No service yet."), .. StatusText.Warnings(view.Warnings), .. ReleaseText.Next(["teal init", "teal deploy"])]
            : view.Services.SelectMany(StatusText.Of);
}
