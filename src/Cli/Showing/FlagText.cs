using System.Globalization;
using Teal.Wire;

namespace Teal.Cli.Showing;

/// <summary>Flags in words. Pure.</summary>
internal static class FlagText
{
    public static IEnumerable<InkedLine> List(FlagsView view)
    {
        yield return new InkedLine($"{view.Environment}, of {string.Join(", ", view.Environments)}; version {view.SetVersion}", Ink.Strong);
        foreach (var line in (view.Sources ?? []).SelectMany(Source))
        {
            yield return line;
        }
        if (view.Document is { } from)
        {
            yield return new InkedLine($"Served from the flagd document {from}; the flags below are not.");
        }
        if (view.Flags.Count == 0)
        {
            yield return new InkedLine("No flags yet.");
            yield break;
        }
        var width = view.Flags.Max(flag => flag.Key.Length);
        foreach (var flag in view.Flags)
        {
            var rules = flag.Rules.Count switch
            {
                0 => "",
                1 => ", 1 rule",
                var many => $", {many} rules",
            };
            var serves = flag.Enabled ? flag.Serves : $"off ({flag.Off ?? "the code's own default"})";
            yield return new InkedLine($"  {flag.Key.PadRight(width)}  {serves}{rules}  {Stage(flag)}  {flag.Kind}  {flag.Owner}");
        }
    }

    private static IEnumerable<InkedLine> Source(FlagSourceView source)
    {
        if (source.Errors.Count == 0)
        {
            yield return new InkedLine($"From the file {source.File}.");
        }
        else
        {
            yield return new InkedLine($"The file {source.File} was not taken; the last good flags serve on:", Ink.Bad);
        }
        foreach (var error in source.Errors)
        {
            yield return new InkedLine($"  {error}", Ink.Bad);
        }
        if (source.Overruled.Count > 0)
        {
            yield return new InkedLine($"Otherwise than it says, by kill, rollout or schedule: {string.Join(", ", source.Overruled)}");
        }
    }

    public static IEnumerable<InkedLine> Whole(FlagsView view)
    {
        var flag = view.Flags[0];
        yield return new InkedLine($"{flag.Key}  version {flag.FlagVersion}  {flag.Kind}  {flag.Owner}", Ink.Strong);
        if (flag.Description.Length > 0)
        {
            yield return new InkedLine($"  {flag.Description}");
        }
        yield return new InkedLine($"  variants   {string.Join(", ", flag.Variants.Select(pair => $"{pair.Key} = {pair.Value}"))}");
        yield return new InkedLine(
            $"  in {view.Environment}: {(flag.Enabled ? "on" : $"off, serves {flag.Off ?? "the code's own default"}")}"
        );
        foreach (var rule in flag.Rules)
        {
            yield return new InkedLine($"  rule       {rule}");
        }
        yield return new InkedLine($"  otherwise  {flag.Serves}");
        yield return new InkedLine($"  {Stage(flag)}{(flag.Expires is { } end ? $", expires {end:yyyy-MM-dd}" : "")}");
    }

    public static IEnumerable<InkedLine> Changed(FlagsChangedView view)
    {
        if (view.Changes.Count == 0)
        {
            yield return new InkedLine("Nothing to change: it is so already.");
        }
        foreach (var change in view.Changes)
        {
            yield return new InkedLine(change);
        }
        if (view.DryRun && view.Changes.Count > 0)
        {
            yield return new InkedLine("Nothing was changed: --dry-run.");
        }
    }

    public static IEnumerable<InkedLine> Killed(FlagKilledView view)
    {
        yield return new InkedLine($"{view.Flag} is off in {string.Join(" and ", view.Environments)}.", Ink.Strong);
        yield return new InkedLine(
            view.Missing.Count == 0
                ? $"Every connected client has it ({view.Acknowledged})."
                : $"{view.Acknowledged} connected clients have it; of these nothing was heard:"
        );
        foreach (var line in Clients(view.Missing))
        {
            yield return line;
        }
    }

    public static IEnumerable<InkedLine> Clients(IReadOnlyList<FlagClientView> clients)
    {
        foreach (var client in clients)
        {
            var state = client.IsCurrent ? "current" : "not heard of";
            yield return new InkedLine(
                $"  {client.Environment}  {client.Kind}  {client.Name}  since {ReleaseText.Instant(client.Since)}  {state}"
            );
        }
    }

    /// <summary>What applications reported, a line for each environment that anything came from.</summary>
    public static IEnumerable<InkedLine> Reports(IReadOnlyList<ClientReportsView> reports)
    {
        foreach (var it in reports)
        {
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"  {it.Environment}  reported: {it.Exposures:#,0} exposures, {it.Outcomes:#,0} outcomes; {it.Dropped:#,0} dropped by clients"
            );
            var refused = it
                .Refused.Where(reason => reason.Value > 0)
                .Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Value:#,0} {reason.Key}"))
                .ToList();
            yield return refused.Count == 0 ? line : new InkedLine($"{line}; refused: {string.Join(", ", refused)}", Ink.Bad);
        }
    }

    public static IEnumerable<InkedLine> Diff(FlagDiffView view)
    {
        if (view.Differences.Count == 0)
        {
            yield return new InkedLine($"{view.From} and {view.To} serve the same.");
        }
        foreach (var it in view.Differences)
        {
            yield return new InkedLine(
                $"{(it.Flag is null ? "" : it.Flag + ": ")}{it.What}: {it.From ?? "nothing"} → {it.To ?? "nothing"}"
            );
        }
    }

    public static IEnumerable<InkedLine> Eval(FlagEvalView view)
    {
        var value = view.Value is null ? "the code's own default" : $"{view.Variant ?? "no variant"} = {view.Value}";
        yield return new InkedLine($"{view.Flag} in {view.Environment}: {value}  ({view.Error ?? view.Reason})", Ink.Strong);
        if (view.Rule is { } rule)
        {
            yield return new InkedLine($"  decided by  {rule}");
        }
        yield return new InkedLine($"  because     {view.Why}");
        foreach (var step in view.Steps)
        {
            yield return new InkedLine($"  split       {step}");
        }
    }

    public static IEnumerable<InkedLine> Stale(FlagsView view)
    {
        if (view.Flags.Count == 0)
        {
            yield return new InkedLine("No stale flags.");
        }
        foreach (var flag in view.Flags)
        {
            yield return new InkedLine($"{flag.Key}  {flag.Owner}", Ink.Strong);
            foreach (var why in flag.StaleBecause)
            {
                yield return new InkedLine($"  {why}");
            }
            foreach (var step in flag.Removing)
            {
                yield return new InkedLine($"  to do: {step}");
            }
        }
    }

    private static string Stage(FlagLineView flag) => flag.Stage.Replace('_', ' ');
}
