using System.Globalization;
using Teal.Cli.Following;
using Teal.Wire;

namespace Teal.Cli.Showing;

/// <summary>The story of a release for people: one line per step while it goes on, and how it ended. Pure.</summary>
internal static class ReleaseText
{
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Step(string release, StepView step) => $"{Instant(step.At)}  {release}  {step.Share, 4}  {step.Words}";

    public static IEnumerable<string> Verdict(string release, VerdictView verdict)
    {
        yield return $"{Instant(verdict.At)}  {release}  guard at stage {verdict.Stage}: {Says(verdict.Kind)}";
        foreach (var finding in verdict.Findings.Where(finding => !IsHealthy(finding)))
        {
            yield return $"{Instant(verdict.At)}  {release}  {Finding(finding)}";
        }
    }

    /// <summary>What a verdict means, in words.</summary>
    private static string Says(string kind) =>
        kind switch
        {
            "continue" => "healthy",
            "hold" => "not sure yet",
            "rollback" => "broken",
            "no_data" => "no data yet",
            _ => kind,
        };

    /// <summary>A paused release stays until somebody comes; one that only waits goes on by itself when what it waits for is there.</summary>
    public static string Asks(ReleaseView release) => release.Paused ? "needs you" : "waits";

    /// <summary>Steps and verdicts in the order in which they happened.</summary>
    public static IEnumerable<string> Timeline(string release, IEnumerable<StepView> steps, IEnumerable<VerdictView> verdicts) =>
        steps
            .Select(step => (step.At, Lines: (IReadOnlyList<string>)[Step(release, step)]))
            .Concat(verdicts.Select(verdict => (verdict.At, Lines: (IReadOnlyList<string>)[.. Verdict(release, verdict)])))
            .OrderBy(told => told.At)
            .SelectMany(told => told.Lines);

    public static string Finding(FindingView finding) =>
        $"{finding.Guard}: {finding.Answer}, {finding.Figure}, limit {finding.Limit}, {Number(finding.Requests)} requests";

    public static bool IsHealthy(FindingView finding) => string.Equals(finding.Answer, "healthy", StringComparison.OrdinalIgnoreCase);

    /// <summary>Everything a person needs at the end: the sentence, the evidence, what users saw, what to do.</summary>
    public static IEnumerable<InkedLine> Ending(StatusView status, ReleaseView release)
    {
        var isGood = release.Outcome == "done";
        yield return new InkedLine(Sentence(status.Service, release), isGood ? Ink.Good : Ink.Bad);
        foreach (var line in Evidence(release))
        {
            yield return line;
        }
        foreach (var line in Saw(release))
        {
            yield return line;
        }
        foreach (var line in Next(status.Next))
        {
            yield return line;
        }
    }

    public static IEnumerable<InkedLine> Next(IReadOnlyList<string> commands) =>
        commands.Select((command, index) => new InkedLine((index == 0 ? "  next           " : "                 ") + command));

    public static string Sentence(string service, ReleaseView release)
    {
        var stays = release.From is null ? $"{service} still has no version" : $"{service} stays on {release.From}";
        return release.Outcome switch
        {
            "done" when release.Kind == "rollback" => $"{service} is back on {release.To}{Took(release)}.",
            "done" => $"{service} is on {release.To}{(release.From is null ? "" : $", was on {release.From}")}{Took(release)}.",
            "not_switched" => $"{stays}: {release.To} was not switched to, users saw nothing of it.",
            "rolled_back" => $"{service} is back on {release.From}: {release.To} was taken back{Took(release)}.",
            "aborted" when release.TrafficMoved => $"{service} is back on {release.From}: {release.To} was aborted{Took(release)}.",
            "aborted" => $"{stays}: {release.To} was aborted before a user reached it.",
            "superseded" => $"{release.To} was superseded by a newer release of {service}.",
            "running" => $"{release.Id} ({release.To}) goes on: {release.Phase.ToLowerInvariant()} at {release.Share}.",
            var other => $"{release.Id} ended as {other}, which this teal does not know.",
        };
    }

    private static string Took(ReleaseView release) => release.EndedAt is { } end ? $", after {Elapsed.Text(end - release.StartedAt)}" : "";

    private static IEnumerable<InkedLine> Evidence(ReleaseView release)
    {
        if (release.Failure is { } failure)
        {
            yield return new InkedLine($"  what           {failure.What} ({failure.Code})");
            yield return new InkedLine($"  why            {failure.Why}");
            if (failure.LastResponse is not null)
            {
                yield return new InkedLine($"  last response  {failure.LastResponse}");
            }
            foreach (var line in failure.LogLines)
            {
                yield return new InkedLine($"  log            {line}", Ink.Faint);
            }
        }
        if (release.Outcome == "rolled_back" && release.Verdicts is [.., var last])
        {
            foreach (var finding in last.Findings.Where(finding => !IsHealthy(finding)))
            {
                yield return new InkedLine($"  guard          {Finding(finding)}", Ink.Bad);
            }
        }
        if (release.NeedsPerson is not null)
        {
            yield return new InkedLine($"  {Asks(release), -14} {release.NeedsPerson}", Ink.Strong);
        }
    }

    private static IEnumerable<InkedLine> Saw(ReleaseView release)
    {
        if (release.Receipt is not { } receipt)
        {
            if (!release.TrafficMoved && release.Outcome != "running")
            {
                yield return $"  users saw      nothing of {release.To}";
            }
            yield break;
        }
        var failed = ReleaseEnding.FailedRequests(receipt);
        yield return $"  receipt        {ReceiptText.Sum(receipt)}";
        yield return new InkedLine(
            $"  users saw      {Number(failed)} failed requests{ReceiptText.Blame(receipt)}",
            failed == 0 ? Ink.Good : Ink.Bad
        );
        foreach (var cut in receipt.Cut)
        {
            yield return new InkedLine(
                $"  cut            {cut.Method} {cut.Path} on {cut.Version} after {Elapsed.Text(TimeSpan.FromMilliseconds(cut.AgeMs))}"
            );
        }
        if (!ReceiptText.IsSound(receipt))
        {
            yield return new InkedLine(
                "  TEAL7019       THE RECEIPT DOES NOT ADD UP. This is a fault in Teal: please report it with `teal history -o json`.",
                Ink.Bad
            );
        }
    }

    public static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
