using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal plan</c>: what a deploy would do, line by line, each with its way back.</summary>
internal static class PlanVerb
{
    private const string Examples = """
          teal plan v2 --from ./out        what `teal deploy v2 --from ./out` would do; changes nothing
          teal plan --exit-on-change       exit code 3 when there is something to do, 0 when not

        Each line shows its way back: instant, minutes or none. The first `none` is the point of no return.
        """;

    public static Command In(VerbRunner verbs)
    {
        var version = DeployVerb.VersionArgument();
        var from = DeployVerb.FromOption();
        var exitOnChange = new Option<bool>("--exit-on-change") { Description = "Exit code 3 when there is something to do" };
        return verbs.Verb(
            "plan",
            "What a deploy would do, and the way back of each step",
            Examples,
            [version, from, exitOnChange],
            async (desk, parsed, stop) =>
            {
                var content = Content.Read(desk, parsed.GetValue(version), parsed.GetValue(from));
                content.Warn(desk);
                var plan = await OfAsync(desk, content.Service, content.Request(desk, supersede: false, wait: true), stop);
                var deploy = Deploy(desk, parsed.GetValue(version), parsed.GetValue(from));
                var shown = plan with { Next = [.. plan.Next.Select(next => next == "teal deploy" ? deploy : next)] };
                desk.Show(shown, WireJson.Default.PlanView, Text);
                return plan.Changes && parsed.GetValue(exitOnChange) ? ExitCode.Changes : ExitCode.Done;
            }
        );
    }

    public static Task<PlanView> OfAsync(Desk desk, string service, DeployRequest request, CancellationToken stop) =>
        desk.Api.SendAsync(
            HttpMethod.Post,
            $"api/v1/services/{Api.Segment(service)}/plan",
            request,
            WireJson.Default.DeployRequest,
            WireJson.Default.PlanView,
            stop
        );

    /// <summary>The deploy that was planned, to be typed as it stands.</summary>
    private static string Deploy(Desk desk, string? version, string? from)
    {
        var words = new List<string> { "teal deploy" };
        if (version is not null)
        {
            words.Add(version);
        }
        if (desk.Settings.IsConfigGiven)
        {
            words.Add($"-C {Quoted(desk.Shown(desk.Settings.ConfigPath))}");
        }
        if (desk.Settings.Environment is { } environment)
        {
            words.Add($"-e {environment}");
        }
        if (from is not null)
        {
            words.Add($"--from {Quoted(from)}");
        }
        return string.Join(' ', words);
    }

    private static string Quoted(string path) =>
        path.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '.' or '_' or '-')
            ? path
            : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    public static IEnumerable<InkedLine> Text(PlanView plan)
    {
        yield return new InkedLine($"{plan.Service}: {(plan.From is null ? "first release" : plan.From)} -> {plan.To}", Ink.Strong);
        foreach (var line in plan.Lines)
        {
            var takes = line.TakesMs is { } ms and > 0 ? $" (at least {Elapsed.Text(TimeSpan.FromMilliseconds(ms))})" : "";
            yield return new InkedLine($"{line.Number, 4}  {line.What}{takes}", line.Number == plan.PointOfNoReturn ? Ink.Bad : Ink.None);
            yield return new InkedLine(
                $"      back: {line.Back} ({line.Why}){(line.Guard is null ? "" : $"; guard: {line.Guard}")}",
                Ink.Faint
            );
        }
        yield return plan.PointOfNoReturn is { } point
            ? new InkedLine($"Point of no return: line {point}. A person is asked before it.", Ink.Bad)
            : new InkedLine(plan.Changes ? "Every line has a way back." : "Nothing to do.", Ink.Good);
        foreach (var note in plan.Notes)
        {
            yield return $"note: {note}";
        }
        foreach (var line in ReleaseText.Next(plan.Next))
        {
            yield return line;
        }
    }
}
