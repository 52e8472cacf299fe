using System.Globalization;

namespace Teal.Flags;

/// <param name="Flag">Null: it is about a segment, a holdout or the environments.</param>
/// <param name="What"><c>rules.staff</c>, <c>otherwise</c>, <c>enabled</c> …</param>
/// <param name="From">As it is on the first side; null: not there.</param>
public sealed record FlagDifference(string? Flag, string What, string? From, string? To)
{
    public override string ToString() => $"{(Flag is null ? "" : Flag + ": ")}{What}: {From ?? "nothing"} → {To ?? "nothing"}";
}

/// <summary>What differs, in words and in a stable order.</summary>
public static class FlagDiff
{
    /// <summary>What the flags of one set serve in two environments. Schedules belong to an environment and are not compared.</summary>
    public static IReadOnlyList<FlagDifference> Between(FlagSet set, string first, string second) =>
        [
            .. from flag in InOrder(set)
            where !flag.IsArchived
            from difference in Of(
                flag.Key,
                Words(flag.Environments[first], hasSchedule: false),
                Words(flag.Environments[second], hasSchedule: false)
            )
            select difference,
        ];

    /// <summary>What differs between two sets, in everything but versions and times.</summary>
    public static IReadOnlyList<FlagDifference> Between(FlagSet before, FlagSet after)
    {
        var keys = before
            .Flags.Keys.Union(after.Flags.Keys, StringComparer.Ordinal)
            .Where(key => !ReferenceEquals(before.Flags.GetValueOrDefault(key), after.Flags.GetValueOrDefault(key)))
            .Order(StringComparer.Ordinal);
        return
        [
            .. Of(null, Words(before), Words(after)),
            .. keys.SelectMany(key => Of(key, Words(before.Flags.GetValueOrDefault(key)), Words(after.Flags.GetValueOrDefault(key)))),
        ];
    }

    private static IEnumerable<FlagDifference> Of(
        string? flag,
        SortedDictionary<string, string> before,
        SortedDictionary<string, string> after
    ) =>
        from what in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
        let one = before.GetValueOrDefault(what)
        let other = after.GetValueOrDefault(what)
        where one != other
        select new FlagDifference(flag, what, one, other);

    private static SortedDictionary<string, string> Words(FlagSet set)
    {
        var words = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["environments"] = string.Join(", ", set.Environments) };
        foreach (var (name, holdout) in set.Holdouts)
        {
            words[$"holdouts.{name}"] = $"{holdout.Share} by {holdout.By}, salt {holdout.Salt}";
        }
        foreach (var (name, segment) in set.Segments)
        {
            // Lists of users are personal: how many is said, and whether they are the same.
            var users = segment.Users.Count == 0 ? "" : $", {segment.Users.Count} users ({Mark(segment.Users)})";
            words[$"segments.{name}"] =
                (segment.If is { } condition ? FlagWords.Of(condition) + Long(condition) : "nobody by attributes")
                + users
                + (segment.IsPersonal ? ", personal" : "")
                + (segment.Description.Length == 0 ? "" : $": {segment.Description}");
        }
        return words;
    }

    private static SortedDictionary<string, string> Words(Flag? flag)
    {
        var words = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (flag is null)
        {
            return words;
        }
        words["archived"] = Word(flag.IsArchived);
        words["kind"] = FlagWords.Of(flag.Kind);
        words["owner"] = flag.Owner;
        words["salt"] = flag.Salt;
        words["description"] = flag.Description;
        words["tags"] = string.Join(", ", flag.Tags);
        words["links"] = string.Join(", ", flag.Links.Select(FlagWords.Of));
        words["created"] = flag.Created?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "unknown";
        words["expires"] = flag.Expires?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "never";
        words["cohort"] = flag.Cohort is { } cohort ? FlagWords.Of(cohort) : "its own";
        words["variants"] = string.Join(", ", flag.Variants.Select(variant => $"{variant.Name} = {variant.Value.Json}"));
        words["requires"] = string.Join(
            ", ",
            flag.Requires.Select(required => $"{required.Flag} = {string.Join(" or ", required.Variants)}")
        );
        foreach (var (environment, targeting) in flag.Environments)
        {
            foreach (var (what, said) in Words(targeting, hasSchedule: true))
            {
                words[$"{environment}.{what}"] = said;
            }
        }
        return words;
    }

    private static SortedDictionary<string, string> Words(Targeting targeting, bool hasSchedule)
    {
        var words = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["enabled"] = Word(targeting.IsEnabled),
            ["off"] = targeting.Off ?? "the code's own default",
            ["holdout"] = targeting.Holdout ?? "none",
            ["otherwise"] = FlagWords.Of(targeting.Otherwise),
            ["rules"] = string.Join(", ", targeting.Rules.Select(rule => rule.Name)),
        };
        foreach (var rule in targeting.Rules)
        {
            words[$"rules.{rule.Name}"] = $"if {FlagWords.Of(rule.If)}{Long(rule.If)} serve {FlagWords.Of(rule.Serve)}";
        }
        for (var i = 0; hasSchedule && i < targeting.Schedule.Count; i++)
        {
            words[string.Create(CultureInfo.InvariantCulture, $"schedule[{i}]")] = FlagWords.Of(targeting.Schedule[i]);
        }
        return words;
    }

    /// <summary>Long lists are cut short in words; the mark tells two of them apart.</summary>
    private static string Long(Condition condition) => ValuesOf(condition).ToList() is { Count: > 0 } cut ? $" ({Mark(cut)})" : "";

    private static IEnumerable<string> ValuesOf(Condition condition) =>
        condition switch
        {
            Condition.Attribute { Values.Count: > 10 } attribute => attribute.Values.Select(value => value.Json),
            Condition.All all => all.Conditions.SelectMany(ValuesOf),
            Condition.Any any => any.Conditions.SelectMany(ValuesOf),
            Condition.Not not => ValuesOf(not.Condition),
            _ => [],
        };

    private static string Mark(IEnumerable<string> texts) =>
        Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', texts)))
        )[..8];

    private static string Word(bool value) => value ? "yes" : "no";

    private static IEnumerable<Flag> InOrder(FlagSet set) => set.Flags.Values.OrderBy(flag => flag.Key, StringComparer.Ordinal);
}
