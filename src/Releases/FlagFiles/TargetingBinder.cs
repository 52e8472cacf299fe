using System.Globalization;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>Reads what a flag serves: its own keys, with those of an environment laid over them key by key.</summary>
internal sealed class TargetingBinder(FlagNodes nodes)
{
    public static readonly IReadOnlyList<string> Keys = ["enabled", "off", "serve", "rollout", "by", "holdout", "rules", "schedule"];

    internal static readonly IReadOnlyList<string> RuleKeys = ["name", "if", "serve", "rollout", "by"];
    internal static readonly IReadOnlyList<string> ScheduleKeys = ["at", "zone", "enabled", "serve", "rollout", "by"];

    private readonly ConditionBinder _conditions = new(nodes);

    /// <summary>The flag's keys with the environment's above them. Who says <c>serve</c> takes back a <c>rollout</c>, and the reverse.</summary>
    public static YamlMap Over(YamlMap below, YamlMap above)
    {
        var said = above.Entries.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        if (said.Contains("serve"))
        {
            said.UnionWith(["rollout", "by"]);
        }
        if (said.Contains("rollout"))
        {
            said.Add("serve");
        }
        return new YamlMap([.. above.Entries, .. below.Entries.Where(entry => !said.Contains(entry.Key))], above.At);
    }

    public Targeting Read(YamlMap map, string path, IReadOnlyList<Variant> variants)
    {
        var usual = variants.Any(variant => variant.Name == "off") ? "off" : null;
        var off = nodes.Read(map, path, "off", nodes.TextOrNone, usual);
        return new Targeting
        {
            IsEnabled = nodes.Read(map, path, "enabled", nodes.Truth, true),
            Off = off,
            Otherwise = Serve(map, path, $"{path}.otherwise", off) ?? Usual(map, off),
            Holdout = nodes.Read(map, path, "holdout", nodes.TextOrNone, null),
            Rules = nodes.Read(map, path, "rules", (node, under) => nodes.List(node, under, (item, at) => Rule(item, at, off)), []),
            Schedule = nodes.Read(map, path, "schedule", (node, under) => nodes.List(node, under, (item, at) => Entry(item, at, off)), []),
        };
    }

    /// <summary>What is served where nothing is said.</summary>
    private Serve.One Usual(YamlMap map, string? off)
    {
        if (off is null)
        {
            nodes.Errors.Add("TEAL2007", map.At, "a flag without an off variant lacks the key 'serve' or 'rollout'");
        }
        return new Serve.One(off ?? "off");
    }

    private Rule Rule(YamlNode node, string path, string? off)
    {
        var map = nodes.Group(node, "a rule", RuleKeys);
        var name = nodes.Read(map, path, "name", nodes.Text, "the rule", "");
        var condition = nodes.Read(map, path, "if", _conditions.Read, "the rule", new Condition.Any([]));
        var serve = Serve(map, path, path, off);
        if (serve is null)
        {
            nodes.Errors.Add("TEAL2007", map.At, "the rule lacks the key 'serve' or 'rollout'");
        }
        return new Rule(name, condition, serve ?? new Serve.One(""));
    }

    private Scheduled Entry(YamlNode node, string path, string? off)
    {
        var map = nodes.Group(node, "an entry of the schedule", ScheduleKeys);
        var at = nodes.Read(map, path, "at", LocalTime, "the entry", default);
        var zone = nodes.Read(map, path, "zone", nodes.Text, "the entry", "");
        var isEnabled = nodes.Read(map, path, "enabled", (value, under) => (bool?)nodes.Truth(value, under), null);
        return new Scheduled(at, zone, isEnabled, Serve(map, path, path, off));
    }

    private DateTime LocalTime(YamlNode node, string path)
    {
        if (
            node is YamlScalar scalar
            && DateTime.TryParseExact(scalar.Text, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
        )
        {
            return time;
        }
        nodes.Wanted(node, $"'{path}' wants a time on the clock of the zone, written 2026-12-01T09:00");
        return default;
    }

    /// <param name="known">The path under which the rules of flags look for what is served.</param>
    private Serve? Serve(YamlMap map, string path, string known, string? off)
    {
        var (one, split, by) = (FlagNodes.Find(map, "serve"), FlagNodes.Find(map, "rollout"), FlagNodes.Find(map, "by"));
        if (one is not null && split is not null)
        {
            nodes.Errors.Add("TEAL2011", split.At, "'serve' and 'rollout' stand beside each other; one of them says who gets what");
        }
        if (by is not null && split is null)
        {
            nodes.Errors.Add("TEAL2011", by.At, "'by' belongs to a 'rollout': it names what keeps a user with one variant");
        }
        if ((split ?? one) is not { } said)
        {
            return null;
        }
        if (known != path)
        {
            nodes.Stands(known, said.Value.At);
        }
        if (split is null)
        {
            return new Serve.One(nodes.Text(said.Value, $"{path}.serve"));
        }
        var attribute = nodes.Read(map, path, "by", nodes.Text, Flags.Serve.Split.TargetingKey);
        return new Serve.Split(Slices(split.Value, $"{path}.rollout", off), attribute);
    }

    private List<Slice> Slices(YamlNode node, string path, string? off)
    {
        if (node is YamlScalar)
        {
            var share = nodes.Part(node, path);
            return [new Slice("on", share), new Slice(off ?? "off", new Share(Share.Whole - share.Parts))];
        }
        var slices = new List<Slice>();
        var entries = nodes.Map(node, $"'{path}'").Entries;
        var rest = entries.Where(entry => IsRest(entry.Value)).ToList();
        var parts = 0;
        foreach (var entry in entries)
        {
            var share = IsRest(entry.Value) ? Share.None : nodes.Part(entry.Value, path);
            parts += share.Parts;
            slices.Add(new Slice(entry.Key, share));
        }
        if (rest.Count > 1 || (rest.Count == 1 && parts > Share.Whole))
        {
            var why = rest.Count > 1 ? "'rest' stands here a second time" : "the other shares make more than 100%; there is no rest";
            nodes.Errors.Add("TEAL9208", rest[^1].Value.At, why);
            return slices;
        }
        return
        [
            .. slices.Select(slice =>
                rest.Exists(entry => entry.Key == slice.Variant) ? slice with { Share = new Share(Share.Whole - parts) } : slice
            ),
        ];
    }

    private static bool IsRest(YamlNode node) => node is YamlScalar { Text: "rest" };
}
