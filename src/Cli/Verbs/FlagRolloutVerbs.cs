using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Releases.Rollouts;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal flag rollout</c>: move users from one variant of a flag to another, step by step, under guard.</summary>
internal static class FlagRolloutVerbs
{
    private const string Examples = """
          teal flag rollout checkout on --steps 1%,5%,25%,100% --hold 10m \
            --guard error_rate:+0.5%,latency_p99:x1.3 -e production
          teal flag rollout checkout on --on-breach previous    a breach keeps the share that was good
          teal flag rollout checkout                            how it goes, or went
          teal flag rollout pause checkout                      and resume, promote, stop

        A guard is a metric and its limit: error_rate:+0.5% (above the old variant), latency_p99:x1.3 (times the old variant's),
        error_rate:1% or latency_p99:250ms (whatever the old one does).
        Waits until the rollout has ended (24h, or --timeout); the rollout itself runs in the server. Exit codes: 0 done,
        7 taken back, 8 it needs a person and --no-input says that there is none, or the wait ended so, 9 the wait is over.
        """;

    private const string PromoteExamples = """
          teal flag rollout promote checkout                               skip the steps that are left, when the guard allows
          teal flag rollout promote checkout --force --reason "known noise"   overrule the guard; kept in the audit trail
        """;

    private const string PauseExamples = """
          teal flag rollout pause checkout     users keep what they have; the guard goes on watching
        """;

    private const string ResumeExamples = """
          teal flag rollout resume checkout    a fresh hold at the same share, with the same users
        """;

    private const string StopExamples = """
          teal flag rollout stop checkout --reason "not before the weekend"   nobody keeps the new variant
        """;

    private sealed record Order(string Steps, string Hold, string Guards, string OnBreach, string? Against);

    public static Command In(VerbRunner verbs)
    {
        var flag = new Argument<string?>("FLAG") { Arity = ArgumentArity.ZeroOrOne, Description = "The flag" };
        var variant = new Argument<string?>("VARIANT") { Arity = ArgumentArity.ZeroOrOne, Description = "The variant that users move to" };
        var steps = Text("--steps", "SHARES", "Rising shares (default 1%,5%,25%,100%)");
        var hold = Text("--hold", "TIME", "How long each step is watched (default 10m)");
        var guards = Text("--guard", "GUARDS", "What must not happen, as error_rate:+0.5%,latency_p99:x1.3");
        var onBreach = Text("--on-breach", "SHARE", "Where a breach goes back to: off or previous (default off)");
        var against = Text("--against", "VARIANT", "The variant that users come from (default: the one that most have)");
        var rollout = verbs.Verb(
            "rollout",
            "Move users to a variant, step by step, under guard",
            Examples,
            [flag, variant, steps, hold, guards, onBreach, against],
            (desk, parsed, stop) =>
                (parsed.GetValue(flag), parsed.GetValue(variant)) switch
                {
                    ({ } key, { } to) => BeginAsync(desk, key, to, Read(parsed), stop),
                    ({ } key, null) => ShowAsync(desk, key, stop),
                    _ => throw CliException.Usage("TEAL7002", "Which flag?", null, "teal flag rollout --help"),
                }
        );
        rollout.Add(Steer(verbs, "pause", "Hold it at its share", PauseExamples, ended: null));
        rollout.Add(Steer(verbs, "resume", "Go on, with the same users", ResumeExamples, ended: null));
        rollout.Add(Steer(verbs, "promote", "Skip the steps that are left", PromoteExamples, RolloutEnding.ExitOf));
        rollout.Add(Steer(verbs, "stop", "Give it up: nobody keeps the variant", StopExamples, RolloutEnding.ExitOfStop));
        return rollout;

        Order Read(ParseResult parsed) =>
            new(
                parsed.GetValue(steps) ?? "1%,5%,25%,100%",
                parsed.GetValue(hold) ?? "10m",
                parsed.GetValue(guards) ?? "",
                parsed.GetValue(onBreach) ?? "off",
                parsed.GetValue(against)
            );
    }

    private static Option<string?> Text(string name, string value, string sentence) =>
        new(name) { HelpName = value, Description = sentence };

    /// <param name="ended">What the end means for whoever waits for it; null: the command does not wait.</param>
    private static Command Steer(VerbRunner verbs, string verb, string sentence, string examples, Func<string, ExitCode>? ended)
    {
        var flag = new Argument<string>("FLAG") { Description = "The flag" };
        var force = new Option<bool>("--force", "-f") { Description = "Overrule the guard, and say so in the record" };
        return verbs.Verb(
            verb,
            sentence,
            examples,
            verb == "promote" ? [flag, force] : [flag],
            async (desk, parsed, stop) =>
            {
                var request = new RolloutCommandRequest(
                    desk.Settings.Environment,
                    desk.Settings.Reason,
                    verb == "promote" && parsed.GetValue(force)
                );
                var view = await desk.Api.SendAsync(
                    HttpMethod.Post,
                    $"{PathOf(parsed.GetValue(flag)!)}/{verb}",
                    request,
                    WireJson.Default.RolloutCommandRequest,
                    WireJson.Default.RolloutsView,
                    stop
                );
                return await EndAsync(desk, view, ended, stop);
            }
        );
    }

    private static async Task<ExitCode> BeginAsync(Desk desk, string flag, string variant, Order order, CancellationToken stop)
    {
        var reading = RolloutOrderReader.Read(new RolloutText("", variant, order.Steps, order.Hold, order.Guards, order.OnBreach));
        if (reading.Order is null)
        {
            throw new CliException(ExitCode.Usage, reading.Errors[0].Code, "The rollout is not valid; nothing was sent.")
            {
                Places =
                [
                    .. reading.Errors.Select(error => "--" + error.ToString().Replace("on_breach", "on-breach", StringComparison.Ordinal)),
                ],
                Next = ["teal flag rollout --help"],
            };
        }
        if (order.Guards.Length == 0)
        {
            desk.Note("No guard is set: nothing takes this rollout back by itself.");
        }
        var request = new RolloutRequest(
            variant,
            order.Steps.Split(','),
            order.Hold,
            order.Guards.Length == 0 ? [] : order.Guards.Split(','),
            order.OnBreach,
            desk.Settings.Environment,
            order.Against,
            desk.Settings.Reason
        );
        var view = await desk.Api.SendAsync(
            HttpMethod.Post,
            PathOf(flag),
            request,
            WireJson.Default.RolloutRequest,
            WireJson.Default.RolloutsView,
            stop
        );
        return await EndAsync(desk, view, RolloutEnding.ExitOf, stop);
    }

    private static Task<ExitCode> EndAsync(Desk desk, RolloutsView view, Func<string, ExitCode>? ended, CancellationToken stop)
    {
        if (ended is not null && !desk.Settings.Detach)
        {
            return new RolloutFollower(desk, ended).ToEndAsync(view, stop);
        }
        desk.Show(view, WireJson.Default.RolloutsView, FlagRolloutText.Of);
        return Task.FromResult(ExitCode.Done);
    }

    private static async Task<ExitCode> ShowAsync(Desk desk, string flag, CancellationToken stop)
    {
        var view = await OfAsync(desk, flag, desk.Settings.Environment, stop);
        desk.Show(view, WireJson.Default.RolloutsView, FlagRolloutText.Of);
        return ExitCode.Done;
    }

    public static Task<RolloutsView> OfAsync(Desk desk, string flag, string? environment, CancellationToken stop)
    {
        var query = environment is null ? "" : $"?environment={Api.Segment(environment)}";
        return desk.Api.GetAsync(PathOf(flag) + query, WireJson.Default.RolloutsView, stop);
    }

    private static string PathOf(string flag) => $"api/v1/flags/{Api.Segment(flag)}/rollouts";
}
