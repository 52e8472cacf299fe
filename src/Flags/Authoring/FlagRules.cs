namespace Teal.Flags;

/// <summary>What makes a set of flags a good one. Every mistake is said, up to a limit, with the place where it stands.</summary>
public static class FlagRules
{
    /// <summary>Everything that is wrong, at most 100 things; nothing when the set may be taken.</summary>
    public static IReadOnlyList<FlagProblem> Check(FlagSet set)
    {
        var problems = new FlagProblems();
        CheckEnvironments(set, problems);
        CheckSegments(set, problems);
        CheckHoldouts(set, problems);
        problems.Count("flags", set.Flags.Count, 0, FlagLimits.Flags);
        foreach (var (key, flag) in set.Flags.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (problems.IsFull)
            {
                break;
            }
            CheckFlag(set, key, flag, problems.Of(key));
        }
        // What follows walks from flag to flag and needs every single one to be in order.
        if (problems.All.Count == 0)
        {
            FlagBonds.Check(set, problems);
        }
        return problems.All;
    }

    /// <summary>The same for a set that was made out of a good one: only what is another object than there is looked at closely.</summary>
    public static IReadOnlyList<FlagProblem> Check(FlagSet good, FlagSet set)
    {
        var isShared =
            ReferenceEquals(good.Environments, set.Environments)
            && ReferenceEquals(good.Segments, set.Segments)
            && ReferenceEquals(good.Holdouts, set.Holdouts);
        if (!isShared)
        {
            return Check(set);
        }
        var problems = new FlagProblems();
        problems.Count("flags", set.Flags.Count, 0, FlagLimits.Flags);
        foreach (var key in Touched(good, set).TakeWhile(_ => !problems.IsFull))
        {
            CheckFlag(set, key, set.Flags[key], problems.Of(key));
        }
        if (problems.All.Count == 0)
        {
            FlagBonds.Check(set, problems);
        }
        return problems.All;
    }

    /// <summary>Flags that are not what they were, and those that name one of them.</summary>
    private static IEnumerable<string> Touched(FlagSet good, FlagSet set)
    {
        var changed = set
            .Flags.Where(pair => !ReferenceEquals(good.Flags.GetValueOrDefault(pair.Key), pair.Value))
            .Select(pair => pair.Key)
            .Concat(good.Flags.Keys.Where(key => !set.Flags.ContainsKey(key)))
            .ToHashSet(StringComparer.Ordinal);
        return set
            .Flags.Where(pair =>
                changed.Contains(pair.Key)
                || pair.Value.Requires.Any(required => changed.Contains(required.Flag))
                || (pair.Value.Cohort is { Owner: CohortOwner.Flag } cohort && changed.Contains(cohort.Name))
            )
            .Select(pair => pair.Key)
            .Order(StringComparer.Ordinal);
    }

    private static void CheckEnvironments(FlagSet set, FlagProblems problems)
    {
        problems.Count("environments", set.Environments.Count, 1, FlagLimits.Environments);
        problems.Unique("environments", set.Environments);
        foreach (var name in set.Environments)
        {
            problems.Place("environments", "environment", name);
        }
    }

    private static void CheckSegments(FlagSet set, FlagProblems problems)
    {
        problems.Count("segments", set.Segments.Count, 0, FlagLimits.Segments);
        foreach (var (name, segment) in set.Segments.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var path = $"segments.{name}";
            problems.Place(path, "segment", name);
            problems.Length($"{path}.description", segment.Description, 0, FlagLimits.DescriptionCharacters);
            problems.Count($"{path}.users", segment.Users.Count, 0, FlagLimits.Users);
            problems.Unique($"{path}.users", segment.Users);
            if (segment.Users.Any(user => user.Length is 0 or > FlagLimits.UserCharacters))
            {
                problems.Add("TEAL9210", $"{path}.users", $"a user has 1 to {FlagLimits.UserCharacters} characters");
            }
            if (segment.If is { } condition)
            {
                ConditionRules.Check(set, condition, $"{path}.if", problems);
            }
        }
    }

    private static void CheckHoldouts(FlagSet set, FlagProblems problems)
    {
        problems.Count("holdouts", set.Holdouts.Count, 0, FlagLimits.Holdouts);
        foreach (var (name, holdout) in set.Holdouts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var path = $"holdouts.{name}";
            problems.Place(path, "holdout", name);
            problems.Length($"{path}.salt", holdout.Salt, 1, FlagLimits.SaltCharacters);
            problems.Attribute($"{path}.by", holdout.By);
        }
    }

    private static void CheckFlag(FlagSet set, string key, Flag flag, FlagProblems problems)
    {
        var path = $"flags.{key}";
        if (key != flag.Key)
        {
            problems.Add("TEAL9201", path, $"the flag here calls itself {Wording.Quote(flag.Key)}");
        }
        problems.Key(path, "flag", key);
        problems.Length($"{path}.owner", flag.Owner.Trim(), 1, FlagLimits.OwnerCharacters);
        problems.Length($"{path}.description", flag.Description, 0, FlagLimits.DescriptionCharacters);
        problems.Length($"{path}.salt", flag.Salt, 1, FlagLimits.SaltCharacters);
        CheckTags(flag, path, problems);
        if (flag is { Created: { } created, Expires: { } expires } && expires < created)
        {
            problems.Add(
                "TEAL9216",
                $"{path}.expires",
                $"the flag expires on {expires:yyyy-MM-dd}, before it was created on {created:yyyy-MM-dd}"
            );
        }
        CheckVariants(flag, path, problems);
        CheckRequires(set, flag, path, problems);
        CheckCohort(set, flag, path, problems);
        CheckTargetings(set, flag, path, problems);
    }

    private static void CheckTags(Flag flag, string path, FlagProblems problems)
    {
        problems.Count($"{path}.tags", flag.Tags.Count, 0, FlagLimits.Tags);
        problems.Unique($"{path}.tags", flag.Tags);
        foreach (var tag in flag.Tags)
        {
            problems.Key($"{path}.tags", "tag", tag);
        }
        problems.Count($"{path}.links", flag.Links.Count, 0, FlagLimits.Links);
        foreach (var link in flag.Links)
        {
            problems.Key($"{path}.links", "linked name", link.Name);
        }
    }

    private static void CheckVariants(Flag flag, string path, FlagProblems problems)
    {
        problems.Count($"{path}.variants", flag.Variants.Count, 1, FlagLimits.Variants);
        problems.Unique($"{path}.variants", [.. flag.Variants.Select(variant => variant.Name)]);
        foreach (var variant in flag.Variants)
        {
            var at = $"{path}.variants.{variant.Name}";
            problems.Key(at, "variant", variant.Name);
            if (variant.Value.Type != flag.Type)
            {
                problems.Add(
                    "TEAL9207",
                    at,
                    $"the value is a {Word(variant.Value.Type)}, and the flag serves a {Word(flag.Type)}; all variants are of one kind"
                );
            }
            problems.Length(at, variant.Value.Json, 1, FlagLimits.ValueCharacters);
        }
    }

    private static void CheckRequires(FlagSet set, Flag flag, string path, FlagProblems problems)
    {
        problems.Count($"{path}.requires", flag.Requires.Count, 0, FlagLimits.Requires);
        problems.Unique($"{path}.requires", [.. flag.Requires.Select(required => required.Flag)]);
        foreach (var required in flag.Requires)
        {
            var at = $"{path}.requires.{required.Flag}";
            if (problems.Known(set, at, required.Flag) is not { } other)
            {
                continue;
            }
            if (other.IsArchived && !flag.IsArchived)
            {
                problems.Add("TEAL9204", at, $"the flag '{other.Key}' is archived and is served to nobody");
            }
            problems.Count(at, required.Variants.Count, 1, FlagLimits.Variants);
            foreach (var variant in required.Variants)
            {
                problems.Known(other, at, variant);
            }
        }
    }

    private static void CheckCohort(FlagSet set, Flag flag, string path, FlagProblems problems)
    {
        switch (flag.Cohort)
        {
            case { Owner: CohortOwner.Flag } sharing:
                problems.Known(set, $"{path}.cohort", sharing.Name);
                break;
            case { Owner: CohortOwner.Release } sharing:
                problems.Place($"{path}.cohort", "service", sharing.Name);
                break;
            default:
                break;
        }
    }

    private static void CheckTargetings(FlagSet set, Flag flag, string path, FlagProblems problems)
    {
        foreach (var environment in set.Environments.Where(environment => !flag.Environments.ContainsKey(environment)))
        {
            problems.Add("TEAL9213", $"{path}.environments", $"the flag does not say what it serves in '{environment}'");
        }
        foreach (var (environment, targeting) in flag.Environments.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var at = $"{path}.environments.{environment}";
            if (!set.Environments.Contains(environment, StringComparer.Ordinal))
            {
                problems.Unknown("TEAL9205", at, "environment", environment, set.Environments);
                continue;
            }
            TargetingRules.Check(set, flag, targeting, at, problems);
        }
    }

    private static string Word(FlagType type) =>
        type switch
        {
            FlagType.Bool => "truth value",
            FlagType.String => "text",
            FlagType.Number => "number",
            _ => "group of keys",
        };
}
