using System.CommandLine;
using Teal.Cli.Examining;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal doctor</c>: what could keep Teal from working here, and what to do about it.</summary>
internal static class DoctorVerb
{
    private const string Examples = """
          teal doctor              ports, limits, permissions, disk, clock, manifest; exit code 2 when one fails
          teal doctor -o json
        """;

    public static Command In(VerbRunner verbs) =>
        verbs.Verb("doctor", "What could keep Teal from working here", Examples, [], (desk, _, stop) => ExamineAsync(desk, stop));

    private static async Task<ExitCode> ExamineAsync(Desk desk, CancellationToken stop)
    {
        var server = await ServerExamination.OfAsync(desk, stop);
        List<CheckView> checks =
        [
            .. server.Checks,
            MachineExamination.OpenFiles(),
            MachineExamination.StateFolder(desk.Home),
            MachineExamination.Disk(desk.Home),
            await MachineExamination.ClockAsync(desk.Around.Time, stop),
            MachineExamination.Runtime(),
            .. ManifestExamination.Of(desk),
            Orphans.Examine(server.Pids, server.IsReachable),
        ];
        var isOk = checks.TrueForAll(check => check.Level != "fail");
        var view = new DoctorView(1, isOk, checks, server.IsReachable ? ["teal status"] : ["teal server run"]);
        desk.Show(view, CliJson.Default.DoctorView, Text);
        return isOk ? ExitCode.Done : ExitCode.Usage;
    }

    private static IEnumerable<InkedLine> Text(DoctorView view)
    {
        foreach (var check in view.Checks)
        {
            var ink = check.Level switch
            {
                "ok" => Ink.Good,
                "fail" => Ink.Bad,
                _ => Ink.Strong,
            };
            yield return new InkedLine($"{check.Level, -5} {check.Name, -14} {check.Found}", ink);
            if (check.Do is not null)
            {
                yield return $"                     -> {check.Do}";
            }
        }
        foreach (var line in ReleaseText.Next(view.Next))
        {
            yield return line;
        }
    }
}
