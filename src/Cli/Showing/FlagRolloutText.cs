using System.Globalization;
using Teal.Wire;

namespace Teal.Cli.Showing;

/// <summary>A flag's rollouts for people: one line per step while one goes on, and how it ended. Pure.</summary>
internal static class FlagRolloutText
{
    public static string Step(RolloutsView view, StepView step) =>
        $"{ReleaseText.Instant(step.At)}  {view.Flag}  {step.Share, 4}  {step.Words}";

    /// <summary>The newest rollout whole, the earlier ones in a line each.</summary>
    public static IEnumerable<InkedLine> Of(RolloutsView view)
    {
        var newest = view.Rollouts[0];
        foreach (var line in newest.Outcome == "running" ? Running(view, newest) : Ending(view, newest))
        {
            yield return line;
        }
        foreach (var step in newest.Timeline)
        {
            yield return new InkedLine(Step(view, step), Ink.Faint);
        }
        foreach (var earlier in view.Rollouts.Skip(1))
        {
            yield return $"{ReleaseText.Instant(earlier.StartedAt)}  {Sentence(view, earlier)}";
        }
    }

    /// <summary>Everything a person needs at the end: the sentence, the evidence, what to do.</summary>
    public static IEnumerable<InkedLine> Ending(RolloutsView view, RolloutView rollout)
    {
        yield return new InkedLine(Sentence(view, rollout), rollout.Outcome == "done" ? Ink.Good : Ink.Bad);
        if (rollout.Failure is { } failure)
        {
            yield return $"  what           {failure.What} ({failure.Code})";
            yield return $"  why            {failure.Why}";
        }
        if (rollout is { Outcome: "taken_back", Verdicts: [.., var last] })
        {
            foreach (var finding in last.Findings.Where(finding => !ReleaseText.IsHealthy(finding)))
            {
                yield return new InkedLine($"  guard          {ReleaseText.Finding(finding)}", Ink.Bad);
            }
        }
        foreach (var line in ReleaseText.Next(view.Next))
        {
            yield return line;
        }
    }

    private static IEnumerable<InkedLine> Running(RolloutsView view, RolloutView rollout)
    {
        yield return new InkedLine(
            $"{view.Flag}  {view.Environment}  {rollout.From} -> {rollout.To}  {rollout.Share}{(rollout.Paused ? "  PAUSED" : "")}",
            Ink.Strong
        );
        yield return $"  step           {rollout.Step} of {rollout.Steps.Count}: {string.Join(", ", rollout.Steps)}; {Doing(rollout)}";
        yield return $"  guard          {(rollout.Guards.Count == 0 ? "none" : string.Join(", ", rollout.Guards))}; a breach goes back to {Back(rollout)}";
        if (rollout.Verdicts is [.., var verdict])
        {
            foreach (var finding in verdict.Findings)
            {
                yield return new InkedLine(
                    $"                 {ReleaseText.Finding(finding)}",
                    ReleaseText.IsHealthy(finding) ? Ink.Good : Ink.Bad
                );
            }
        }
        foreach (var line in Reported(view.Clients))
        {
            yield return line;
        }
        if (rollout.NeedsPerson is not null)
        {
            yield return new InkedLine($"  needs you      {rollout.NeedsPerson}", Ink.Strong);
        }
        foreach (var line in ReleaseText.Next(view.Next))
        {
            yield return line;
        }
    }

    /// <summary>What applications report; nothing while they report nothing.</summary>
    private static IEnumerable<InkedLine> Reported(RolloutClientsView? clients)
    {
        foreach (var it in clients?.Variants.Where(it => it.Units > 0 || it.Outcomes > 0) ?? [])
        {
            var slow = it.P99Ms is { } ms ? string.Create(CultureInfo.InvariantCulture, $", p99 {ms:0.#}ms") : "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  clients        {it.Variant}: {it.Units:#,0} users, {it.Outcomes:#,0} outcomes, {it.Failed:#,0} failed{slow}"
            );
        }
        if (clients is { Unmatched: > 0 } or { Forgotten: > 0 })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  clients        {clients.Unmatched:#,0} outcomes of users without a variant, {clients.Forgotten:#,0} users forgotten for others"
            );
        }
    }

    private static string Doing(RolloutView rollout) =>
        rollout.Phase switch
        {
            "observing" when rollout.HoldMs > 0 => $"each is held for {Elapsed.Text(TimeSpan.FromMilliseconds(rollout.HoldMs))}",
            "returning" => "on its way back",
            var phase => phase,
        };

    private static string Back(RolloutView rollout) => rollout.OnBreach == "previous" ? "the share before" : "nobody";

    private static string Sentence(RolloutsView view, RolloutView rollout)
    {
        var took = rollout.EndedAt is { } end ? $", after {Elapsed.Text(end - rollout.StartedAt)}" : "";
        var (flag, where) = (view.Flag, view.Environment);
        return rollout.Outcome switch
        {
            "done" => $"{rollout.Share} of the users in {where} have {flag}={rollout.To}{took}.",
            "taken_back" => $"{flag}={rollout.To} was taken back to {rollout.Share} in {where}{took}.",
            "stopped" => $"The rollout of {flag}={rollout.To} in {where} was stopped{took}; nobody has it.",
            "killed" => $"{flag} was killed in {where} while {rollout.To} was rolling out{took}.",
            "running" => $"{flag}={rollout.To} is rolling out in {where}, at {rollout.Share}.",
            var other => $"The rollout of {flag} ended as {other}, which this teal does not know.",
        };
    }
}
