using Teal.Releases.Rollouts;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>Turns rollouts into what people and scripts read. Pure.</summary>
public static class RolloutViews
{
    /// <param name="clients">What applications report of it.</param>
    /// <returns>Null when the flag never rolled out there.</returns>
    public static RolloutsView? Of(ServerState state, RolloutKey key, RolloutClientsView? clients) =>
        state.Rollouts.TryGetValue(key.ToString(), out var known)
            ? new RolloutsView(
                StatusViews.FormatVersion,
                key.Environment,
                key.Flag,
                [.. state.RolloutHistories[key.ToString()].Rollouts.Reverse().Select(story => StoryOf(known, story))],
                NextCommands(known),
                state.Sequence,
                clients
            )
            : null;

    /// <summary>The commands that make sense now, the likeliest first.</summary>
    public static IReadOnlyList<string> NextCommands(RolloutState state)
    {
        string[] verbs = state.Rollout switch
        {
            { IsForward: true, IsPaused: true } => ["resume", "promote --force", "stop"],
            { IsForward: true, NeedsPerson: not null } => ["promote --force", "stop"],
            { IsForward: true } => ["pause", "promote", "stop"],
            { IsRunning: true, NeedsPerson: not null } => ["resume"],
            _ => [],
        };
        return [.. verbs.Select(verb => $"teal flag rollout {verb} {state.Flag} -e {state.Environment}")];
    }

    private static RolloutView StoryOf(RolloutState state, RolloutStory story)
    {
        var order = story.Order;
        var live = state.Rollout is { } latest && latest.Number == story.Number ? latest : null;
        return new RolloutView(
            story.Number,
            order.From,
            order.To,
            Snake(story.Outcome.ToString()),
            Snake((live?.Phase ?? RolloutPhase.Ended).ToString()),
            (live?.Step ?? LastStepOf(story)) + 1,
            [.. order.Steps.Select(step => step.Share.ToString())],
            story.Share.ToString(),
            (long)order.Steps[0].Hold.TotalMilliseconds,
            [.. order.Guards.Select(guard => guard.ToString())],
            Snake(order.OnBreach.ToString()),
            live?.IsPaused ?? false,
            live?.NeedsPerson,
            story.By.Actor,
            story.By.Reason,
            story.StartedAt,
            story.EndedAt,
            [.. story.Steps.Select(step => new StepView(step.At, step.What, step.Share.ToString(), step.Words))],
            [.. story.Verdicts.Select(StatusViews.VerdictOf)],
            story.Failure is { } failure ? StatusViews.FailureOf(failure) : null
        );
    }

    /// <summary>The highest step whose share was reached.</summary>
    private static int LastStepOf(RolloutStory story)
    {
        var most = story.Steps.Max(step => step.Share);
        return Math.Max(0, story.Order.Steps.Count(step => step.Share <= most) - 1);
    }

    private static string Snake(string pascal) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(pascal);
}
