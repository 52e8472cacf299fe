using System.CommandLine;
using Teal.Releases;

namespace Teal.Cli.Verbs;

/// <summary><c>teal rollback</c>: all traffic to the previous version, at once, without a start.</summary>
internal static class RollbackVerb
{
    private const string Examples = """
          teal rollback                                 back to the previous version, which is still running
          teal rollback v41 --reason "checkout is slow"   only if v41 is that version

        Takes the running release back, or, when none runs, moves all traffic to the warm version.
        """;

    public static Command In(VerbRunner verbs)
    {
        var version = new Argument<string?>("VERSION")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The version to return to (default: the previous one)",
        };
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            "rollback",
            "Return all traffic to the previous version, at once",
            Examples,
            [version, service],
            (desk, parsed, stop) =>
            {
                var to = parsed.GetValue(version);
                return to is null || Names.IsVersion(to)
                    ? GoingBack.RunAsync(desk, desk.Service(parsed.GetValue(service)), "rollback", desk.Command(version: to), stop)
                    : throw DeployVerb.WrongVersion(to);
            }
        );
    }
}
