using System.Globalization;
using System.Text;
using System.Text.Json;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>Pieces of YAML on one line, in the form that <see cref="ManifestYaml"/> reads back.</summary>
internal static class YamlText
{
    /// <summary>YAML 1.2, 7.4.2: a key of a flow mapping has at most 1,024 characters, unless a question mark announces it.</summary>
    private const int LongestKey = 500;

    /// <summary>Without quotes where nobody, Teal or another reader of YAML, can take it for something else.</summary>
    public static string Of(string text) => IsPlain(text) ? text : Quoted(text);

    public static string Key(string text) => text.Length > LongestKey ? $"? {Quoted(text)} " : Of(text);

    public static string Of(bool value) => value ? "true" : "false";

    public static string Of(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Of(VariantValue value) => Of(value.Element());

    public static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

    public static string Map(IEnumerable<(string Key, string Value)> entries)
    {
        var text = string.Join(", ", entries.Select(entry => $"{Key(entry.Key)}: {entry.Value}"));
        return text.Length == 0 ? "{}" : $"{{ {text} }}";
    }

    private static string Of(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => Map(value.EnumerateObject().Select(member => (member.Name, Of(member.Value)))),
            JsonValueKind.Array => List(value.EnumerateArray().Select(Of)),
            JsonValueKind.String => Of(value.GetString()!),
            _ => value.GetRawText(),
        };

    private static bool IsPlain(string text) =>
        text.Length > 0
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '/' or '_' or '-' or '@')
        && !YamlJson.IsTakenForOther(text);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var isShown =
                category
                is not (
                    UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.OtherNotAssigned
                    or UnicodeCategory.PrivateUse
                );
            if (!isShown)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");
                continue;
            }
            quoted.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune.ToString());
        }
        return quoted.Append('"').ToString();
    }
}
