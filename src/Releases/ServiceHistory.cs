using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>The story of a service's releases, told from the same events as the machine's state, newest last, at most 100.</summary>
public sealed record ServiceHistory(IReadOnlyList<ReleaseStory> Releases)
{
    public const int Most = 100;

    public static readonly ServiceHistory Empty = new([]);

    /// <summary>Adds what one event changed, seen as the state before and after it.</summary>
    public ServiceHistory Told(ServiceState before, ReleaseEvent happened, ServiceState after, DateTimeOffset at)
    {
        if (before == after || after.Release is not { } release)
        {
            return this;
        }
        var isNew = release.Number != before.Release?.Number;
        var story =
            isNew ? ReleaseStory.Begun(release, at)
            : Releases.Count > 0 ? Releases[^1]
            : ReleaseStory.Begun(release, at);
        var told = story.Followed(before, happened, after, at);
        var others = isNew ? Releases.Skip(Math.Max(0, Releases.Count + 1 - Most)) : Releases.SkipLast(1);
        return new ServiceHistory([.. others, told]);
    }
}

/// <summary>One release as people read it.</summary>
/// <param name="Steps">The timeline: at most 500 lines, the newest kept.</param>
/// <param name="Verdicts">Each change of the verdict, at most 100.</param>
public sealed record ReleaseStory(
    long Number,
    ReleaseKind Kind,
    string? From,
    string To,
    Origin By,
    ReleaseOutcome Outcome,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<StoryStep> Steps,
    IReadOnlyList<StoryVerdict> Verdicts,
    Failure? Failure,
    Receipt? Receipt
)
{
    public const int MostSteps = 500;
    public const int MostVerdicts = 100;

    internal static ReleaseStory Begun(ReleaseState release, DateTimeOffset at) =>
        new(release.Number, release.Kind, release.From, release.To, release.By, release.Outcome, at, null, [], [], release.Failure, null);

    internal ReleaseStory Followed(ServiceState before, ReleaseEvent happened, ServiceState after, DateTimeOffset at)
    {
        var release = after.Release!;
        var share = after.Confirmed.ShareOf(release.Into);
        var steps = StorySteps.Of(before, happened, after).Select(step => new StoryStep(at, step.What, share, step.Words)).ToArray();
        return this with
        {
            Outcome = release.Outcome,
            EndedAt = release.IsRunning ? null : EndedAt ?? at,
            Steps = steps.Length == 0 ? Steps : Newest(Steps, steps, MostSteps),
            Verdicts = happened is VerdictReached reached
                ? Newest(Verdicts, [new StoryVerdict(at, before.Release!.Stage, reached.Verdict)], MostVerdicts)
                : Verdicts,
            Failure = release.Failure,
            // The receipt closes a release's ledger; a warm slot's later end does not reopen it.
            Receipt = happened is ReceiptWritten written ? written.Receipt : Receipt,
        };
    }

    private static IReadOnlyList<T> Newest<T>(IReadOnlyList<T> told, T[] added, int most) =>
        [.. told.Skip(told.Count + added.Length - most), .. added];
}

/// <param name="What">A short name a script can match: <c>started</c>, <c>share</c>, <c>drained</c>, <c>rolled_back</c> …</param>
/// <param name="Words">A sentence for a person.</param>
public sealed record StoryStep(DateTimeOffset At, string What, Share Share, string Words);

public sealed record StoryVerdict(DateTimeOffset At, int Stage, Verdict Verdict);
