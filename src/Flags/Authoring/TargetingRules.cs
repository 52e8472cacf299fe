namespace Teal.Flags;

/// <summary>What a flag serves in one environment, looked at piece by piece.</summary>
internal static class TargetingRules
{
    public static void Check(FlagSet set, Flag flag, Targeting targeting, string path, FlagProblems problems)
    {
        if (targeting.Off is { } off)
        {
            problems.Known(flag, $"{path}.off", off);
        }
        CheckRules(set, flag, targeting, path, problems);
        CheckServe(flag, targeting, targeting.Otherwise, $"{path}.otherwise", problems);
        CheckHoldout(set, targeting, path, problems);
        if (flag.Requires.Count > 0 && targeting.Off is null)
        {
            problems.Add(
                "TEAL9213",
                $"{path}.off",
                "a flag that requires others needs an off variant for when they do not serve what it asks"
            );
        }
        CheckSchedule(flag, targeting, path, problems);
    }

    private static void CheckRules(FlagSet set, Flag flag, Targeting targeting, string path, FlagProblems problems)
    {
        problems.Count($"{path}.rules", targeting.Rules.Count, 0, FlagLimits.Rules);
        problems.Unique($"{path}.rules", [.. targeting.Rules.Select(rule => rule.Name)]);
        for (var i = 0; i < targeting.Rules.Count; i++)
        {
            var rule = targeting.Rules[i];
            var at = $"{path}.rules[{i}]";
            problems.Key($"{at}.name", "rule", rule.Name);
            ConditionRules.Check(set, rule.If, $"{at}.if", problems);
            CheckServe(flag, targeting, rule.Serve, at, problems);
        }
    }

    private static void CheckServe(Flag flag, Targeting targeting, Serve serve, string path, FlagProblems problems)
    {
        if (serve is Serve.One one)
        {
            problems.Known(flag, path, one.Variant);
        }
        else if (serve is Serve.Split split)
        {
            CheckSplit(flag, targeting, split, path, problems);
        }
    }

    private static void CheckSplit(Flag flag, Targeting targeting, Serve.Split split, string path, FlagProblems problems)
    {
        problems.Attribute(path, split.By);
        problems.Count(path, split.Slices.Count, 1, FlagLimits.Slices);
        problems.Unique(path, [.. split.Slices.Select(slice => slice.Variant)]);
        foreach (var slice in split.Slices)
        {
            problems.Known(flag, path, slice.Variant);
        }
        var parts = split.Slices.Sum(slice => slice.Share.Parts);
        if (parts != Share.Whole)
        {
            problems.Add("TEAL9208", path, $"the shares make {parts / 100m:0.##}%, and have to make 100%");
        }
        if (split.Slices.Take(split.Slices.Count - 1).Any(slice => slice.Variant == targeting.Off))
        {
            problems.Add("TEAL9208", path, $"the off variant '{targeting.Off}' is the rest that others take from; it stands last");
        }
    }

    private static void CheckHoldout(FlagSet set, Targeting targeting, string path, FlagProblems problems)
    {
        if (targeting.Holdout is not { } holdout)
        {
            return;
        }
        if (!set.Holdouts.ContainsKey(holdout))
        {
            problems.Unknown("TEAL9206", $"{path}.holdout", "holdout", holdout, set.Holdouts.Keys);
        }
        if (targeting.Off is null)
        {
            problems.Add("TEAL9213", $"{path}.off", "a flag with a holdout needs an off variant for those who are held out");
        }
    }

    private static void CheckSchedule(Flag flag, Targeting targeting, string path, FlagProblems problems)
    {
        problems.Count($"{path}.schedule", targeting.Schedule.Count, 0, FlagLimits.Schedule);
        for (var i = 0; i < targeting.Schedule.Count; i++)
        {
            var entry = targeting.Schedule[i];
            var at = $"{path}.schedule[{i}]";
            if (!FlagSchedule.IsZone(entry.Zone))
            {
                problems.Add(
                    "TEAL9214",
                    at,
                    $"there is no time zone {Wording.Quote(entry.Zone)}; wanted is a name like Europe/Berlin or UTC"
                );
            }
            if (entry.At.Kind != DateTimeKind.Unspecified || entry.At.Second != 0 || entry.At.Ticks % TimeSpan.TicksPerMinute != 0)
            {
                problems.Add("TEAL9214", at, "the time is a day and a minute on the clock of the zone, like 2026-12-01T09:00");
            }
            if (entry is { IsEnabled: null, Otherwise: null })
            {
                problems.Add("TEAL9214", at, "the entry changes nothing");
            }
            if (entry.Otherwise is { } otherwise)
            {
                CheckServe(flag, targeting, otherwise, at, problems);
            }
        }
    }
}
