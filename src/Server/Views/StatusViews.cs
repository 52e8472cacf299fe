using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>What is true of a service besides its state: read from the world when the view is made.</summary>
/// <param name="Warnings">Of the server itself.</param>
public sealed record LiveFacts(
    Gate Gate,
    string? PreviewUrl,
    long Sequence,
    Func<SlotName, IReadOnlyList<InstanceView>> Instances,
    IReadOnlyList<string> Warnings
);

/// <summary>Turns the state into what people and scripts read. Pure.</summary>
public static class StatusViews
{
    public const int FormatVersion = 1;

    public static StatusView Of(ServiceState state, ServiceHistory history, LiveFacts facts) =>
        new(
            FormatVersion,
            state.Service,
            state.Live is { } live ? state[live].Deployed?.Version : null,
            WarmVersion(state),
            NameOf(facts.Gate),
            facts.PreviewUrl,
            state.Release is { } release ? ReleaseOf(state, release, history) : null,
            [.. state.Waiting.Select(waiting => waiting.Version)],
            [SlotOf(state, SlotName.Blue, facts), SlotOf(state, SlotName.Green, facts)],
            NextCommands(state),
            facts.Sequence,
            facts.Warnings
        );

    public static HistoryView HistoryOf(ServiceState state, ServiceHistory history, int most) =>
        new(
            FormatVersion,
            state.Service,
            state.Live is { } live ? state[live].Deployed?.Version : null,
            WarmVersion(state),
            [.. history.Releases.TakeLast(most).Reverse().Select(story => StoryOf(state, story))],
            NextCommands(state)
        );

    /// <summary>The commands that make sense now, the likeliest first.</summary>
    public static IReadOnlyList<string> NextCommands(ServiceState state) =>
        state switch
        {
            { Release: { IsRunning: true, IsPaused: true } } => ["teal resume", "teal promote --force", "teal rollback"],
            { Release: { IsRunning: true, NeedsPerson: not null } } => ["teal promote --force", "teal rollback", "teal watch"],
            { Release.IsRunning: true } => ["teal watch", "teal pause", "teal promote", "teal rollback"],
            _ when WarmVersion(state) is not null => ["teal rollback", "teal deploy"],
            _ => ["teal deploy"],
        };

    public static string NameOf(Gate gate) =>
        gate switch
        {
            Gate.Held => "held",
            Gate.Maintenance => "maintenance",
            _ => "open",
        };

    private static string? WarmVersion(ServiceState state) => state.Warm is { } warm ? state[warm].Deployed?.Version : null;

    private static ReleaseView ReleaseOf(ServiceState state, ReleaseState release, ServiceHistory history)
    {
        var story = history.Releases.LastOrDefault(candidate => candidate.Number == release.Number);
        var view = story is null ? Unwritten(state, release) : StoryOf(state, story);
        return view with
        {
            Outcome = OutcomeOf(release.Outcome),
            Phase = Snake(release.Phase.ToString()),
            Stage = release.Phase is ReleasePhase.Clearing or ReleasePhase.Starting or ReleasePhase.Smoking ? 0 : release.Stage + 1,
            Stages = release.Stages,
            Share = state.Traffic.ShareOf(release.Into).ToString(),
            HoldMs = (long)release.StageHold.TotalMilliseconds,
            Paused = release.IsPaused,
            TrafficMoved = release.TrafficMoved,
            NeedsPerson = release.NeedsPerson,
            Failure = release.Failure is { } failure ? FailureOf(failure) : view.Failure,
        };
    }

    private static ReleaseView Unwritten(ServiceState state, ReleaseState release) =>
        StoryOf(
            state,
            new ReleaseStory(
                release.Number,
                release.Kind,
                release.From,
                release.To,
                release.By,
                release.Outcome,
                default,
                null,
                [],
                [],
                release.Failure,
                null
            )
        );

    private static ReleaseView StoryOf(ServiceState state, ReleaseStory story) =>
        new(
            IdOf(state.Service, story.Number),
            story.Number,
            Snake(story.Kind.ToString()),
            story.From,
            story.To,
            OutcomeOf(story.Outcome),
            story.EndedAt is null ? "running" : "ended",
            0,
            0,
            (story.Steps.Count > 0 ? story.Steps[^1].Share : Share.None).ToString(),
            0,
            false,
            story.Steps.Any(step => step.Share > Share.None),
            null,
            story.By.Actor,
            story.By.Reason,
            story.StartedAt,
            story.EndedAt,
            [.. story.Steps.Select(step => new StepView(step.At, step.What, step.Share.ToString(), step.Words))],
            [.. story.Verdicts.Select(VerdictOf)],
            story.Failure is { } failure ? FailureOf(failure) : null,
            story.Receipt is { } receipt ? ReceiptOf(receipt) : null
        );

    public static string IdOf(string service, long number) => $"{service}-{number}";

    internal static VerdictView VerdictOf(StoryVerdict told) =>
        new(
            told.At,
            told.Stage + 1,
            Snake(told.Verdict.Kind.ToString()),
            [
                .. told.Verdict.Findings.Select(finding => new FindingView(
                    finding.Guard,
                    Snake(finding.Answer.ToString()),
                    finding.Figure,
                    finding.Limit,
                    finding.Requests,
                    finding.Words
                )),
            ]
        );

    internal static FailureView FailureOf(Failure failure) =>
        new(failure.Code, failure.What, failure.Why, failure.LastResponse, failure.LogLines);

    private static ReceiptView ReceiptOf(Receipt receipt) =>
        new(
            receipt.CarriedIn,
            receipt.Accepted,
            receipt.Served,
            receipt.ClientGone,
            receipt.Shed,
            receipt.Failed,
            [.. receipt.Cut.Select(cut => new CutView(cut.Method, cut.Path, cut.Version, (long)cut.Age.TotalMilliseconds))],
            receipt.CutCount,
            receipt.Open,
            receipt.Dropped,
            receipt.AddsUp,
            receipt.Since
        );

    private static SlotView SlotOf(ServiceState state, SlotName slot, LiveFacts facts) =>
        new(
            Snake(slot.ToString()),
            state[slot].Deployed?.Version,
            Snake(state[slot].Phase.ToString()),
            state.Traffic.ShareOf(slot).ToString(),
            state[slot].Phase == SlotPhase.Empty ? [] : facts.Instances(slot)
        );

    public static string OutcomeOf(ReleaseOutcome outcome) => Snake(outcome.ToString());

    private static string Snake(string pascal) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(pascal);
}
