using System.CommandLine;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal pause</c>: hold the running release at its present share.</summary>
internal static class PauseVerb
{
    private const string Examples = """
          teal pause                      hold the running release at its present share
          teal pause --reason "looking at a slow query"
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            "pause",
            "Hold the running release at its stage",
            Examples,
            [service],
            async (desk, parsed, stop) =>
            {
                var status = await ReleaseCommand.SendAsync(desk, desk.Service(parsed.GetValue(service)), "pause", desk.Command(), stop);
                desk.Show(status, WireJson.Default.StatusView, StatusText.Of);
                return ExitCode.Done;
            }
        );
    }
}
