using System.Collections;
using System.Globalization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>Turns what the YAML says into the records, by their shape; says of every value that does not fit why, and goes on.</summary>
internal sealed class ManifestBinder(ManifestErrors errors)
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    /// <summary>The manifest; incomplete when there are errors.</summary>
    public Manifest? Bind(YamlNode node) => Value(ManifestShape.Root, node, "") as Manifest;

    /// <summary>Where the key stands, or the nearest that stands around it: <c>release.steps[1].share</c>.</summary>
    public Place PlaceOf(string key)
    {
        while (key.Length > 0 && !_places.ContainsKey(key))
        {
            key = key[..Math.Max(0, key.LastIndexOfAny(['.', '[']))];
        }
        return _places.GetValueOrDefault(key, new Place(1, 1));
    }

    private object? Value(ValueShape shape, YamlNode node, string key)
    {
        _places[key] = node.At;
        return shape switch
        {
            ValueShape.Section section => Section(section, node, key),
            ValueShape.Many many => Many(many, node, key),
            ValueShape.Variables variables => Variables(variables, node, key),
            ValueShape.Limit => Limit(node, key),
            _ when node is YamlScalar { IsNull: false } scalar => Scalar(shape, scalar, key),
            _ => Wanted(WordsOf(shape), node, key),
        };
    }

    private object? Section(ValueShape.Section section, YamlNode node, string key)
    {
        if (node is YamlScalar { IsNull: false } && section.Short is { } brief)
        {
            return Brief(section, brief, node, key);
        }
        if (node is not YamlMap map)
        {
            return Wanted("a group of keys", node, key);
        }
        var record = Activator.CreateInstance(section.Record);
        var isComplete = true;
        foreach (var entry in map.Entries.TakeWhile(_ => !errors.IsFull))
        {
            var known = section.Keys.FirstOrDefault(candidate => candidate.Name == entry.Key);
            if (known is null)
            {
                Unknown(section, entry, key);
            }
            else if (Value(known.Value, entry.Value, Join(key, known.Name)) is { } value)
            {
                known.Property.SetValue(record, value);
            }
            else
            {
                isComplete &= !known.IsRequired;
            }
        }
        foreach (var missing in section.Keys.Where(known => known.IsRequired && map.Entries.All(entry => entry.Key != known.Name)))
        {
            var under = key.Length == 0 ? "the file" : $"'{key}'";
            errors.Add("TEAL2007", map.At, $"{under} lacks the key '{missing.Name}': {missing.Description}");
            isComplete = false;
        }
        return isComplete ? record : null;
    }

    private object? Brief(ValueShape.Section section, KeyShape brief, YamlNode node, string key)
    {
        var record = Activator.CreateInstance(section.Record);
        if (Value(brief.Value, node, key) is not { } value)
        {
            return null;
        }
        brief.Property.SetValue(record, value);
        return record;
    }

    private void Unknown(ValueShape.Section section, YamlEntry entry, string key)
    {
        if (LaterKeys.WhyNot(Join(key, entry.Key)) is { } later)
        {
            errors.Add("TEAL2006", entry.At, later);
            return;
        }
        var words = section.Keys.Select(known => known.Name);
        var suggestion = Wording.Nearest(entry.Key, key.Length == 0 ? words.Append(ManifestShape.Environments) : words);
        var home = suggestion is null ? HomeOf(ManifestShape.Root, entry.Key) : null;
        var known = home is null ? "" : $"; it belongs under '{home}'";
        errors.Add("TEAL2005", entry.At, $"unknown key {Wording.Quote(entry.Key)}{known}", suggestion);
    }

    /// <summary>The section that has a key of this name.</summary>
    private static string? HomeOf(ValueShape.Section section, string name) =>
        section
            .Keys.Where(key => key.Value is ValueShape.Section)
            .FirstOrDefault(key => ((ValueShape.Section)key.Value).Keys.Any(inner => inner.Name == name))
            ?.Name;

    private IList? Many(ValueShape.Many many, YamlNode node, string key)
    {
        if (node is YamlScalar { IsNull: false } text && key is "run.command" or "release.smoke")
        {
            errors.Add(
                "TEAL2013",
                node.At,
                $"'{key}' is a list of the program and its arguments, never one text: no shell reads it, so nothing in it can be taken for a command",
                SplitLike(((YamlScalar)node).Text)
            );
            return null;
        }
        var items = node switch
        {
            YamlList written => written.Items,
            YamlScalar { IsNull: false } when many.OneIsEnough => [node],
            _ => null,
        };
        if (items is null)
        {
            Wanted(WordsOf(many), node, key);
            return null;
        }
        if (items.Count < many.Least || items.Count > many.Most)
        {
            errors.Add("TEAL2010", node.At, $"'{key}' has {items.Count} entries; it takes {many.Least} to {many.Most}");
            return null;
        }
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(many.ItemType))!;
        for (var i = 0; i < items.Count; i++)
        {
            if (Value(many.Item, items[i], node is YamlList ? $"{key}[{i}]" : key) is { } item)
            {
                list.Add(item);
            }
        }
        return list.Count == items.Count ? list : null;
    }

    private static string SplitLike(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(12);
        return Wording.Clean($"[{string.Join(", ", parts)}]");
    }

    private Dictionary<string, string>? Variables(ValueShape.Variables variables, YamlNode node, string key)
    {
        if (node is not YamlMap map)
        {
            Wanted("a group of NAME: VALUE", node, key);
            return null;
        }
        if (map.Entries.Count > variables.Most)
        {
            errors.Add("TEAL2010", node.At, $"'{key}' has {map.Entries.Count} entries; it takes up to {variables.Most}");
            return null;
        }
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            if (ManifestForm.Of(variables.Names).WhyNot(entry.Key) is { } why)
            {
                errors.Add("TEAL2009", entry.At, $"the name {Wording.Quote(entry.Key)} of '{key}' is refused: {why}");
            }
            else if (Value(new ValueShape.Text(variables.Form), entry.Value, Join(key, entry.Key)) is string value)
            {
                values.Add(entry.Key, value);
            }
        }
        return values;
    }

    private object? Scalar(ValueShape shape, YamlScalar scalar, string key) =>
        shape switch
        {
            ValueShape.Text text => Text(text, scalar, key),
            ValueShape.Whole whole => Whole(whole, scalar, key),
            ValueShape.Time time => Time(time, scalar, key),
            ValueShape.Bytes bytes => Bytes(bytes, scalar, key),
            ValueShape.Part => Share.TryParse(scalar.Text, out var share) ? share : Malformed(shape, scalar, key, PercentLike(scalar.Text)),
            ValueShape.Choice choice => Choice(choice, scalar, key),
            ValueShape.Truth when scalar is { IsPlain: true, Text: "true" or "false" } => scalar.Text == "true",
            ValueShape.Truth => Malformed(shape, scalar, key, scalar.Text.ToLowerInvariant() is "yes" or "on" or "true" ? "true" : null),
            _ => throw new InvalidOperationException($"No scalar has the shape {shape}."),
        };

    private string? Text(ValueShape.Text text, YamlScalar scalar, string key)
    {
        if (ManifestForm.Of(text.Form).WhyNot(scalar.Text) is not { } why)
        {
            return scalar.Text;
        }
        // What stands in env may be a secret, however it is misspelt.
        var value = text.Form is TextForm.EnvValue or TextForm.SecretReference ? "its value" : Wording.Quote(scalar.Text);
        errors.Add("TEAL2009", scalar.At, $"'{key}' cannot be {value}: {why}", TextLike(text.Form, scalar.Text));
        return null;
    }

    private static string? TextLike(TextForm form, string text)
    {
        var meant = form switch
        {
            TextForm.ServiceName => text.ToLowerInvariant().Replace('_', '-').Replace(' ', '-'),
            TextForm.Host => text.ToLowerInvariant().Split(':')[0],
            TextForm.RoutePath or TextForm.RequestPath => "/" + text,
            TextForm.Port => "auto",
            TextForm.Target or TextForm.Identity => text.Replace(": ", ":", StringComparison.Ordinal),
            _ => text,
        };
        return meant != text && ManifestForm.Of(form).WhyNot(meant) is null ? meant : null;
    }

    private object? Whole(ValueShape.Whole whole, YamlScalar scalar, string key)
    {
        // Only what every reader of YAML takes for the same number: 012 is 12 for some and 10 for others.
        var isWhole = scalar.Text is "0" || (scalar.Text is [>= '1' and <= '9', ..] && scalar.Text.All(char.IsAsciiDigit));
        if (!isWhole || !scalar.IsPlain)
        {
            var trimmed = scalar.Text.TrimStart('0');
            return Malformed(whole, scalar, key, trimmed.Length is > 0 and < 10 && trimmed.All(char.IsAsciiDigit) ? trimmed : null);
        }
        var isInside =
            long.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= whole.Least
            && number <= whole.Most;
        return isInside ? (int)number : Outside(scalar, key, $"{whole.Least}", $"{whole.Most}");
    }

    private object? Time(ValueShape.Time time, YamlScalar scalar, string key)
    {
        if (!Duration.TryParse(scalar.Text, out var duration))
        {
            var seconds = scalar.Text.Length is > 0 and < 10 && scalar.Text.All(char.IsAsciiDigit) ? scalar.Text + "s" : null;
            return Malformed(time, scalar, key, seconds);
        }
        var isInside = duration >= time.Least && duration <= time.Most;
        return isInside ? duration : Outside(scalar, key, Duration.Text(time.Least), Duration.Text(time.Most));
    }

    private object? Bytes(ValueShape.Bytes bytes, YamlScalar scalar, string key)
    {
        if (!ByteSize.TryParse(scalar.Text, out var size))
        {
            return Malformed(bytes, scalar, key, SizeLike(scalar.Text));
        }
        return size >= bytes.Least && size <= bytes.Most
            ? size
            : Outside(scalar, key, ByteSize.Text(bytes.Least), ByteSize.Text(bytes.Most));
    }

    private object? Choice(ValueShape.Choice choice, YamlScalar scalar, string key)
    {
        var index = choice.Words.ToList().IndexOf(scalar.Text);
        return index >= 0
            ? Enum.Parse(choice.Enum, choice.Enum.GetEnumNames()[index])
            : Malformed(choice, scalar, key, Wording.Nearest(scalar.Text, choice.Words));
    }

    private Guard? Limit(YamlNode node, string key)
    {
        if (node is not YamlMap map)
        {
            Wanted(WordsOf(new ValueShape.Limit()), node, key);
            return null;
        }
        var limits = new List<YamlEntry>();
        YamlEntry? metric = null;
        foreach (var entry in map.Entries)
        {
            if (entry.Key == "metric")
            {
                metric = entry;
            }
            else if (GuardForm.All.Any(form => GuardForm.WordOf(form.Limit) == entry.Key))
            {
                limits.Add(entry);
            }
            else
            {
                UnknownInGuard(entry, key);
                return null;
            }
        }
        if (metric is null || limits.Count != 1)
        {
            errors.Add(
                "TEAL2011",
                map.At,
                $"'{key}' takes the key 'metric' and exactly one of max_increase, max_ratio, max",
                "{ metric: error_rate, max_increase: 0.5% }"
            );
            return null;
        }
        return Limit(metric, limits[0], key);
    }

    private Guard? Limit(YamlEntry metric, YamlEntry limit, string key)
    {
        if (Value(new ValueShape.Choice(typeof(GuardMetric)), metric.Value, Join(key, "metric")) is not GuardMetric measured)
        {
            return null;
        }
        var forms = GuardForm.All.Where(form => form.Metrics.Contains(measured)).ToList();
        if (forms.Find(form => GuardForm.WordOf(form.Limit) == limit.Key) is not { } form)
        {
            var taken = string.Join(" or ", forms.Select(known => $"{GuardForm.WordOf(known.Limit)}: {known.Example}"));
            errors.Add("TEAL2011", limit.At, $"'{GuardForm.WordOf(measured)}' cannot be limited by '{limit.Key}'; it takes {taken}");
            return null;
        }
        if (limit.Value is YamlScalar { IsNull: false } written && form.Parse(written.Text) is { } value)
        {
            return new Guard(measured, form.Limit, value);
        }
        Wanted($"{form.Words}, like {form.Example}", limit.Value, Join(key, limit.Key));
        return null;
    }

    private void UnknownInGuard(YamlEntry entry, string key)
    {
        if (LaterKeys.WhyNot($"guard.{entry.Key}") is { } later)
        {
            errors.Add("TEAL2006", entry.At, later);
            return;
        }
        var words = GuardForm.All.Select(form => GuardForm.WordOf(form.Limit)).Append("metric").Distinct();
        errors.Add("TEAL2005", entry.At, $"unknown key {Wording.Quote(entry.Key)} in '{key}'", Wording.Nearest(entry.Key, words));
    }

    private object? Malformed(ValueShape shape, YamlScalar scalar, string key, string? suggestion)
    {
        Wanted(WordsOf(shape), scalar, key, suggestion);
        return null;
    }

    private object? Wanted(string words, YamlNode node, string key, string? suggestion = null)
    {
        var found = node switch
        {
            YamlScalar { IsNull: true } => "nothing",
            YamlScalar { IsPlain: true } plain => Wording.Quote(plain.Text),
            YamlScalar quoted => $"the text {Wording.Quote(quoted.Text)}",
            YamlList => "a list",
            _ => "a group of keys",
        };
        var name = key.Length == 0 ? "the file" : $"'{key}'";
        errors.Add("TEAL2008", node.At, $"{name} wants {words}, and {found} stands here", suggestion);
        return null;
    }

    private object? Outside(YamlScalar scalar, string key, string least, string most)
    {
        errors.Add("TEAL2010", scalar.At, $"'{key}' cannot be {Wording.Quote(scalar.Text)}; it takes {least} to {most}");
        return null;
    }

    private static string WordsOf(ValueShape shape) =>
        shape switch
        {
            ValueShape.Text text => ManifestForm.Of(text.Form).Words,
            ValueShape.Whole => "a whole number without quotes",
            ValueShape.Time => "a duration with its unit, like 100ms, 30s, 1m30s or 1h",
            ValueShape.Bytes => "a size with its unit, like 10MB or 1GiB",
            ValueShape.Part => "a share in percent with at most two decimals, like 5% or 0.01%",
            ValueShape.Choice choice => $"one of {string.Join(", ", choice.Words)}",
            ValueShape.Limit => "a guard, like { metric: error_rate, max_increase: 0.5% }",
            ValueShape.Many => "a list",
            ValueShape.Truth => "true or false",
            _ => "a group of keys",
        };

    private static string? PercentLike(string text) =>
        Share.TryParse(text.Replace(" ", "", StringComparison.Ordinal).TrimEnd('%') + "%", out var share) ? share.ToString() : null;

    private static string? SizeLike(string text)
    {
        var tight = text.Replace(" ", "", StringComparison.Ordinal);
        string[] meant =
        [
            tight + "B",
            tight.ToUpperInvariant(),
            tight.ToUpperInvariant() + "B",
            tight.ToUpperInvariant().Replace("IB", "iB", StringComparison.Ordinal),
        ];
        return Array.Find(meant, candidate => ByteSize.TryParse(candidate, out _));
    }

    private static string Join(string key, string name) => key.Length == 0 ? name : $"{key}.{name}";
}
