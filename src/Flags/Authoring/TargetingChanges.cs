namespace Teal.Flags;

/// <summary>What one change makes of what a flag serves in one environment.</summary>
internal static class TargetingChanges
{
    public static (Targeting? Next, FlagProblem? Refusal) Of(Flag flag, Targeting targeting, FlagChange.OfTargeting change, string path) =>
        change switch
        {
            FlagChange.EnableFlag enable => (targeting with { IsEnabled = enable.IsEnabled }, null),
            FlagChange.SetOtherwise set => (targeting with { Otherwise = set.Otherwise }, null),
            FlagChange.SetShare set => Shared(flag, targeting, set, path),
            FlagChange.SetTargeting set => (set.Targeting with { Changed = targeting.Changed }, null),
            FlagChange.PutRule put => (targeting with { Rules = With(targeting.Rules, put.Rule, put.At) }, null),
            FlagChange.RemoveRule remove => targeting.Rules.Any(rule => rule.Name == remove.Rule)
                ? (targeting with { Rules = [.. targeting.Rules.Where(rule => rule.Name != remove.Rule)] }, null)
                : (null, NoRule(flag, targeting, remove.Rule, path)),
            FlagChange.RunSchedule run => Run(flag, targeting, run.Entry, path),
            _ => throw new InvalidOperationException($"No such change: {change.GetType().Name}."),
        };

    private static List<Rule> With(IReadOnlyList<Rule> rules, Rule rule, int? at)
    {
        var next = rules.ToList();
        var present = next.FindIndex(known => known.Name == rule.Name);
        if (present >= 0)
        {
            next[present] = rule;
            return next;
        }
        next.Insert(Math.Clamp(at ?? next.Count, 0, next.Count), rule);
        return next;
    }

    /// <summary>
    /// A split of two keeps its order, and so its users. What was for everybody before becomes the rest, except that the off variant
    /// always is.
    /// </summary>
    private static (Targeting?, FlagProblem?) Shared(Flag flag, Targeting targeting, FlagChange.SetShare set, string path)
    {
        var present = targeting.Otherwise as Serve.Split;
        var against = set.Against ?? OtherOf(flag, targeting, set.Variant);
        if (against is null || against == set.Variant)
        {
            return (null, NotTwo(flag, path, $"it is not clear whose share '{Wording.Clean(set.Variant)}' takes: name the other variant"));
        }
        string[] pair = [set.Variant, against];
        if (present is not null && (present.Slices.Count != 2 || present.Slices.Any(slice => !pair.Contains(slice.Variant))))
        {
            return (
                null,
                NotTwo(
                    flag,
                    path,
                    $"the split is {FlagWords.Of(present)}; a share is set between its own two variants, others are set whole"
                )
            );
        }
        var rest = new Share(Share.Whole - set.Share.Parts);
        var isLast = present is not null ? present.Slices[^1].Variant == set.Variant : set.Variant == targeting.Off;
        Slice[] slices = isLast
            ? [new Slice(against, rest), new Slice(set.Variant, set.Share)]
            : [new Slice(set.Variant, set.Share), new Slice(against, rest)];
        return (targeting with { Otherwise = new Serve.Split(slices, present?.By ?? Serve.Split.TargetingKey) }, null);
    }

    private static string? OtherOf(Flag flag, Targeting targeting, string variant) =>
        targeting.Otherwise switch
        {
            Serve.Split { Slices.Count: 2 } split when split.Slices.Any(slice => slice.Variant == variant) => split
                .Slices.First(slice => slice.Variant != variant)
                .Variant,
            Serve.Split => null,
            Serve.One one when one.Variant != variant => one.Variant,
            _ when targeting.Off is { } off && off != variant => off,
            _ => flag.Variants.Count == 2 ? flag.Variants.FirstOrDefault(other => other.Name != variant)?.Name : null,
        };

    private static (Targeting?, FlagProblem?) Run(Flag flag, Targeting targeting, Scheduled entry, string path)
    {
        var at = targeting.Schedule.ToList().FindIndex(known => FlagJson.Same(known, entry));
        if (at < 0)
        {
            return (
                null,
                new FlagProblem(
                    "TEAL9231",
                    flag.Key,
                    $"{path}.schedule",
                    $"nothing of the kind is scheduled any more: {FlagWords.Of(entry)}",
                    Kind: FlagProblemKind.Unknown
                )
            );
        }
        return (
            targeting with
            {
                IsEnabled = entry.IsEnabled ?? targeting.IsEnabled,
                Otherwise = entry.Otherwise ?? targeting.Otherwise,
                Schedule = [.. targeting.Schedule.Where((_, index) => index != at)],
            },
            null
        );
    }

    private static FlagProblem NoRule(Flag flag, Targeting targeting, string rule, string path) =>
        new(
            "TEAL9231",
            flag.Key,
            $"{path}.rules",
            $"there is no rule {Wording.Quote(rule)}",
            Wording.Nearest(rule, targeting.Rules.Select(known => known.Name)),
            FlagProblemKind.Unknown
        );

    private static FlagProblem NotTwo(Flag flag, string path, string why) => new("TEAL9233", flag.Key, $"{path}.otherwise", why);
}
