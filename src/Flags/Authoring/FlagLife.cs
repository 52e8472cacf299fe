using System.Globalization;
using System.Text.Json.Serialization;

namespace Teal.Flags;

[JsonConverter(typeof(JsonStringEnumConverter<FlagStage>))]
public enum FlagStage
{
    /// <summary>Nobody gets anything but the off variant.</summary>
    [JsonStringEnumMemberName("defined")]
    Defined,

    /// <summary>Not everybody gets the same, or not for long enough.</summary>
    [JsonStringEnumMemberName("rolling_out")]
    RollingOut,

    /// <summary>One variant for everybody for 7 days.</summary>
    [JsonStringEnumMemberName("launched")]
    Launched,

    /// <summary>Older than it should be; to be taken out of the code.</summary>
    [JsonStringEnumMemberName("stale")]
    Stale,

    [JsonStringEnumMemberName("archived")]
    Archived,
}

/// <param name="StaleBecause">Why, in sentences; empty unless stale.</param>
/// <param name="KeptBecause">What keeps an old flag from being stale; empty when nothing does.</param>
/// <param name="Removing">What taking it out of the code needs, one step a sentence; empty unless launched or stale.</param>
public sealed record FlagLifeReport(
    FlagStage Stage,
    IReadOnlyList<string> StaleBecause,
    IReadOnlyList<string> KeptBecause,
    IReadOnlyList<string> Removing
);

/// <summary>Where a flag stands between being defined and being gone, seen in the environment that matters most.</summary>
public static class FlagLife
{
    public static readonly TimeSpan LaunchedAfter = TimeSpan.FromDays(7);

    /// <summary>A flag that was changed since is never called stale.</summary>
    public static readonly TimeSpan Unsettled = TimeSpan.FromDays(30);

    /// <summary>How long flags of the kind are expected to live; null: as long as they are wanted.</summary>
    public static TimeSpan? ExpectedLifetime(FlagKind kind) =>
        kind switch
        {
            FlagKind.Release or FlagKind.Experiment => TimeSpan.FromDays(40),
            FlagKind.Operational => TimeSpan.FromDays(7),
            _ => null,
        };

    public static FlagLifeReport Of(FlagSet set, Flag flag, string environment, DateTimeOffset now)
    {
        if (flag.IsArchived)
        {
            return new FlagLifeReport(FlagStage.Archived, [], [], []);
        }
        var why = Reasons(flag, now).ToList();
        var kept = why.Count == 0 ? [] : Keeping(set, flag, now).ToList();
        var isStale = why.Count > 0 && kept.Count == 0;
        var stage = isStale ? FlagStage.Stale : StageOf(flag.Environments[environment], now);
        var removing = stage is FlagStage.Stale or FlagStage.Launched ? Removing(set, flag, environment).ToList() : [];
        return new FlagLifeReport(stage, isStale ? why : [], kept, removing);
    }

    /// <summary>The one variant that everybody gets; null while it is not one, or while it is the code's own default.</summary>
    public static string? Settled(Targeting targeting)
    {
        if (!targeting.IsEnabled)
        {
            return targeting.Off;
        }
        var served = targeting.Rules.Select(rule => rule.Serve).Append(targeting.Otherwise).Select(TargetingWriter.SettledOn).ToList();
        var first = served[0];
        return targeting.Holdout is null && served.TrueForAll(variant => variant == first) ? first : null;
    }

    private static FlagStage StageOf(Targeting targeting, DateTimeOffset now)
    {
        var settled = Settled(targeting);
        if (settled == targeting.Off && (settled is not null || !targeting.IsEnabled))
        {
            return FlagStage.Defined;
        }
        // What a file brought carries no time: it stands as long as anybody knows.
        var isLongEnough = targeting.Changed is not { } changed || now - changed >= LaunchedAfter;
        return settled is not null && isLongEnough ? FlagStage.Launched : FlagStage.RollingOut;
    }

    private static IEnumerable<string> Reasons(Flag flag, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        if (flag.Expires is { } expires && expires < today)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"It expired on {expires:yyyy-MM-dd}.");
        }
        var days = flag.Created is { } created ? today.DayNumber - created.DayNumber : 0;
        if (ExpectedLifetime(flag.Kind) is { } lifetime && days > lifetime.TotalDays)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"It is {days} days old; flags of the kind {FlagWords.Of(flag.Kind)} are expected to live {lifetime.TotalDays}."
            );
        }
    }

    private static IEnumerable<string> Keeping(FlagSet set, Flag flag, DateTimeOffset now)
    {
        if (flag.Changed is { } changed && now - changed < Unsettled)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"It was changed on {changed.UtcDateTime:yyyy-MM-dd}, less than 30 days ago."
            );
        }
        foreach (var other in InOrder(set).Where(other => !other.IsArchived && other.Requires.Any(required => required.Flag == flag.Key)))
        {
            yield return $"The flag {other.Key} requires it.";
        }
    }

    private static IEnumerable<string> Removing(FlagSet set, Flag flag, string environment)
    {
        if (Settled(flag.Environments[environment]) is { } settled)
        {
            var value = flag.Variants.First(variant => variant.Name == settled).Value.Json;
            yield return $"Keep {settled} ({Wording.Clean(value.Length > 60 ? value[..60] + "…" : value)}) in the code: `teal flag cleanup {flag.Key} --value {settled} PATH`.";
        }
        else
        {
            yield return $"Decide on one variant first; {environment} serves {FlagWords.Of(flag.Environments[environment].Otherwise)}.";
        }
        var unsettled = flag.Environments.Where(place =>
            place.Key != environment && Settled(place.Value) != Settled(flag.Environments[environment])
        );
        foreach (var place in unsettled.OrderBy(place => place.Key, StringComparer.Ordinal))
        {
            yield return $"{place.Key} serves something else: {FlagWords.Of(place.Value.Otherwise)}.";
        }
        foreach (var other in InOrder(set).Where(other => other.Cohort is { Owner: CohortOwner.Flag } cohort && cohort.Name == flag.Key))
        {
            yield return $"The flag {other.Key} shares its cohort: give it one of its own.";
        }
        yield return $"Then `teal flag archive {flag.Key}`.";
    }

    private static IEnumerable<Flag> InOrder(FlagSet set) => set.Flags.Values.OrderBy(flag => flag.Key, StringComparer.Ordinal);
}
