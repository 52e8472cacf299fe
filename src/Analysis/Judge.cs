namespace Teal.Analysis;

/// <summary>One guard's finding and how much it weighs in the verdict.</summary>
/// <param name="Kind">What would follow if it were the only guard.</param>
internal sealed record Opinion(VerdictKind Kind, GuardFinding Finding);

/// <summary>
/// The seam: evidence in, verdict out, pure. How the evidence is weighed is this room's business alone. This first judge looks at
/// each guard by itself and asks whether luck explains what was seen; <c>docs/decisions/0003-first-guard.md</c> says what it cannot do.
/// </summary>
public static class Judge
{
    /// <summary>The chance that a single look at a version exactly at its limit calls it broken, at most.</summary>
    internal const double Doubt = 0.001;

    /// <summary>Fewer answers of the new version than this are never called healthy.</summary>
    public const int FewestRequests = 20;

    /// <summary>
    /// A broken guard decides; then what is not right and not proved; then what could not be answered. Without guards: continue.
    /// </summary>
    public static Verdict Decide(IReadOnlyList<Guard> guards, Evidence evidence)
    {
        if (guards.Count == 0)
        {
            return new Verdict(VerdictKind.Continue, []);
        }
        var opinions = guards.Select(guard => Ask(guard, evidence)).ToList();
        if (Crashes.Of(evidence) is { } crashes)
        {
            opinions.Add(crashes);
        }
        if (Silences.Of(evidence) is { } silence)
        {
            opinions.Add(silence);
        }
        var kind = opinions.Select(opinion => opinion.Kind).MaxBy(Weight);
        return new Verdict(kind, [.. opinions.Select(opinion => Named(opinion.Finding, evidence.Source))]);
    }

    /// <summary>
    /// The verdicts of several sources as one: the worst. Sources see different things (an answer at the proxy is not an outcome that an
    /// application reports), so their counts are never added: each is judged by itself, and it is enough that one proves a breach.
    /// </summary>
    /// <param name="bySource">At least one.</param>
    public static Verdict Worst(IReadOnlyList<Verdict> bySource) =>
        bySource.Count == 1
            ? bySource[0]
            : new Verdict(bySource.Select(verdict => verdict.Kind).MaxBy(Weight), [.. bySource.SelectMany(verdict => verdict.Findings)]);

    private static GuardFinding Named(GuardFinding finding, string? source) =>
        source is null ? finding : finding with { Words = $"{char.ToUpperInvariant(source[0])}{source[1..]}: {finding.Words}" };

    private static Opinion Ask(Guard guard, Evidence evidence) =>
        (guard.Metric, guard.Limit) switch
        {
            (GuardMetric.ErrorRate, GuardLimit.MaxIncrease) => ErrorGuard.Increase(guard, evidence),
            (GuardMetric.ErrorRate, GuardLimit.Max) => ErrorGuard.Max(guard, evidence),
            (GuardMetric.Cpu or GuardMetric.Memory, GuardLimit.Max) => ResourceGuard.Max(guard, evidence),
            (>= GuardMetric.LatencyP50 and <= GuardMetric.LatencyP99, GuardLimit.MaxRatio) => LatencyGuard.Ratio(guard, evidence),
            (>= GuardMetric.LatencyP50 and <= GuardMetric.LatencyP99, GuardLimit.Max) => LatencyGuard.Max(guard, evidence),
            _ => throw new ArgumentException($"No guard is written '{guard}'.", nameof(guard)),
        };

    private static int Weight(VerdictKind kind) =>
        kind switch
        {
            VerdictKind.Rollback => 3,
            VerdictKind.Hold => 2,
            VerdictKind.NoData => 1,
            _ => 0,
        };
}

/// <summary>How guards say what they found.</summary>
internal static class Say
{
    public const string NoData = "no data";

    public static Opinion Healthy(Guard guard, string figure, long requests, string words) =>
        Of(VerdictKind.Continue, GuardAnswer.Healthy, guard, figure, requests, words);

    public static Opinion Broken(Guard guard, string figure, long requests, string words) =>
        Of(VerdictKind.Rollback, GuardAnswer.Unhealthy, guard, figure, requests, words);

    /// <summary>Not right, and not proved to be the new version's doing.</summary>
    public static Opinion Suspicious(Guard guard, string figure, long requests, string words) =>
        Of(VerdictKind.Hold, GuardAnswer.Inconclusive, guard, figure, requests, words);

    public static Opinion TooFew(Guard guard, string figure, long requests, string words) =>
        Of(VerdictKind.NoData, GuardAnswer.Inconclusive, guard, figure, requests, words);

    /// <summary>The guard compares, and by the nature of this release there is nothing to compare with: it does not stand in the way.</summary>
    public static Opinion NothingToCompare(Guard guard, string figure, long requests, string words) =>
        Of(VerdictKind.Continue, GuardAnswer.Inconclusive, guard, figure, requests, words);

    private static Opinion Of(VerdictKind kind, GuardAnswer answer, Guard guard, string figure, long requests, string words) =>
        new(kind, new GuardFinding(guard.ToString(), answer, figure, guard.LimitText, requests, words));
}

/// <summary>Whoever has stopped to report says nothing of what happens now: old good news is no pass.</summary>
internal static class Silences
{
    public static Opinion? Of(Evidence evidence) =>
        evidence.Silence is { } silence
            ? new Opinion(
                VerdictKind.NoData,
                new GuardFinding(
                    "reports (always watched)",
                    GuardAnswer.Inconclusive,
                    Say.NoData,
                    "heard",
                    evidence.New.Requests,
                    $"Nothing was reported for {Figures.Number(Math.Floor(silence.TotalMinutes))} min, of either {evidence.What}."
                )
            )
            : null;
}

/// <summary>A crash of the new version is evidence whatever the guards look at: one holds the stage, two take the release back.</summary>
internal static class Crashes
{
    private const int Most = 1;

    public static Opinion? Of(Evidence evidence)
    {
        var more = evidence.New.Restarts - (evidence.Old?.Restarts ?? 0);
        if (more <= 0)
        {
            return null;
        }
        var isBroken = more > Most;
        var words =
            $"{Figures.Count(evidence.New.Restarts, "crash").Replace("crashs", "crashes", StringComparison.Ordinal)} of the new {evidence.What}, {evidence.Old?.Restarts ?? 0} of the old one.";
        var answer = isBroken ? GuardAnswer.Unhealthy : GuardAnswer.Inconclusive;
        var figure = evidence.New.Restarts.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var finding = new GuardFinding("crashes (always watched)", answer, figure, "0", evidence.New.Requests, words);
        return new Opinion(isBroken ? VerdictKind.Rollback : VerdictKind.Hold, finding);
    }
}
