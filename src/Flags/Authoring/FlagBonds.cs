namespace Teal.Flags;

/// <summary>What flags and segments of a set have to do with each other: circles, sizes, and cohorts that have to fit.</summary>
internal sealed class FlagBonds
{
    private const long Circle = -1;

    private readonly FlagSet _set;
    private readonly FlagProblems _problems;
    private readonly Dictionary<string, long> _segmentNodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _flagNodes = new(StringComparer.Ordinal);

    private FlagBonds(FlagSet set, FlagProblems problems)
    {
        _set = set;
        _problems = problems;
    }

    public static void Check(FlagSet set, FlagProblems problems)
    {
        var bonds = new FlagBonds(set, problems);
        foreach (var name in set.Segments.Keys.Order(StringComparer.Ordinal))
        {
            bonds.SegmentNodes(name, [name]);
        }
        if (problems.All.Count > 0)
        {
            return;
        }
        foreach (var key in set.Flags.Keys.Order(StringComparer.Ordinal))
        {
            bonds.FlagNodes(key, [key]);
        }
        if (problems.All.Count == 0)
        {
            bonds.CheckCohorts();
        }
    }

    /// <summary>Size of the segment's rule with the segments that it names written out.</summary>
    private long SegmentNodes(string name, List<string> path)
    {
        if (_segmentNodes.TryGetValue(name, out var known))
        {
            return known == Circle ? Round($"segments.{name}.if", "segments lead in a circle", name, path, _problems) : known;
        }
        _segmentNodes[name] = Circle;
        var nodes = _set.Segments[name].If is { } condition ? Nodes(condition, path) : 1;
        if (nodes > FlagLimits.CompiledNodes)
        {
            nodes = TooLarge($"segments.{name}", _problems);
        }
        return _segmentNodes[name] = nodes;
    }

    private long FlagNodes(string key, List<string> path)
    {
        var problems = _problems.Of(key);
        if (_flagNodes.TryGetValue(key, out var known))
        {
            return known == Circle ? Round($"flags.{key}.requires", "required flags lead in a circle", key, path, problems) : known;
        }
        if (path.Count > FlagLimits.Requires + 1)
        {
            problems.Add("TEAL9210", $"flags.{key}.requires", $"flags require each other more than {FlagLimits.Requires} deep");
            return 1;
        }
        _flagNodes[key] = Circle;
        var flag = _set.Flags[key];
        var own = flag.Environments.Values.Max(targeting =>
            targeting.Rules.Sum(rule => Nodes(rule.If, []) + NodesOf(rule.Serve)) + NodesOf(targeting.Otherwise)
        );
        var nodes = own + flag.Requires.Sum(required => required.Variants.Count + FlagNodes(required.Flag, [.. path, required.Flag]));
        if (nodes > FlagLimits.CompiledNodes)
        {
            nodes = TooLarge($"flags.{key}", problems);
        }
        return _flagNodes[key] = nodes;
    }

    private long Nodes(Condition condition, List<string> path) =>
        condition switch
        {
            Condition.InSegment named => 1 + SegmentNodes(named.Segment, [.. path, named.Segment]),
            Condition.Attribute attribute => 3 + attribute.Values.Count,
            Condition.All all => 1 + all.Conditions.Sum(inner => Nodes(inner, path)),
            Condition.Any any => 1 + any.Conditions.Sum(inner => Nodes(inner, path)),
            Condition.Not not => 1 + Nodes(not.Condition, path),
            _ => 1,
        };

    private static long NodesOf(Serve serve) => serve is Serve.Split split ? 4 + split.Slices.Count : 1;

    private static long Round(string path, string what, string name, List<string> steps, FlagProblems problems)
    {
        var round = steps.Skip(Math.Max(0, steps.IndexOf(name)));
        problems.Add("TEAL9209", path, $"{what}: {string.Join(" → ", round)}");
        return 1;
    }

    private static long TooLarge(string path, FlagProblems problems)
    {
        problems.Add(
            "TEAL9210",
            path,
            $"with all that it names written out it has more than {FlagLimits.CompiledNodes} parts; name fewer segments and flags in each other"
        );
        return 1;
    }

    private void CheckCohorts()
    {
        foreach (var flag in _set.Flags.Values.Where(flag => flag.Cohort is not null).OrderBy(flag => flag.Key, StringComparer.Ordinal))
        {
            var problems = _problems.Of(flag.Key);
            var path = $"flags.{flag.Key}.cohort";
            if (Cohorts.PlaceOf(_set, flag) is null)
            {
                problems.Add("TEAL9209", path, $"cohorts lead in a circle, or over more than {Cohorts.MostSteps} flags");
            }
            else if (
                flag is { IsArchived: false, Cohort: { Owner: CohortOwner.Flag } sharing }
                && _set.Flags[sharing.Name] is { IsArchived: false } other
            )
            {
                CheckSharing(flag, other, sharing.Relation, path, problems);
            }
        }
    }

    private void CheckSharing(Flag flag, Flag other, CohortRelation relation, string path, FlagProblems problems)
    {
        foreach (var environment in _set.Environments)
        {
            var (one, two) = (flag.Environments[environment], other.Environments[environment]);
            var keys = Cohorts
                .SplitsOf(one)
                .Concat(Cohorts.SplitsOf(two))
                .Select(split => split.By)
                .Distinct(StringComparer.Ordinal)
                .ToList();
            if (keys.Count > 1)
            {
                problems.Add(
                    "TEAL9215",
                    path,
                    $"in {environment} '{flag.Key}' and '{other.Key}' split by {string.Join(" and ", keys)}; a cohort is shared by one attribute"
                );
            }
            var (filled, taken) = (Cohorts.Filled(one), Cohorts.Filled(two));
            if (relation == CohortRelation.DisjointFrom && !Cohorts.Fit(filled, taken))
            {
                problems.Add(
                    "TEAL9215",
                    path,
                    $"in {environment} '{flag.Key}' takes {filled} and '{other.Key}' {taken}: more than 100% cannot be disjoint"
                );
            }
        }
    }
}
