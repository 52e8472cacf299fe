namespace Teal.Flags;

/// <summary>What makes one set of flags out of another: as much as is different, however large they are.</summary>
/// <param name="Environments">Null: as they are.</param>
/// <param name="Segments">New, or different.</param>
/// <param name="Flags">New, or different; versions and times in them say nothing.</param>
public sealed record FlagPatch(
    IReadOnlyList<string>? Environments,
    IReadOnlyDictionary<string, Segment> Segments,
    IReadOnlyList<string> SegmentsGone,
    IReadOnlyDictionary<string, Holdout> Holdouts,
    IReadOnlyList<string> HoldoutsGone,
    IReadOnlyDictionary<string, Flag> Flags,
    IReadOnlyList<string> FlagsGone
)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEmpty =>
        Environments is null
        && Segments.Count + SegmentsGone.Count + Holdouts.Count + HoldoutsGone.Count + Flags.Count + FlagsGone.Count == 0;

    /// <param name="to">As a file has it: without versions and times.</param>
    public static FlagPatch Between(FlagSet from, FlagSet to)
    {
        var carried = FlagChanger.Carried(from, to).Flags;
        return new FlagPatch(
            from.Environments.SequenceEqual(to.Environments, StringComparer.Ordinal) ? null : to.Environments,
            Different(from.Segments, to.Segments, FlagJson.Same),
            Gone(from.Segments, to.Segments),
            Different(from.Holdouts, to.Holdouts, static (one, other) => one == other),
            Gone(from.Holdouts, to.Holdouts),
            Different(from.Flags, carried, FlagJson.Same).Keys.ToDictionary(key => key, key => to.Flags[key], StringComparer.Ordinal),
            Gone(from.Flags, to.Flags)
        );
    }

    public FlagSet Apply(FlagSet set) =>
        IsEmpty
            ? set
            : set with
            {
                Environments = Environments ?? set.Environments,
                Segments = With(set.Segments, Segments, SegmentsGone),
                Holdouts = With(set.Holdouts, Holdouts, HoldoutsGone),
                Flags = With(set.Flags, Flags, FlagsGone),
            };

    private static Dictionary<string, T> Different<T>(
        IReadOnlyDictionary<string, T> from,
        IReadOnlyDictionary<string, T> to,
        Func<T, T, bool> isSame
    ) =>
        to.Where(pair => !from.TryGetValue(pair.Key, out var old) || !isSame(old, pair.Value))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);

    private static IReadOnlyList<string> Gone<T>(IReadOnlyDictionary<string, T> from, IReadOnlyDictionary<string, T> to) =>
        [.. from.Keys.Where(key => !to.ContainsKey(key)).Order(StringComparer.Ordinal)];

    private static IReadOnlyDictionary<string, T> With<T>(
        IReadOnlyDictionary<string, T> map,
        IReadOnlyDictionary<string, T> put,
        IReadOnlyList<string> gone
    )
    {
        if (put.Count + gone.Count == 0)
        {
            return map;
        }
        var next = new Dictionary<string, T>(map, StringComparer.Ordinal);
        foreach (var key in gone)
        {
            next.Remove(key);
        }
        foreach (var (key, value) in put)
        {
            next[key] = value;
        }
        return next;
    }
}
