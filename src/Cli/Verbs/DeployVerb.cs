using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal deploy</c>: check, store, ask for the release, and stay with it to its end.</summary>
internal static class DeployVerb
{
    private const string Examples = """
          teal deploy                          release the manifest's folder, named after its content
          teal deploy v2 --from ./out          release ./out as v2
          teal deploy v3 --supersede           replace the release that runs now
          teal deploy v3 --no-wait             or refuse, exit code 5, when one runs
          teal deploy v2 -o ndjson | tee log   events as they come, for a program

        Waits until the release has ended (24h, or --timeout); the release itself runs in the server. Ctrl-C only leaves it.
        """;

    /// <param name="Supersede">Replace the running release.</param>
    /// <param name="Wait">Wait for the running release; else refuse.</param>
    /// <param name="IsPlanned">Look at the plan first, and ask before a point of no return.</param>
    private sealed record Wish(bool Supersede, bool Wait, bool IsPlanned);

    public static Command In(VerbRunner verbs)
    {
        var version = VersionArgument();
        var from = FromOption();
        var supersede = new Option<bool>("--supersede") { Description = "Replace the running release instead of waiting for it" };
        var noWait = new Option<bool>("--no-wait") { Description = "Refuse when another release runs" };
        var planLess = new Option<bool>("--plan-less") { Description = "Do not look at the plan for a point of no return first" };
        return verbs.Verb(
            "deploy",
            "Release a version",
            Examples,
            [version, from, supersede, noWait, planLess],
            (desk, parsed, stop) =>
            {
                var wish = new Wish(parsed.GetValue(supersede), !parsed.GetValue(noWait), !parsed.GetValue(planLess));
                return wish is { Supersede: true, Wait: false }
                    ? throw GlobalOptions.Wrong("--no-wait", "with --supersede", "one refuses where the other replaces")
                    : DeployAsync(desk, Content.Read(desk, parsed.GetValue(version), parsed.GetValue(from)), wish, stop);
            }
        );
    }

    public static Argument<string?> VersionArgument() =>
        new("VERSION") { Arity = ArgumentArity.ZeroOrOne, Description = "Its name (default: a short hash of the content)" };

    public static Option<string> FromOption() =>
        new("--from") { HelpName = "DIR", Description = "The folder to release (default: where the manifest lies)" };

    public static CliException WrongVersion(string version) =>
        CliException.Usage(
            "TEAL1401",
            $"\"{version}\" is not the name of a version.",
            $"A name is {Names.VersionWords}.",
            "teal deploy v1.2.3"
        );

    private static async Task<ExitCode> DeployAsync(Desk desk, Content content, Wish wish, CancellationToken stop)
    {
        content.Warn(desk);
        var request = content.Request(desk, wish.Supersede, wish.Wait);
        // Before the content is taken in: what is refused now leaves its name free for the content that will be right.
        if (wish.IsPlanned && !await IsWantedAsync(desk, content.Service, request, stop))
        {
            throw new CliException(ExitCode.NeedsPerson, "TEAL7018", "Not released: the answer was no.") { Next = ["teal plan"] };
        }
        await content.StoreAsync(desk, stop);
        var answer = await desk.Api.SendAsync(
            HttpMethod.Post,
            $"api/v1/services/{Api.Segment(content.Service)}/releases",
            request,
            WireJson.Default.DeployRequest,
            WireJson.Default.DeployAnswer,
            stop
        );
        return await AnsweredAsync(desk, content, answer, stop);
    }

    private static async Task<bool> IsWantedAsync(Desk desk, string service, DeployRequest request, CancellationToken stop)
    {
        var plan = await PlanVerb.OfAsync(desk, service, request, stop);
        if (plan.PointOfNoReturn is not { } point)
        {
            return true;
        }
        PlanVerb.Text(plan).ToList().ForEach(desk.Note);
        return desk.Confirm($"Line {point} has no way back. Release {plan.To}?");
    }

    private static async Task<ExitCode> AnsweredAsync(Desk desk, Content content, DeployAnswer answer, CancellationToken stop)
    {
        if (answer.Result == "nothing_to_do")
        {
            desk.Show(
                answer.Status,
                WireJson.Default.StatusView,
                _ => [new InkedLine($"{content.Service} is on {content.Version} already: nothing to do.", Ink.Good)]
            );
            return ExitCode.Done;
        }
        if (desk.Settings.Detach)
        {
            desk.Show(answer.Status, WireJson.Default.StatusView, _ => Detached(content, answer));
            return ExitCode.Done;
        }
        var wait = new ReleaseWait(desk, ended => ReleaseEnding.ExitOf(ended.Outcome, ended.TrafficMoved));
        return await wait.ToEndAsync(ReleaseTarget.Of(answer, content.Version), answer.Status, stop);
    }

    private static IEnumerable<InkedLine> Detached(Content content, DeployAnswer answer) =>
        [
            new InkedLine(
                answer.Release is null
                    ? $"{content.Version} waits its turn."
                    : $"{answer.Release} has begun: {content.Service} to {content.Version}."
            ),
            .. ReleaseText.Next(["teal watch", "teal status", "teal abort"]),
        ];
}
