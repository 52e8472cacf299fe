using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Teal.Releases;

/// <summary>Values of YAML as JSON: what is plain and reads as a number of JSON, true, false or null is that; all else is text.</summary>
internal static partial class YamlJson
{
    public static string Of(YamlNode node)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            Write(writer, node);
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>True when the text, written without quotes, would be read as something else.</summary>
    public static bool IsTakenForOther(string text) => text is "true" or "false" || IsNull(text) || Number().IsMatch(text);

    private static bool IsNull(string text) => new YamlScalar(text, IsPlain: true, new Place(1, 1)).IsNull;

    private static void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }
                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case YamlScalar { IsNull: true }:
                writer.WriteNullValue();
                break;
            case YamlScalar { IsPlain: true } scalar when IsTakenForOther(scalar.Text):
                writer.WriteRawValue(scalar.Text);
                break;
            case YamlScalar scalar:
                writer.WriteStringValue(scalar.Text);
                break;
            default:
                throw new InvalidOperationException($"No such node: {node.GetType().Name}.");
        }
    }

    // RFC 8259, section 6. 007 and 0x1F are texts.
    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();
}
