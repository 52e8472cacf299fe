using System.Globalization;
using System.Text;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>What a flag serves, as <see cref="TargetingBinder"/> reads it.</summary>
internal static class TargetingText
{
    public static bool Differs(Targeting one, Targeting other) =>
        !FlagJson.Same(one with { Changed = null }, other with { Changed = null });

    /// <summary>All of it.</summary>
    public static void Write(StringBuilder text, int indent, Targeting targeting)
    {
        FlagsWriter.Unless(text, indent, "enabled", "false", targeting.IsEnabled);
        FlagsWriter.Line(text, indent, "off", Off(targeting));
        Serving(text, indent, targeting.Otherwise);
        FlagsWriter.Unless(text, indent, "holdout", Holdout(targeting), targeting.Holdout is null);
        Rules(text, indent, targeting.Rules);
        Schedule(text, indent, targeting.Schedule);
    }

    /// <summary>What is not as below.</summary>
    public static void Write(StringBuilder text, int indent, Targeting targeting, Targeting below)
    {
        FlagsWriter.Unless(text, indent, "enabled", YamlText.Of(targeting.IsEnabled), targeting.IsEnabled == below.IsEnabled);
        FlagsWriter.Unless(text, indent, "off", Off(targeting), targeting.Off == below.Off);
        if (Differs(targeting, targeting with { Otherwise = below.Otherwise }))
        {
            Serving(text, indent, targeting.Otherwise, isByWritten: below.Otherwise is Serve.Split);
        }
        FlagsWriter.Unless(text, indent, "holdout", Holdout(targeting), targeting.Holdout == below.Holdout);
        if (Differs(targeting, targeting with { Rules = below.Rules }))
        {
            FlagsWriter.Unless(text, indent, "rules", "[]", targeting.Rules.Count > 0);
            Rules(text, indent, targeting.Rules);
        }
        if (Differs(targeting, targeting with { Schedule = below.Schedule }))
        {
            FlagsWriter.Unless(text, indent, "schedule", "[]", targeting.Schedule.Count > 0);
            Schedule(text, indent, targeting.Schedule);
        }
    }

    private static string Off(Targeting targeting) => targeting.Off is { } off ? YamlText.Of(off) : "~";

    private static string Holdout(Targeting targeting) => targeting.Holdout is { } holdout ? YamlText.Of(holdout) : "~";

    private static void Serving(StringBuilder text, int indent, Serve serve, bool isByWritten = false)
    {
        foreach (var (key, value) in Entries(serve, isByWritten))
        {
            FlagsWriter.Line(text, indent, key, value);
        }
    }

    private static void Rules(StringBuilder text, int indent, IReadOnlyList<Rule> rules) =>
        Items(
            text,
            indent,
            "rules",
            rules.Select(rule =>
                YamlText.Map([("name", YamlText.Of(rule.Name)), ("if", ConditionText.Of(rule.If)), .. Entries(rule.Serve)])
            )
        );

    private static void Schedule(StringBuilder text, int indent, IReadOnlyList<Scheduled> schedule) =>
        Items(text, indent, "schedule", schedule.Select(Entry));

    private static void Items(StringBuilder text, int indent, string key, IEnumerable<string> items)
    {
        var all = items.ToList();
        FlagsWriter.Unless(text, indent, key, "", all.Count == 0);
        foreach (var item in all)
        {
            text.Append(' ', indent + 2).Append("- ").Append(item).Append('\n');
        }
    }

    private static string Entry(Scheduled entry)
    {
        var at = entry.At.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        List<(string, string)> entries = [("at", YamlText.Of(at)), ("zone", YamlText.Of(entry.Zone))];
        if (entry.IsEnabled is { } isEnabled)
        {
            entries.Add(("enabled", YamlText.Of(isEnabled)));
        }
        return YamlText.Map([.. entries, .. entry.Otherwise is { } otherwise ? Entries(otherwise) : []]);
    }

    private static IEnumerable<(string Key, string Value)> Entries(Serve serve, bool isByWritten = false)
    {
        switch (serve)
        {
            case Serve.One one:
                yield return ("serve", YamlText.Of(one.Variant));
                break;
            case Serve.Split split:
                var last = split.Slices.Count - 1;
                yield return (
                    "rollout",
                    // The last one takes what the others leave, so that a change of one share is a change of one number.
                    YamlText.Map(
                        split.Slices.Select((slice, index) => (slice.Variant, last > 0 && index == last ? "rest" : slice.Share.ToString()))
                    )
                );
                if (isByWritten || split.By != Serve.Split.TargetingKey)
                {
                    yield return ("by", YamlText.Of(split.By));
                }
                break;
            default:
                throw new InvalidOperationException($"Nothing serves like {serve.GetType().Name}.");
        }
    }
}
