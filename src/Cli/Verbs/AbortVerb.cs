using System.CommandLine;

namespace Teal.Cli.Verbs;

/// <summary><c>teal abort</c>: end the running release; what had moved comes back.</summary>
internal static class AbortVerb
{
    private const string Examples = """
          teal abort                            end the running release; traffic that had moved comes back
          teal abort --reason "wrong branch"
        """;

    public static Command In(VerbRunner verbs)
    {
        var service = VerbRunner.ServiceOption();
        return verbs.Verb(
            "abort",
            "End the running release and return its traffic",
            Examples,
            [service],
            (desk, parsed, stop) => GoingBack.RunAsync(desk, desk.Service(parsed.GetValue(service)), "abort", desk.Command(), stop)
        );
    }
}
