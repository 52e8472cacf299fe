using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Teal.Releases;

/// <summary>Writes a manifest with every default in its place, as YAML that <see cref="ManifestReader"/> reads back to the same.</summary>
public static class ManifestWriter
{
    private const int Step = 2;

    // Quoted as JSON, which YAML reads alike; the relaxed encoder leaves everyday letters alone.
    private static readonly JsonSerializerOptions Quoting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Yaml(Manifest manifest)
    {
        var text = new StringBuilder();
        Section(text, ManifestShape.Root, manifest, 0);
        return text.ToString();
    }

    private static void Section(StringBuilder text, ValueShape.Section section, object value, int indent)
    {
        foreach (var key in section.Keys)
        {
            if (key.Property.GetValue(value) is not { } held)
            {
                continue;
            }
            text.Append(' ', indent).Append(key.Name).Append(':');
            if (key.Value is ValueShape.Section inner)
            {
                text.Append('\n');
                Section(text, inner, held, indent + Step);
            }
            else
            {
                text.Append(' ').Append(Inline(key.Value, held)).Append('\n');
            }
        }
    }

    private static string Inline(ValueShape shape, object value) =>
        (shape, value) switch
        {
            (ValueShape.Many many, IEnumerable items) =>
                $"[{string.Join(", ", items.Cast<object>().Select(item => Inline(many.Item, item)))}]",
            (ValueShape.Section section, _) => $"{{ {string.Join(", ", section.Keys.Select(key => Pair(key, value)).OfType<string>())} }}",
            (ValueShape.Variables, IReadOnlyDictionary<string, string> pairs) => Variables(pairs),
            (ValueShape.Limit, Analysis.Guard guard) => Limit(guard),
            (ValueShape.Whole, int number) => number.ToString(CultureInfo.InvariantCulture),
            _ => Scalar(ManifestText.Of(value)),
        };

    private static string? Pair(KeyShape key, object value) =>
        key.Property.GetValue(value) is { } held ? $"{key.Name}: {Inline(key.Value, held)}" : null;

    private static string Variables(IReadOnlyDictionary<string, string> pairs) =>
        pairs.Count == 0
            ? "{}"
            : $"{{ {string.Join(", ", pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {Scalar(pair.Value)}"))} }}";

    private static string Limit(Analysis.Guard guard) =>
        $"{{ metric: {GuardForm.WordOf(guard.Metric)}, {GuardForm.WordOf(guard.Limit)}: {Scalar(guard.LimitText)} }}";

    private static string Scalar(string text) =>
        text.Length > 0
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '%' or '_' or '-')
        && char.IsAsciiLetterOrDigit(text[0])
            ? text
            : JsonSerializer.Serialize(text, Quoting);
}
