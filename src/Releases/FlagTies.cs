using Teal.Flags;

namespace Teal.Releases;

/// <summary>The flags as a release meets them.</summary>
/// <param name="SegmentsOfDocument">
/// The segments of an environment that is served from a document as it is (its <c>$evaluators</c>); null where it is served from the set.
/// </param>
public sealed record FlagSituation(FlagSet Set, Func<string, IReadOnlyCollection<string>?> SegmentsOfDocument);

/// <summary>A release that runs, waits or is asked for, as far as flags are concerned.</summary>
/// <param name="Cohort">How it splits users; null as long as that is not decided.</param>
/// <param name="Most">The largest share below 100 % that is ahead of it: with all the traffic nobody is apart any more.</param>
public sealed record FlagTie(string Service, string Version, Manifest Manifest, CohortLine? Cohort, Share Most);

/// <summary>What binds a release to the flags: the segments it targets, and the cohort it shares with a flag or keeps apart from one. Pure.</summary>
public static class FlagTies
{
    private const string SegmentWord = "segment:";
    private const string Same = "same-as flag:";
    private const string Disjoint = "disjoint-from flag:";

    /// <summary>The segment that a target names; null: it is of another kind.</summary>
    public static string? SegmentOf(string target) =>
        target.StartsWith(SegmentWord, StringComparison.Ordinal) ? target[SegmentWord.Length..] : null;

    public static IEnumerable<string> SegmentsOf(ReleaseSection release) => release.Target.Select(SegmentOf).OfType<string>();

    /// <summary>The flag whose cohort the release shares or avoids; null: its cohort is its own.</summary>
    public static CohortSharing? SharingOf(ReleaseSection release) =>
        release.Cohort.With is not { } with ? null
        : with.StartsWith(Same, StringComparison.Ordinal) ? new(CohortRelation.SameAs, CohortOwner.Flag, with[Same.Length..])
        : new(CohortRelation.DisjointFrom, CohortOwner.Flag, with[Disjoint.Length..]);

    /// <summary>For a plan: which users come first.</summary>
    public static string CohortWords(ReleaseSection release) =>
        SharingOf(release) switch
        {
            { Relation: CohortRelation.SameAs } same => $", those who get the flag {same.Name} first,",
            { } apart => $", nobody of them among those who get the flag {apart.Name} first,",
            _ => "",
        };

    /// <summary>How the release splits users when it begins now; null when its cohort is its own, or cannot be had.</summary>
    public static CohortLine? LineOf(Manifest manifest, FlagSet set) =>
        SharingOf(manifest.Release) is { } sharing
        && set.Flags.TryGetValue(sharing.Name, out var flag)
        && Cohorts.PlaceOf(set, flag) is { Release: null } place
            ? new CohortLine(place.Salt, place.IsFromTop ^ (sharing.Relation == CohortRelation.DisjointFrom))
            : null;

    /// <summary>The largest share below 100 % among the stages from this one on.</summary>
    public static Share MostOf(Manifest manifest, int fromStage) =>
        manifest
            .Release.Steps.Skip(fromStage)
            .Select(step => step.Share)
            .Where(share => share < Share.All)
            .DefaultIfEmpty(Share.None)
            .Max();

    /// <summary>Everything that stands between this release and these flags; nothing when they fit.</summary>
    public static IReadOnlyList<FlagProblem> Check(FlagTie tie, FlagSituation flags)
    {
        var (release, set) = (tie.Manifest.Release, flags.Set);
        var environment = tie.Manifest.Flags?.Environment ?? set.Environments[^1];
        var isKnown = set.Environments.Contains(environment, StringComparer.Ordinal);
        var names = SegmentsOf(release).Distinct(StringComparer.Ordinal).ToList();
        var sharing = SharingOf(release);
        if (!isKnown)
        {
            return names.Count > 0 || sharing is not null ? [NoEnvironment(environment, set)] : [];
        }
        var document = flags.SegmentsOfDocument(environment);
        var segments = names.Select(name =>
            Missing(tie, name, environment, document ?? (IReadOnlyCollection<string>)[.. set.Segments.Keys])
        );
        if (document is not null)
        {
            return [.. segments.OfType<FlagProblem>(), .. sharing is null ? [] : new[] { InDocument(tie, sharing, environment) }];
        }
        var own = sharing is null ? null : Unfit(tie, sharing, environment, set);
        return [.. segments.Append(own).OfType<FlagProblem>(), .. own is null ? Crowded(tie, environment, set) : []];
    }

    private static FlagProblem? Missing(FlagTie tie, string name, string environment, IReadOnlyCollection<string> known) =>
        known.Contains(name, StringComparer.Ordinal)
            ? null
            : new FlagProblem(
                "TEAL9509",
                null,
                $"segments.{name}",
                $"the release of {tie.Service} to {tie.Version} targets the segment {Wording.Quote(name)}, and there is none of this name in {environment}",
                Wording.Nearest(name, known)
            );

    /// <summary>Why the flag that the manifest names has no cohort to share.</summary>
    private static FlagProblem? Unfit(FlagTie tie, CohortSharing sharing, string environment, FlagSet set)
    {
        if (!set.Flags.TryGetValue(sharing.Name, out var flag) || flag.IsArchived)
        {
            var known = set.Flags.Values.Where(other => !other.IsArchived).Select(other => other.Key);
            return Of(tie, "TEAL9510", sharing.Name, "there is no such flag", Wording.Nearest(sharing.Name, known));
        }
        if (LineOf(tie.Manifest, set) is not { } line)
        {
            return Of(tie, "TEAL9511", flag.Key, "that flag follows the cohort of a release itself");
        }
        if (tie.Cohort is { } begun && begun != line)
        {
            return Of(tie, "TEAL9511", flag.Key, "its users would be others than those that the release has already");
        }
        var by = Cohorts
            .SplitsOf(flag.Environments[environment])
            .Select(split => split.By)
            .FirstOrDefault(by => by != Serve.Split.TargetingKey);
        return by is null ? null : Of(tie, "TEAL9511", flag.Key, $"it is split by {by}, and a release by release.cohort.by");
    }

    private static FlagProblem Of(FlagTie tie, string code, string flag, string why, string? suggestion = null) =>
        new(
            code,
            flag,
            $"flags.{Wording.Clean(flag)}",
            $"the release of {tie.Service} to {tie.Version} takes its cohort from the flag {Wording.Quote(flag)}, and {why}",
            suggestion,
            code == "TEAL9510" ? FlagProblemKind.Invalid : FlagProblemKind.Conflict
        );

    /// <summary>Flags on the release's line that fill it from the other end: they promise to have nobody in common.</summary>
    private static IEnumerable<FlagProblem> Crowded(FlagTie tie, string environment, FlagSet set)
    {
        var line = tie.Cohort ?? LineOf(tie.Manifest, set);
        foreach (var flag in set.Flags.Values.Where(flag => !flag.IsArchived).OrderBy(flag => flag.Key, StringComparer.Ordinal))
        {
            var targeting = flag.Environments[environment];
            if (!targeting.IsEnabled || !IsOpposite(tie.Service, line, Cohorts.PlaceOf(set, flag)!))
            {
                continue;
            }
            var filled = Cohorts.Filled(targeting);
            if (!Cohorts.Fit(filled, tie.Most))
            {
                yield return new FlagProblem(
                    "TEAL9512",
                    flag.Key,
                    $"flags.{flag.Key}.cohort",
                    $"the release of {tie.Service} to {tie.Version} goes to {tie.Most} and '{flag.Key}' to {filled} in {environment}: more than 100% cannot be disjoint",
                    Kind: FlagProblemKind.Conflict
                );
            }
        }
    }

    private static bool IsOpposite(string service, CohortLine? release, CohortPlace flag)
    {
        var isFromTop = release?.IsFromTop == true;
        if (flag.Release is { } shared)
        {
            // Seen from the release: its own end is the first one.
            return shared == service && flag.IsFromTop;
        }
        return release is not null && flag.Salt == release.Salt && flag.IsFromTop != isFromTop;
    }

    private static FlagProblem NoEnvironment(string environment, FlagSet set) =>
        new(
            "TEAL9508",
            null,
            "environments",
            $"flags.environment of teal.yaml is {Wording.Quote(environment)}, and the flags have no such environment",
            Wording.Nearest(environment, set.Environments)
        );

    private static FlagProblem InDocument(FlagTie tie, CohortSharing sharing, string environment) =>
        Of(tie, "TEAL9511", sharing.Name, $"{environment} is served from a flagd document, which knows no cohorts");
}
