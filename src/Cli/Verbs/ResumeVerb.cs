using System.CommandLine;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal resume</c>: let it go on with its stages.</summary>
internal static class ResumeVerb
{
    private const string Examples = """
          teal resume                      let it go on with its stages
          teal resume --reason "query was ours"
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            "resume",
            "Let a paused release go on",
            Examples,
            [service],
            async (desk, parsed, stop) =>
            {
                var status = await ReleaseCommand.SendAsync(desk, desk.Service(parsed.GetValue(service)), "resume", desk.Command(), stop);
                desk.Show(status, WireJson.Default.StatusView, StatusText.Of);
                return ExitCode.Done;
            }
        );
    }
}
