using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <summary>The story of a flag's rollouts in one environment, told from the same events as the machine's state, newest last.</summary>
public sealed record RolloutHistory(IReadOnlyList<RolloutStory> Rollouts)
{
    public const int Most = 20;

    public static readonly RolloutHistory Empty = new([]);

    /// <summary>Adds what one event changed, seen as the state before and after it.</summary>
    public RolloutHistory Told(RolloutState before, RolloutEvent happened, RolloutState after, DateTimeOffset at)
    {
        if (before == after || after.Rollout is not { } rollout)
        {
            return this;
        }
        var isNew = rollout.Number != before.Rollout?.Number || Rollouts.Count == 0;
        var story = isNew ? RolloutStory.Begun(rollout, at) : Rollouts[^1];
        var others = isNew ? Rollouts.Skip(Math.Max(0, Rollouts.Count + 1 - Most)) : Rollouts.SkipLast(1);
        return new RolloutHistory([.. others, story.Followed(before, happened, after, at)]);
    }
}

/// <summary>One rollout as people read it.</summary>
/// <param name="Steps">The timeline: at most 200 lines, the newest kept.</param>
/// <param name="Verdicts">Each change of the verdict, at most 100.</param>
public sealed record RolloutStory(
    long Number,
    RolloutOrder Order,
    Origin By,
    RolloutOutcome Outcome,
    Share Share,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<StoryStep> Steps,
    IReadOnlyList<StoryVerdict> Verdicts,
    Failure? Failure
)
{
    public const int MostSteps = 200;
    public const int MostVerdicts = 100;

    internal static RolloutStory Begun(Rollout rollout, DateTimeOffset at) =>
        new(rollout.Number, rollout.Order, rollout.By, rollout.Outcome, rollout.Before, at, null, [], [], null);

    internal RolloutStory Followed(RolloutState before, RolloutEvent happened, RolloutState after, DateTimeOffset at)
    {
        var rollout = after.Rollout!;
        var steps = RolloutSteps
            .Of(before, happened, after)
            .Select(step => new StoryStep(at, step.What, rollout.Confirmed, step.Words))
            .ToArray();
        return this with
        {
            Outcome = rollout.Outcome,
            Share = rollout.Confirmed,
            EndedAt = rollout.IsRunning ? null : EndedAt ?? at,
            Steps = [.. Steps.Concat(steps).TakeLast(MostSteps)],
            Verdicts = happened is RolloutJudged judged
                ? [.. Verdicts.Append(new StoryVerdict(at, before.Rollout!.Step, judged.Verdict)).TakeLast(MostVerdicts)]
                : Verdicts,
            Failure = rollout.Failure,
        };
    }
}

/// <summary>What one event means to somebody who reads a rollout's timeline. The names are stable: scripts match them.</summary>
internal static class RolloutSteps
{
    public static IEnumerable<Told> Of(RolloutState before, RolloutEvent happened, RolloutState after)
    {
        var now = after.Rollout!;
        var old = before.Rollout?.Number == now.Number ? before.Rollout : null;
        return Asked(after, happened, now).Concat(Changed(old, happened, now)).Concat(Troubled(before, happened, old, now));
    }

    /// <summary>What a person did.</summary>
    private static IEnumerable<Told> Asked(RolloutState state, RolloutEvent happened, Rollout now)
    {
        Told? told = happened switch
        {
            RolloutRequested asked => new(
                "begun",
                $"{ReleaseWords.Who(asked.By)} rolls {state.Flag} out in {state.Environment}: {now.Order.To} instead of {now.Order.From}, "
                    + $"{string.Join(", ", now.Order.Steps.Select(step => step.Share))}."
            ),
            RolloutPromoteRequested asked => new(
                "promoted",
                $"{ReleaseWords.Who(asked.By)} skipped the steps that were left{(now.PromoteForced && asked.Force ? ", against the guard" : "")}."
            ),
            RolloutPauseRequested asked => new("paused", $"{ReleaseWords.Who(asked.By)} paused the rollout; the guard goes on watching."),
            RolloutResumeRequested asked => new("resumed", $"{ReleaseWords.Who(asked.By)} resumed the rollout with a fresh hold."),
            _ => null,
        };
        return told is { } one ? [one] : [];
    }

    /// <summary>Where the rollout went.</summary>
    private static IEnumerable<Told> Changed(Rollout? old, RolloutEvent happened, Rollout now)
    {
        if (happened is ShareMoved && now.TakenBack is null)
        {
            yield return new("share", $"{now.Confirmed} of the users get {now.Order.To}.");
        }
        if (happened is ShareMoved && now.TakenBack is not null)
        {
            yield return new("returned", $"{now.Order.To} is back at {now.Confirmed}.");
        }
        if (now.Phase == RolloutPhase.Observing && old?.Phase != RolloutPhase.Observing && !now.IsPaused)
        {
            yield return new("holding", $"{now.Order.To} is watched at {now.Confirmed} for {Duration.Text(now.Present.Hold)}.");
        }
        if (now.TakenBack is not null && old?.TakenBack is null)
        {
            yield return new("taking_back", $"{now.Failure!.What} {now.Failure.Why}");
        }
        if (!now.IsRunning)
        {
            yield return Ended(now);
        }
    }

    private static Told Ended(Rollout now) =>
        now.Outcome switch
        {
            RolloutOutcome.Done => new("done", $"{now.Share} of the users have {now.Order.To}."),
            RolloutOutcome.Killed => new("killed", $"{now.Failure!.What} {now.Failure.Why}"),
            RolloutOutcome.Stopped => new("stopped", $"The rollout was stopped; nobody has {now.Order.To}."),
            _ => new("taken_back", $"{now.Order.To} was taken back to {now.Share}."),
        };

    private static IEnumerable<Told> Troubled(RolloutState before, RolloutEvent happened, Rollout? old, Rollout now)
    {
        if (happened is RolloutEffectFailed failed)
        {
            var what = before.Outstanding.FirstOrDefault(wanted => wanted.Id == failed.Effect)?.Effect switch
            {
                MoveShare => "Setting the share",
                ObserveVariant => "Watching",
                _ => "Waiting",
            };
            yield return new("effect_failed", $"{what} failed: {failed.Failure.What} {failed.Failure.Why}");
        }
        if (now.NeedsPerson is { } why && why != old?.NeedsPerson)
        {
            yield return new("needs_person", why);
        }
    }
}
