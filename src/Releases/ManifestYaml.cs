using System.Runtime.InteropServices;
using System.Text;
using Teal.Flags;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Teal.Releases;

/// <summary>Counted from 1, as editors do.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Place(int Line, int Column);

/// <summary>What the YAML says, with its places, before anything is known of its meaning.</summary>
internal abstract record YamlNode(Place At, int Size);

/// <param name="IsPlain">Written without quotes.</param>
internal sealed record YamlScalar(string Text, bool IsPlain, Place At) : YamlNode(At, 1)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed record YamlList(IReadOnlyList<YamlNode> Items, Place At) : YamlNode(At, 1 + Items.Sum(item => item.Size));

internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, Place At) : YamlNode(At, 1 + Entries.Sum(entry => 1 + entry.Value.Size))
{
    /// <summary>Laid over this one key by key; what is no map on both sides is replaced whole.</summary>
    public YamlMap With(YamlMap above)
    {
        var over = above.Entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        var below = Entries.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        var entries = Entries.Select(entry => entry.Under(over.GetValueOrDefault(entry.Key)));
        var added = above.Entries.Where(entry => !below.Contains(entry.Key));
        return new YamlMap([.. entries, .. added], At);
    }
}

internal sealed record YamlEntry(string Key, Place At, YamlNode Value)
{
    public YamlEntry Under(YamlEntry? above) =>
        (Value, above?.Value) switch
        {
            (_, null) => this,
            (YamlMap below, YamlMap over) => above with { Value = below.With(over) },
            _ => above,
        };
}

/// <summary>How much of a file is read.</summary>
/// <param name="Bytes">Of its UTF-8.</param>
/// <param name="Nodes">Maps, lists and scalars, with what aliases repeat.</param>
/// <param name="Needs">What an empty file lacks.</param>
internal sealed record YamlLimits(int Bytes, int Nodes, int Depth, string Needs)
{
    public static readonly YamlLimits Manifest = new(256 * 1024, 10_000, 16, "it needs at least 'service' and 'run'");

    /// <summary>Conditions and the objects that variants may be stand deep in a file of flags.</summary>
    public static readonly YamlLimits Flags = new(4 * 1024 * 1024, 200_000, 48, "it needs at least 'flags'");
}

/// <summary>
/// Reads the small, unsurprising part of YAML: maps, lists and scalars, with a few anchors. Tags, merge keys, directives, several
/// documents, duplicate keys and tabs in front of a line are refused, each at its place.
/// </summary>
internal sealed class ManifestYaml
{
    private const int MostAliases = 20;

    private readonly YamlLimits _limits;
    private readonly ManifestErrors _errors;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _aliases;
    private int _nodes;

    private ManifestYaml(string text, YamlLimits limits, ManifestErrors errors)
    {
        _limits = limits;
        _errors = errors;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The document, or null when it could not be read to its end; then there is an error.</summary>
    public static YamlNode? Read(string text, YamlLimits limits, ManifestErrors errors)
    {
        if (text.Length > limits.Bytes || Encoding.UTF8.GetByteCount(text) > limits.Bytes)
        {
            errors.Add("TEAL2002", new Place(1, 1), $"the file is larger than {ByteSize.Text(limits.Bytes)}");
            return null;
        }
        var body = text.StartsWith('\uFEFF') ? text[1..] : text;
        if (!CheckCharacters(body, errors))
        {
            return null;
        }
        var yaml = new ManifestYaml(body, limits, errors);
        try
        {
            return yaml.Document();
        }
        catch (Exception refusal) when (refusal is YamlException or ArgumentException or InvalidOperationException)
        {
            // The parser's only way to say no.
            var at = refusal is YamlException { Start: var mark } ? PlaceOf(mark) : new Place(1, 1);
            errors.Add("TEAL2001", at, $"this is not YAML: {WordsOf(refusal)}");
            return null;
        }
    }

    private static bool CheckCharacters(string text, ManifestErrors errors)
    {
        var place = new Place(1, 1);
        var indents = true;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (RefusalOf(text, i, indents) is { } why)
            {
                errors.Add("TEAL2003", place, why);
                return false;
            }
            var ends = character == '\n' || (character == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'));
            indents = ends || (indents && character is ' ' or '\r');
            place = ends ? new Place(place.Line + 1, 1) : place with { Column = place.Column + 1 };
        }
        return true;
    }

    private static string? RefusalOf(string text, int index, bool indents)
    {
        var character = text[index];
        if (character == '\t')
        {
            return indents ? "a tab stands in front of the line; indent with spaces" : null;
        }
        var isControl = char.IsControl(character) && character is not ('\r' or '\n');
        var isAlone =
            char.IsSurrogate(character)
            && !(char.IsHighSurrogate(character) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
            && !(char.IsLowSurrogate(character) && index > 0 && char.IsHighSurrogate(text[index - 1]));
        return isControl || isAlone ? $"the character U+{(int)character:X4} may not stand in the file" : null;
    }

    private YamlNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out var start))
        {
            _errors.Add("TEAL2007", new Place(1, 1), $"the file is empty; {_limits.Needs}");
            return null;
        }
        if (
            start.Version is not null
            || start.Tags is { Count: > 0 }
                && start.Tags.Any(tag => !tag.Prefix.StartsWith("tag:yaml.org", StringComparison.Ordinal) && tag.Prefix != "!")
        )
        {
            return Refuse(start, "a YAML directive is not taken");
        }
        if (Node(0) is not { } node)
        {
            return null;
        }
        _parser.Consume<DocumentEnd>();
        return _parser.TryConsume<DocumentStart>(out var second) ? Refuse(second, "a second document begins; the file holds one") : node;
    }

    private YamlNode? Node(int depth)
    {
        var happened = _parser.Consume<ParsingEvent>();
        if (depth > _limits.Depth || ++_nodes > _limits.Nodes)
        {
            _errors.Add(
                "TEAL2002",
                PlaceOf(happened.Start),
                depth > _limits.Depth ? $"nested deeper than {_limits.Depth}" : $"more than {_limits.Nodes} entries"
            );
            return null;
        }
        if (happened is AnchorAlias alias)
        {
            return Aliased(alias);
        }
        if (happened is not NodeEvent begun)
        {
            // Some damaged files make the parser end a group where a value has to be.
            _errors.Add("TEAL2001", PlaceOf(happened.Start), "this is not YAML: a value is missing here");
            return null;
        }
        if (!begun.Tag.IsEmpty)
        {
            return Refuse(begun, $"the tag {Wording.Quote(begun.Tag.Value)} is not taken; values need none");
        }
        if (!begun.Anchor.IsEmpty)
        {
            // Known and not yet read: an alias inside would hold itself.
            _anchors[begun.Anchor.Value] = null;
        }
        YamlNode? node = begun switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, PlaceOf(scalar.Start)),
            SequenceStart => List(begun, depth),
            _ => Map(begun, depth),
        };
        if (!begun.Anchor.IsEmpty)
        {
            _anchors[begun.Anchor.Value] = node;
        }
        return node;
    }

    private YamlNode? Aliased(AnchorAlias alias)
    {
        var name = Wording.Quote(alias.Value.Value);
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            return Refuse(alias, $"the alias {name} has no anchor before it");
        }
        if (node is null)
        {
            return Refuse(alias, $"the alias {name} holds itself");
        }
        _nodes += node.Size;
        if (++_aliases <= MostAliases && _nodes <= _limits.Nodes)
        {
            return node;
        }
        var most = _aliases > MostAliases ? $"more than {MostAliases} aliases" : $"aliases make more than {_limits.Nodes} entries";
        _errors.Add("TEAL2002", PlaceOf(alias.Start), most);
        return null;
    }

    private YamlList? List(ParsingEvent begun, int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (Node(depth + 1) is not { } item)
            {
                return null;
            }
            items.Add(item);
        }
        return new YamlList(items, PlaceOf(begun.Start));
    }

    private YamlMap? Map(ParsingEvent begun, int depth)
    {
        var entries = new List<YamlEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Key() is not { } key || Node(depth + 1) is not { } value)
            {
                return null;
            }
            if (lines.TryGetValue(key.Text, out var line))
            {
                _errors.Add(
                    "TEAL2004",
                    key.At,
                    $"the key {Wording.Quote(key.Text)} stands here a second time; the first is in line {line}"
                );
                continue;
            }
            lines.Add(key.Text, key.At.Line);
            entries.Add(new YamlEntry(key.Text, key.At, value));
        }
        return new YamlMap(entries, PlaceOf(begun.Start));
    }

    private YamlScalar? Key()
    {
        var happened = _parser.Consume<ParsingEvent>();
        if (happened is not Scalar scalar || !scalar.Tag.IsEmpty || !scalar.Anchor.IsEmpty)
        {
            Refuse(happened, "a key is a plain word");
            return null;
        }
        if (scalar is { Value: "<<", Style: ScalarStyle.Plain })
        {
            Refuse(scalar, "the merge key '<<' is not taken; repeat the keys, or use 'environments'");
            return null;
        }
        return new YamlScalar(scalar.Value, IsPlain: true, PlaceOf(scalar.Start));
    }

    private YamlNode? Refuse(ParsingEvent happened, string why)
    {
        _errors.Add("TEAL2003", PlaceOf(happened.Start), why);
        return null;
    }

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string WordsOf(Exception refusal) => Wording.Clean(refusal.Message.ReplaceLineEndings(" ").TrimEnd('.'));
}
