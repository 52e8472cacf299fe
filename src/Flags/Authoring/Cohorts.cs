namespace Teal.Flags;

/// <summary>Whose buckets the splits of a flag use, and from which end they are filled.</summary>
/// <param name="Release">The service whose release's salt is used; null when <paramref name="Salt"/> is the salt itself.</param>
/// <param name="IsFromTop">
/// The first slice takes the last buckets: a flag that is disjoint from another one fills the same line from its other end.
/// </param>
public sealed record CohortPlace(string Salt, string? Release, bool IsFromTop)
{
    /// <summary>Slices in the order of their buckets, from 0.</summary>
    public IEnumerable<Slice> Laid(IReadOnlyList<Slice> slices) => IsFromTop ? slices.Reverse() : slices;
}

/// <summary>How a release splits its users: by which salt, and from which end of its line.</summary>
public sealed record CohortLine(string Salt, bool IsFromTop);

/// <summary>
/// Cohorts shared between flags and releases. All have the same line of 10,000 buckets when they have the same salt; each fills it
/// from one end, so that two that fill it from different ends have nobody in common as long as their shares fit into 100 %.
/// </summary>
public static class Cohorts
{
    /// <summary>Longest chain of flags that share each other's cohort.</summary>
    public const int MostSteps = 8;

    /// <summary>Null when the flags lead in a circle, too far, or to one that does not exist.</summary>
    public static CohortPlace? PlaceOf(FlagSet set, Flag flag)
    {
        var isFromTop = false;
        for (var steps = 0; steps <= MostSteps; steps++)
        {
            if (flag.Cohort is not { } sharing)
            {
                return new CohortPlace(flag.Salt, null, isFromTop);
            }
            isFromTop ^= sharing.Relation == CohortRelation.DisjointFrom;
            if (sharing.Owner == CohortOwner.Release)
            {
                return new CohortPlace(flag.Salt, sharing.Name, isFromTop);
            }
            if (!set.Flags.TryGetValue(sharing.Name, out var next))
            {
                return null;
            }
            flag = next;
        }
        return null;
    }

    /// <summary>
    /// The largest part of the line that the flag fills there: of every split all slices but the last. A variant for everybody
    /// behind the rules fills it whole, unless it is the off variant; a variant that a rule names for all it meets fills nothing,
    /// for no cohort is asked there.
    /// </summary>
    public static Share Filled(Targeting targeting)
    {
        var whole = targeting.Otherwise is Serve.One one && one.Variant != targeting.Off ? Share.Whole : 0;
        return new Share(SplitsOf(targeting).Select(split => Share.Whole - split.Slices[^1].Share.Parts).Append(whole).Max());
    }

    /// <summary>True when two that fill the line from different ends have nobody in common.</summary>
    public static bool Fit(Share one, Share other) => one.Parts + other.Parts <= Share.Whole;

    public static IEnumerable<Serve.Split> SplitsOf(Targeting targeting) =>
        targeting.Rules.Select(rule => rule.Serve).Append(targeting.Otherwise).OfType<Serve.Split>();
}
