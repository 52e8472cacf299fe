using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>The story of a service's releases, told from the same events as the machine's state, newest last, at most 100.</summary>
public sealed record ServiceHistory(IReadOnlyList<ReleaseStory> Releases)
{
    public const int Most = 100;

    public static readonly ServiceHistory Empty = new([]);

    /// <summary>Adds what one event changed, seen as the state before and after it.</summary>
    public ServiceHistory Told(ServiceState before, ReleaseEvent happened, ServiceState after, DateTimeOffset at) =>
        throw new NotSupportedException();
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
);

/// <param name="What">A short name a script can match: <c>started</c>, <c>share</c>, <c>drained</c>, <c>rolled_back</c> …</param>
/// <param name="Words">A sentence for a person.</param>
public sealed record StoryStep(DateTimeOffset At, string What, Share Share, string Words);

public sealed record StoryVerdict(DateTimeOffset At, int Stage, Verdict Verdict);
