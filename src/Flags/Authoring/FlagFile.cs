using System.Collections.Immutable;

namespace Teal.Flags;

/// <summary>What a file says of a flag in one environment, where a kill, a rollout or a schedule has it otherwise.</summary>
public sealed record FileSays(bool IsEnabled, Serve Otherwise, IReadOnlyList<Scheduled> Schedule)
{
    public static FileSays Of(Targeting targeting) => new(targeting.IsEnabled, targeting.Otherwise, targeting.Schedule);

    public Targeting In(Targeting targeting) => targeting with { IsEnabled = IsEnabled, Otherwise = Otherwise, Schedule = Schedule };

    internal bool IsSame(FileSays other) => FlagJson.Same(In(Plain), other.In(Plain));

    private static Targeting Plain => new() { Otherwise = new Serve.One("") };
}

/// <summary>
/// The file that a set of flags comes from. What people do by hand in an emergency, what rollouts move and what schedules have done is not
/// in it, and stays until the file itself says something else of that very thing.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Overruled">By environment and flag: <c>production/checkout</c>.</param>
public sealed record FlagFile(string Name, ImmutableSortedDictionary<string, FileSays> Overruled)
{
    public static readonly ImmutableSortedDictionary<string, FileSays> Nothing = ImmutableSortedDictionary<
        string,
        FileSays
    >.Empty.WithComparers(StringComparer.Ordinal);

    public static string KeyOf(string environment, string flag) => $"{environment}/{flag}";

    /// <summary>Of what the file says; true for what it does not know.</summary>
    public bool SaysEnabled(FlagSet set, string environment, string flag) =>
        Overruled.GetValueOrDefault(KeyOf(environment, flag))?.IsEnabled ?? Find(set, environment, flag)?.IsEnabled ?? true;

    /// <summary>The set as the file has it.</summary>
    public FlagSet Said(FlagSet set) => With(set, Overruled);

    /// <summary>A new state of the file, with what it leaves as it was kept as it is now.</summary>
    public (FlagSet Set, FlagFile From) Over(FlagSet set, FlagSet file, string name)
    {
        var (kept, overruled) = (Nothing, Nothing);
        foreach (var (key, said) in Overruled)
        {
            var (environment, flag) = Parts(key);
            if (Find(set, environment, flag) is not { } now || Find(file, environment, flag) is not { } says)
            {
                continue;
            }
            var (merged, saying) = (Merged(said, FileSays.Of(now), FileSays.Of(says)), FileSays.Of(says));
            if (!merged.IsSame(saying))
            {
                kept = kept.Add(key, merged);
                overruled = overruled.Add(key, saying);
            }
        }
        return (With(file, kept), new FlagFile(name, overruled));
    }

    /// <summary>After a kill, a rollout's step or a schedule's.</summary>
    public FlagFile After(FlagSet before, FlagSet after, FlagChange.OfTargeting change)
    {
        var key = KeyOf(change.Environment, change.Flag);
        if (Find(before, change.Environment, change.Flag) is not { } old || Find(after, change.Environment, change.Flag) is not { } now)
        {
            return this;
        }
        var said = Overruled.GetValueOrDefault(key) ?? FileSays.Of(old);
        return this with { Overruled = said.IsSame(FileSays.Of(now)) ? Overruled.Remove(key) : Overruled.SetItem(key, said) };
    }

    private static FileSays Merged(FileSays said, FileSays now, FileSays says)
    {
        // What has run is over; what the file schedules anew is to come.
        var run = said.Schedule.Where(entry => !now.Schedule.Any(left => FlagJson.Same(left, entry))).ToList();
        return new FileSays(
            says.IsEnabled == said.IsEnabled ? now.IsEnabled : says.IsEnabled,
            (said with { Otherwise = says.Otherwise }).IsSame(said) ? now.Otherwise : says.Otherwise,
            [.. says.Schedule.Where(entry => !run.Any(past => FlagJson.Same(past, entry)))]
        );
    }

    private static FlagSet With(FlagSet set, ImmutableSortedDictionary<string, FileSays> said)
    {
        if (said.IsEmpty)
        {
            return set;
        }
        var flags = new Dictionary<string, Flag>(set.Flags, StringComparer.Ordinal);
        foreach (var (key, says) in said)
        {
            var (environment, flag) = Parts(key);
            if (flags.GetValueOrDefault(flag) is { } known && known.Environments.GetValueOrDefault(environment) is { } targeting)
            {
                var environments = new Dictionary<string, Targeting>(known.Environments, StringComparer.Ordinal)
                {
                    [environment] = says.In(targeting),
                };
                flags[flag] = known with { Environments = environments };
            }
        }
        return set with { Flags = flags };
    }

    private static Targeting? Find(FlagSet set, string environment, string flag) =>
        set.Flags.GetValueOrDefault(flag)?.Environments.GetValueOrDefault(environment);

    private static (string Environment, string Flag) Parts(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return (key[..slash], key[(slash + 1)..]);
    }
}
