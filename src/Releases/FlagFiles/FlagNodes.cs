using System.Globalization;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>
/// Takes plain values out of the YAML of a file of flags, says of every one that does not fit why, and goes on with a stand-in: a
/// file with any error is not taken. Remembers where everything stood, for what is found wrong later.
/// </summary>
internal sealed class FlagNodes(ManifestErrors errors)
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _others = new(StringComparer.Ordinal);

    public ManifestErrors Errors => errors;

    public void Stands(string path, Place at) => _places[path] = at;

    /// <summary>What is under the one path was read under the other.</summary>
    public void StandsElsewhere(string path, string other) => _others[path] = other;

    /// <summary>Where the path stands, or the nearest that stands around it.</summary>
    public Place PlaceOf(string path)
    {
        for (var part = path; part.Length > 0; part = Around(part))
        {
            if (_others.TryGetValue(part, out var other))
            {
                path = other + path[part.Length..];
                break;
            }
        }
        while (path.Length > 0 && !_places.ContainsKey(path))
        {
            path = Around(path);
        }
        return _places.GetValueOrDefault(path, new Place(1, 1));
    }

    /// <summary>The group's entries; one that is not among the known keys is refused.</summary>
    public YamlMap Group(YamlNode node, string what, IReadOnlyList<string> known)
    {
        var map = Map(node, what);
        foreach (var entry in map.Entries.Where(entry => !known.Contains(entry.Key, StringComparer.Ordinal)).TakeWhile(_ => !errors.IsFull))
        {
            errors.Add("TEAL2005", entry.At, $"unknown key {Wording.Quote(entry.Key)} in {what}", Wording.Nearest(entry.Key, known));
        }
        return map;
    }

    public YamlMap Map(YamlNode node, string what)
    {
        if (node is YamlMap map)
        {
            return map;
        }
        Wanted(node, $"{what} wants a group of keys");
        return new YamlMap([], node.At);
    }

    /// <summary>What stands behind the key, read; without the key: what is said for it.</summary>
    public T Read<T>(YamlMap map, string path, string key, Func<YamlNode, string, T> read, T absent)
    {
        if (Find(map, key) is not { } entry)
        {
            return absent;
        }
        var under = path.Length == 0 ? key : $"{path}.{key}";
        Stands(under, entry.Value.At);
        return read(entry.Value, under);
    }

    /// <summary>The same for a key that has to be there.</summary>
    public T Read<T>(YamlMap map, string path, string key, Func<YamlNode, string, T> read, string what, T standIn)
    {
        if (Find(map, key) is null)
        {
            errors.Add("TEAL2007", map.At, $"{what} lacks the key '{key}'");
        }
        return Read(map, path, key, read, standIn);
    }

    public static YamlEntry? Find(YamlMap map, string key) => map.Entries.FirstOrDefault(entry => entry.Key == key);

    /// <summary>Every entry of a group of names, read.</summary>
    public Dictionary<string, T> Named<T>(YamlNode node, string path, Func<YamlNode, string, string, T> read)
    {
        var named = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var entry in Map(node, $"'{path}'").Entries.TakeWhile(_ => !errors.IsFull))
        {
            var under = $"{path}.{entry.Key}";
            Stands(under, entry.At);
            named.Add(entry.Key, read(entry.Value, under, entry.Key));
        }
        return named;
    }

    public IReadOnlyList<T> List<T>(YamlNode node, string path, Func<YamlNode, string, T> read)
    {
        if (node is not YamlList list)
        {
            Wanted(node, $"'{path}' wants a list, written [a, b]");
            return [];
        }
        var items = new List<T>();
        foreach (var item in list.Items.TakeWhile(_ => !errors.IsFull))
        {
            var under = $"{path}[{items.Count}]";
            Stands(under, item.At);
            items.Add(read(item, under));
        }
        return items;
    }

    public IReadOnlyList<string> Texts(YamlNode node, string path) => List(node, path, Text);

    public string Text(YamlNode node, string path)
    {
        if (node is YamlScalar { IsNull: false } scalar)
        {
            return scalar.Text;
        }
        Wanted(node, $"'{path}' wants a text");
        return "";
    }

    /// <summary>Nothing where it is expressly said: <c>~</c>.</summary>
    public string? TextOrNone(YamlNode node, string path) => node is YamlScalar { IsNull: true } ? null : Text(node, path);

    public bool Truth(YamlNode node, string path)
    {
        if (node is YamlScalar { IsPlain: true, Text: "true" or "false" } scalar)
        {
            return scalar.Text == "true";
        }
        Wanted(node, $"'{path}' wants true or false");
        return false;
    }

    public DateOnly? Date(YamlNode node, string path)
    {
        if (
            node is YamlScalar scalar
            && DateOnly.TryParseExact(scalar.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        )
        {
            return date;
        }
        Wanted(node, $"'{path}' wants a day, written 2027-01-31");
        return null;
    }

    public Share Part(YamlNode node, string path)
    {
        if (node is YamlScalar scalar && Share.TryParse(scalar.Text, out var share))
        {
            return share;
        }
        Wanted(node, $"'{path}' wants a share with its unit, written 5% or 0.01%");
        return Share.None;
    }

    /// <summary>A truth value, text, number or object. What is in quotes is a text.</summary>
    public VariantValue Value(YamlNode node, string path)
    {
        var value = node is YamlList or YamlScalar { IsNull: true } ? null : VariantValue.Parse(YamlJson.Of(node));
        if (value is null)
        {
            Wanted(node, $"'{path}' wants a truth value, a text, a number that a double holds, or an object");
        }
        return value ?? VariantValue.False;
    }

    public void Wanted(YamlNode node, string why) => errors.Add("TEAL2008", node.At, Wording.Clean(why));

    private static string Around(string path) => path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
}
