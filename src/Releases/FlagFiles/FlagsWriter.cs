using System.Globalization;
using System.Text;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>
/// Writes a set of flags as the <c>flags.yaml</c> that <see cref="FlagsReader"/> reads back to the same. The same text for the same
/// set. Versions and times of change are the server's and are not written.
/// </summary>
public static class FlagsWriter
{
    private const int UsersOnALine = 10;

    /// <param name="set">A good one (<see cref="FlagRules"/>).</param>
    public static string Yaml(FlagSet set)
    {
        var text = new StringBuilder($"environments: {YamlText.List(set.Environments.Select(YamlText.Of))}\n");
        Group(text, "segments", set.Segments, Segment);
        Group(text, "holdouts", set.Holdouts, Holdout);
        if (set.Flags.Count == 0)
        {
            text.Append("flags: {}\n");
        }
        Group(text, "flags", set.Flags, (body, key, flag) => Write(body, set, key, flag));
        return text.ToString();
    }

    private static void Group<T>(
        StringBuilder text,
        string name,
        IReadOnlyDictionary<string, T> entries,
        Action<StringBuilder, string, T> write
    )
    {
        if (entries.Count == 0)
        {
            return;
        }
        text.Append(CultureInfo.InvariantCulture, $"{name}:\n");
        foreach (var (key, entry) in entries)
        {
            write(text, key, entry);
        }
    }

    private static void Segment(StringBuilder text, string name, Segment segment)
    {
        Line(text, 2, name, "");
        Unless(text, 4, "description", YamlText.Of(segment.Description), segment.Description.Length == 0);
        Unless(text, 4, "personal", "true", !segment.IsPersonal);
        Unless(text, 4, "if", segment.If is { } condition ? ConditionText.Of(condition) : "", segment.If is null);
        if (segment.Users.Count <= UsersOnALine)
        {
            // A segment of nobody is written too: what stands behind its name is a group.
            Line(text, 4, "users", YamlText.List(segment.Users.Select(YamlText.Of)));
            return;
        }
        Line(text, 4, "users", "");
        foreach (var user in segment.Users)
        {
            text.Append("      - ").Append(YamlText.Of(user)).Append('\n');
        }
    }

    private static void Holdout(StringBuilder text, string name, Holdout holdout)
    {
        List<(string, string)> entries = [("share", holdout.Share.ToString())];
        if (holdout.Salt != FlagsReader.SaltOf(name))
        {
            entries.Add(("salt", YamlText.Of(holdout.Salt)));
        }
        if (holdout.By != Serve.Split.TargetingKey)
        {
            entries.Add(("by", YamlText.Of(holdout.By)));
        }
        Line(text, 2, name, YamlText.Map(entries));
    }

    private static void Write(StringBuilder text, FlagSet set, string key, Flag flag)
    {
        Line(text, 2, key, "");
        Line(text, 4, "owner", YamlText.Of(flag.Owner));
        Unless(text, 4, "kind", FlagWords.Of(flag.Kind), flag.Kind == FlagKind.Release);
        Unless(text, 4, "description", YamlText.Of(flag.Description), flag.Description.Length == 0);
        Unless(text, 4, "tags", YamlText.List(flag.Tags.Select(YamlText.Of)), flag.Tags.Count == 0);
        Unless(text, 4, "created", flag.Created is { } created ? YamlText.Of(created) : "", flag.Created is null);
        Unless(text, 4, "expires", flag.Expires is { } expires ? YamlText.Of(expires) : "", flag.Expires is null);
        Line(text, 4, "variants", YamlText.Map(flag.Variants.Select(variant => (variant.Name, YamlText.Of(variant.Value)))));
        Unless(text, 4, "requires", YamlText.Map(flag.Requires.Select(Required)), flag.Requires.Count == 0);
        Unless(text, 4, "links", YamlText.List(flag.Links.Select(link => YamlText.Of(FlagWords.Of(link)))), flag.Links.Count == 0);
        Unless(text, 4, "cohort", flag.Cohort is { } cohort ? YamlText.Of(FlagWords.Of(cohort)) : "", flag.Cohort is null);
        Unless(text, 4, "salt", YamlText.Of(flag.Salt), flag.Salt == key);
        Unless(text, 4, "archived", "true", !flag.IsArchived);
        Targetings(text, set, flag);
    }

    private static (string, string) Required(Prerequisite required) =>
        (
            required.Flag,
            required.Variants.Count == 1 ? YamlText.Of(required.Variants[0]) : YamlText.List(required.Variants.Select(YamlText.Of))
        );

    /// <summary>What the last environment serves stands at the flag; the others say what differs.</summary>
    private static void Targetings(StringBuilder text, FlagSet set, Flag flag)
    {
        var matters = flag.Environments[set.Environments[^1]];
        TargetingText.Write(text, 4, matters);
        var others = set
            .Environments.Select(name => (Name: name, Targeting: flag.Environments[name]))
            .Where(other => TargetingText.Differs(other.Targeting, matters))
            .ToList();
        if (others.Count > 0)
        {
            Line(text, 4, "environments", "");
        }
        foreach (var (name, targeting) in others)
        {
            Line(text, 6, name, "");
            TargetingText.Write(text, 8, targeting, matters);
        }
    }

    internal static void Line(StringBuilder text, int indent, string key, string value)
    {
        text.Append(' ', indent).Append(YamlText.Of(key)).Append(':');
        text.Append(value.Length == 0 ? "" : " ").Append(value).Append('\n');
    }

    internal static void Unless(StringBuilder text, int indent, string key, string value, bool isUsual)
    {
        if (!isUsual)
        {
            Line(text, indent, key, value);
        }
    }
}
