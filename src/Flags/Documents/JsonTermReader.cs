using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Teal.Flags;

/// <summary>From bytes to terms, under limits.</summary>
internal sealed class JsonTermReader
{
    private const int FewMembers = 8;

    private readonly DocumentLimits _limits;
    private readonly List<JsonTerm> _open = [];
    private int _nodes;
    private (string Code, long Offset, JsonTerm? At, string Message)? _refusal;

    private JsonTermReader(DocumentLimits limits) => _limits = limits;

    public static bool TryRead(
        ReadOnlySpan<byte> utf8Json,
        DocumentLimits limits,
        [NotNullWhen(true)] out JsonTerm? root,
        [NotNullWhen(false)] out DocumentFault? fault
    )
    {
        root = null;
        if (utf8Json.Length > limits.Bytes)
        {
            fault = new DocumentFault(
                "TEAL9102",
                null,
                "$",
                1,
                1,
                $"The document has {utf8Json.Length} bytes; {limits.Bytes} are allowed."
            );
            return false;
        }
        var reader = new JsonTermReader(limits);
        root = reader.Read(utf8Json);
        fault = root is null ? reader.Fault(utf8Json) : null;
        return root is not null;
    }

    private JsonTerm? Read(ReadOnlySpan<byte> utf8Json)
    {
        // One deeper than is allowed: the limit is told by this reader, with its own code.
        var json = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = _limits.Depth + 1 });
        try
        {
            if (!Utf8.IsValid(utf8Json))
            {
                _refusal = ("TEAL9101", FirstInvalid(utf8Json), null, "The document is not valid UTF-8 here.");
                return null;
            }
            json.Read();
            var root = ReadValue(ref json, null, null, 0);
            return root is not null && !json.Read() ? root : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is no text.
            var offset = e is JsonException ? json.BytesConsumed : json.TokenStartIndex;
            _refusal = ("TEAL9101", offset, _open.LastOrDefault(), $"Not JSON: {Short(e.Message)}");
            return null;
        }
    }

    private JsonTerm? ReadValue(ref Utf8JsonReader json, JsonTerm? parent, string? name, int place)
    {
        if (++_nodes > _limits.Nodes)
        {
            return Refuse("TEAL9103", ref json, parent, $"The document has more than {_limits.Nodes} values.");
        }
        var isNumber = json.TokenType == JsonTokenType.Number;
        var term = new JsonTerm
        {
            Kind = KindOf(json.TokenType),
            Parent = parent,
            Name = name,
            Place = place,
            Start = (int)json.TokenStartIndex,
            Text = json.TokenType == JsonTokenType.String ? json.GetString() : null,
            Number =
                isNumber ? json.GetDouble()
                : json.TokenType == JsonTokenType.True ? 1
                : 0,
        };
        if (!double.IsFinite(term.Number))
        {
            return Refuse("TEAL9105", ref json, term, "The number is larger than a double can hold.");
        }
        if (term.Kind is ValueKind.List or ValueKind.Object && !TryReadItems(ref json, term))
        {
            return null;
        }
        term.End = (int)json.BytesConsumed;
        return term;
    }

    private bool TryReadItems(ref Utf8JsonReader json, JsonTerm term)
    {
        if (json.CurrentDepth >= _limits.Depth)
        {
            Refuse("TEAL9103", ref json, term, $"The document is nested deeper than {_limits.Depth}.");
            return false;
        }
        var first = _open.Count;
        var closing = term.Kind == ValueKind.List ? JsonTokenType.EndArray : JsonTokenType.EndObject;
        while (json.Read() && json.TokenType != closing)
        {
            var name = term.Kind == ValueKind.Object ? json.GetString() : null;
            if (name is not null)
            {
                json.Read();
            }
            if (ReadValue(ref json, term, name, _open.Count - first) is not { } item)
            {
                return false;
            }
            _open.Add(item);
        }
        term.Items = CollectionsMarshal.AsSpan(_open)[first..].ToArray();
        _open.RemoveRange(first, term.Items.Length);
        return term.Kind == ValueKind.List || HasEachNameOnce(ref json, term);
    }

    private bool HasEachNameOnce(ref Utf8JsonReader json, JsonTerm term)
    {
        if (term.Items.Length < 2)
        {
            return true;
        }
        var names = term.Items.Length > FewMembers ? new HashSet<string>(term.Items.Length, StringComparer.Ordinal) : null;
        names?.Add(term.Items[0].Name!);
        for (var i = 1; i < term.Items.Length; i++)
        {
            var item = term.Items[i];
            if (names is null ? IsAmong(term.Items.AsSpan(0, i), item.Name!) : !names.Add(item.Name!))
            {
                Refuse("TEAL9104", ref json, item, $"'{item.Name}' stands here a second time; one of the two would be lost.");
                return false;
            }
        }
        return true;
    }

    private static bool IsAmong(ReadOnlySpan<JsonTerm> terms, string name)
    {
        foreach (var term in terms)
        {
            if (term.Name == name)
            {
                return true;
            }
        }
        return false;
    }

    private JsonTerm? Refuse(string code, ref Utf8JsonReader json, JsonTerm? at, string message)
    {
        _refusal = (code, at?.Start ?? json.TokenStartIndex, at, message);
        return null;
    }

    private DocumentFault Fault(ReadOnlySpan<byte> utf8Json)
    {
        var (code, offset, at, message) = _refusal ?? ("TEAL9101", 0, null, "Not JSON: the document is empty.");
        return DocumentPlaces.Fault(utf8Json, code, at, offset, message);
    }

    private static ValueKind KindOf(JsonTokenType token) =>
        token switch
        {
            JsonTokenType.StartObject => ValueKind.Object,
            JsonTokenType.StartArray => ValueKind.List,
            JsonTokenType.String => ValueKind.String,
            JsonTokenType.Number => ValueKind.Number,
            JsonTokenType.True or JsonTokenType.False => ValueKind.Boolean,
            _ => ValueKind.Null,
        };

    private static long FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        var rest = utf8;
        while (System.Text.Rune.DecodeFromUtf8(rest, out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            rest = rest[length..];
        }
        return utf8.Length - rest.Length;
    }

    // The place is told apart.
    private static string Short(string message)
    {
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? message : message[..place];
    }
}
