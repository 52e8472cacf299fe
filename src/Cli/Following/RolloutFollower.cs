using System.Text.Json;
using Teal.Cli.Showing;
using Teal.Cli.Verbs;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>What the end of a rollout means for the command that waited for it.</summary>
public static class RolloutEnding
{
    /// <summary>For whoever wanted users to have the variant.</summary>
    public static ExitCode ExitOf(string outcome) =>
        outcome switch
        {
            "done" => ExitCode.Done,
            "taken_back" or "stopped" or "killed" => ExitCode.RolledBack,
            "running" => ExitCode.TimedOut,
            _ => ExitCode.InternalError,
        };

    /// <summary>For whoever asked to stop it.</summary>
    public static ExitCode ExitOfStop(string outcome) =>
        outcome switch
        {
            "stopped" or "killed" or "taken_back" => ExitCode.Done,
            "running" => ExitCode.TimedOut,
            _ => ExitCode.InternalError,
        };
}

/// <summary>
/// Waits until a rollout has ended, the wait is over or the person leaves, and says how it ended; the rollout itself goes on in the
/// server. It is told by the server's events; a stream that breaks off is taken up where it was.
/// </summary>
internal sealed class RolloutFollower(Desk desk, Func<string, ExitCode> exitOf)
{
    private StepView? _told;

    public async Task<ExitCode> ToEndAsync(RolloutsView view, CancellationToken stop)
    {
        var number = view.Rollouts[0].Number;
        using var over = new CancellationTokenSource(desk.FollowTimeout, desk.Around.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, over.Token);
        var kind = EventKinds.Rollouts(view.Environment, view.Flag);
        using var feed = new EventFeed<RolloutEventView>(desk.Api, kind, view.Sequence, desk.Around.Time)
        {
            WhenLost = why => desk.Note($"The server is away ({why.TrimEnd('.')}); trying again. Flags keep their shares meanwhile."),
            WhenFound = () => desk.Note("The server is back."),
        };
        try
        {
            while (true)
            {
                var ours = view.Rollouts.First(rollout => rollout.Number == number);
                Tell(view, ours);
                if (ours.Outcome != "running")
                {
                    return Ended(view, ours);
                }
                if (ours.NeedsPerson is not null && desk.Settings.NoInput)
                {
                    return Left(view, ours, ExitCode.NeedsPerson, "TEAL9332", "It needs a person");
                }
                var next = (await feed.NextAsync(limit.Token)).Rollouts;
                // Events bring the newest alone, which may be another by now: then ours has ended.
                view =
                    next.Rollouts[0].Number == number
                        ? next
                        : await FlagRolloutVerbs.OfAsync(desk, view.Flag, view.Environment, limit.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            var ours = view.Rollouts.First(rollout => rollout.Number == number);
            return stop.IsCancellationRequested ? Left(view, ours, ExitCode.Interrupted, "TEAL7017", "Detached")
                : ours.NeedsPerson is not null ? Left(view, ours, ExitCode.NeedsPerson, "TEAL9332", "It needs a person")
                : Left(view, ours, ExitCode.TimedOut, "TEAL7016", $"Waited {Elapsed.Text(desk.FollowTimeout)}");
        }
    }

    /// <summary>What is new since the last look.</summary>
    private void Tell(RolloutsView view, RolloutView ours)
    {
        var steps = PlainProgress.NewSteps(ours.Timeline, _told).ToList();
        if (steps.Count == 0)
        {
            return;
        }
        _told = steps[^1];
        if (desk.Settings.Format == OutputFormat.Ndjson)
        {
            desk.Screen.Raw(JsonSerializer.Serialize(view with { Rollouts = [ours] }, WireJson.Default.RolloutsView));
        }
        steps.ForEach(step => desk.Note(FlagRolloutText.Step(view, step)));
    }

    private ExitCode Ended(RolloutsView view, RolloutView ours)
    {
        Result(view, ours, FlagRolloutText.Ending);
        return exitOf(ours.Outcome);
    }

    private ExitCode Left(RolloutsView view, RolloutView ours, ExitCode exit, string code, string why)
    {
        var failure = new CliException(
            exit,
            code,
            $"{why}; the rollout of {view.Flag} ({ours.To}, {ours.Share}) goes on in the server.",
            ours.NeedsPerson
        )
        {
            Next = [$"teal flag rollout {view.Flag} -e {view.Environment}", .. view.Next],
        };
        if (desk.IsText)
        {
            FailureText.Of(failure).ToList().ForEach(desk.Screen.Error);
        }
        Result(view, ours, (_, _) => []);
        return exit;
    }

    // With ndjson the last line has said it already.
    private void Result(RolloutsView view, RolloutView ours, Func<RolloutsView, RolloutView, IEnumerable<InkedLine>> text)
    {
        if (desk.Settings.Format != OutputFormat.Ndjson)
        {
            desk.Show(view with { Rollouts = [ours] }, WireJson.Default.RolloutsView, shown => text(shown, ours));
        }
    }
}
