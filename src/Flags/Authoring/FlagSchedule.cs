using System.Text.RegularExpressions;

namespace Teal.Flags;

/// <param name="At">The instant at which it was to be made.</param>
public sealed record DueChange(DateTimeOffset At, FlagChange.RunSchedule Change);

/// <summary>
/// Changes at a time on the clock of a place. A time that the clock skips (summer begins) counts as long after the jump as it stands
/// behind its beginning: 02:30 is 03:30. A time that it shows twice (summer ends) counts the first time. This is what RFC 5545 and
/// java.time do.
/// </summary>
public static partial class FlagSchedule
{
    /// <summary>What is to be made by now, in order of time; an entry leaves the schedule as it is made.</summary>
    public static IReadOnlyList<DueChange> Due(FlagSet set, DateTimeOffset now) =>
        [
            .. All(set)
                .Where(due => due.At <= now)
                .OrderBy(due => due.At)
                .ThenBy(due => due.Change.Flag, StringComparer.Ordinal)
                .ThenBy(due => due.Change.Environment, StringComparer.Ordinal),
        ];

    /// <summary>When the next change is to be made; null when none is.</summary>
    public static DateTimeOffset? Next(FlagSet set) => All(set).Select(due => (DateTimeOffset?)due.At).Min();

    /// <summary>The instant of a local time. The zone has to be one (<see cref="IsZone"/>).</summary>
    public static DateTimeOffset InstantOf(DateTime local, string zone)
    {
        var place = TimeZoneInfo.FindSystemTimeZoneById(zone);
        if (place.IsAmbiguousTime(local))
        {
            // The larger offset comes first: the clock goes back from it.
            return new DateTimeOffset(local, place.GetAmbiguousTimeOffsets(local).Max());
        }
        var before = local;
        while (place.IsInvalidTime(before))
        {
            before = before.AddMinutes(-15);
        }
        var offset = place.GetUtcOffset(before);
        return new DateTimeOffset(DateTime.SpecifyKind(local - offset, DateTimeKind.Utc));
    }

    /// <summary>True for an IANA name that this machine's table has.</summary>
    public static bool IsZone(string name) => ZoneForm().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    private static IEnumerable<DueChange> All(FlagSet set) =>
        from flag in set.Flags.Values
        where !flag.IsArchived
        from place in flag.Environments
        from entry in place.Value.Schedule
        select new DueChange(InstantOf(entry.At, entry.Zone), new FlagChange.RunSchedule(flag.Key, place.Key, entry, null));

    // The name becomes part of a path in the system's table.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z][A-Za-z0-9_+-]*){0,2}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ZoneForm();
}
