using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>The JSON Schema (draft 2020-12) of <c>teal.yaml</c>, for editors.</summary>
public static class ManifestSchema
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "teal.yaml",
            ["description"] = "How Teal runs a service and releases its versions.",
        };
        var whole = Section(ManifestShape.Root, isPartial: false);
        ((JsonObject)whole["properties"]!)[ManifestShape.Environments] = Environments();
        foreach (var (key, value) in whole.ToList())
        {
            whole.Remove(key);
            schema[key] = value;
        }
        return schema.ToJsonString(Layout) + "\n";
    }

    private static JsonObject Environments() =>
        new()
        {
            ["type"] = "object",
            ["description"] = ManifestShape.EnvironmentsDescription,
            ["maxProperties"] = ManifestShape.MostEnvironments,
            ["propertyNames"] = new JsonObject { ["pattern"] = Whole(Names.EnvironmentPattern) },
            ["additionalProperties"] = Section(ManifestShape.Root, isPartial: true),
        };

    private static JsonObject Section(ValueShape.Section section, bool isPartial)
    {
        var properties = new JsonObject();
        foreach (var key in section.Keys)
        {
            var value = Value(key.Value, isPartial);
            value["description"] = key.Description;
            if (!isPartial && key.Default is not null && Default(key.Value, key.Default) is { } written)
            {
                value["default"] = written;
            }
            properties[key.Name] = value;
        }
        var schema = Object(properties);
        var required = section.Keys.Where(key => key.IsRequired).Select(key => (JsonNode)key.Name).ToArray();
        if (required.Length > 0 && !isPartial)
        {
            schema["required"] = new JsonArray(required);
        }
        return schema;
    }

    private static JsonObject Value(ValueShape shape, bool isPartial) =>
        shape switch
        {
            ValueShape.Section { Short.Value: ValueShape.Text brief } section => Brief(section, brief, isPartial),
            ValueShape.Section section => Section(section, isPartial),
            ValueShape.Truth => new JsonObject { ["type"] = "boolean" },
            ValueShape.Text text => Text(text.Form),
            ValueShape.Whole whole => new JsonObject
            {
                ["type"] = "integer",
                ["minimum"] = whole.Least,
                ["maximum"] = whole.Most,
            },
            ValueShape.Time => Pattern(Duration.Pattern),
            ValueShape.Bytes => Pattern(ByteSize.Pattern),
            ValueShape.Part => Pattern(@"(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)%"),
            ValueShape.Choice choice => new JsonObject { ["enum"] = new JsonArray([.. choice.Words.Select(word => (JsonNode)word)]) },
            ValueShape.Many many => Many(many),
            ValueShape.Variables variables => Variables(variables),
            _ => Guards(),
        };

    /// <summary>A pattern is asked of texts alone, and keys of groups alone.</summary>
    private static JsonObject Brief(ValueShape.Section section, ValueShape.Text brief, bool isPartial)
    {
        var schema = Section(section, isPartial);
        schema["type"] = new JsonArray("object", "string");
        schema["pattern"] = Whole(ManifestForm.Of(brief.Form).Pattern!);
        return schema;
    }

    private static JsonObject Many(ValueShape.Many many)
    {
        // A list is replaced whole in an environment, so that its entries are never partial.
        var list = new JsonObject
        {
            ["type"] = "array",
            ["items"] = Value(many.Item, isPartial: false),
            ["minItems"] = many.Least,
            ["maxItems"] = many.Most,
        };
        return many.OneIsEnough ? new JsonObject { ["anyOf"] = new JsonArray(Value(many.Item, isPartial: false), list) } : list;
    }

    private static JsonObject Variables(ValueShape.Variables variables) =>
        new()
        {
            ["type"] = "object",
            ["maxProperties"] = variables.Most,
            ["propertyNames"] = new JsonObject { ["pattern"] = Whole(ManifestForm.Of(variables.Names).Pattern!) },
            ["additionalProperties"] = Text(variables.Form),
        };

    /// <summary>A text of any form may be written like a number or a truth value; it is taken letter by letter.</summary>
    private static JsonObject Text(TextForm form) =>
        ManifestForm.Of(form).Pattern is { } pattern
            ? Pattern(pattern)
            : new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };

    private static JsonObject Guards() => new() { ["oneOf"] = new JsonArray([.. GuardForm.All.Select(form => (JsonNode)GuardOf(form))]) };

    private static JsonObject GuardOf(GuardForm form)
    {
        var limit =
            form.Limit == GuardLimit.MaxRatio
                ? new JsonObject
                {
                    ["type"] = "number",
                    ["minimum"] = 1,
                    ["maximum"] = 100,
                }
                : Pattern(form.Pattern);
        limit["description"] = $"Most that is allowed of: {form.Meaning}.";
        var metrics = new JsonArray([.. form.Metrics.Select(metric => (JsonNode)GuardForm.WordOf(metric))]);
        var schema = Object(
            new JsonObject
            {
                ["metric"] = new JsonObject { ["enum"] = metrics },
                [GuardForm.WordOf(form.Limit)] = limit,
            }
        );
        schema["required"] = new JsonArray("metric", GuardForm.WordOf(form.Limit));
        return schema;
    }

    private static JsonObject Object(JsonObject properties) =>
        new()
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = Whole(pattern) };

    private static string Whole(string pattern) => $"^(?:{pattern})$";

    private static JsonNode? Default(ValueShape shape, object value) =>
        (shape, value) switch
        {
            (ValueShape.Whole, int number) => number,
            (ValueShape.Truth, bool truth) => truth,
            (ValueShape.Many { Least: > 0 }, System.Collections.ICollection { Count: 0 }) => null,
            (ValueShape.Many many, System.Collections.IEnumerable items) => new JsonArray([
                .. items.Cast<object>().Select(item => Default(many.Item, item)),
            ]),
            (ValueShape.Section section, not null) when section.Record == typeof(RouteSection) || section.Record == typeof(StageSection) =>
                Entry(section, value),
            (ValueShape.Section or ValueShape.Variables, _) => null,
            (_, Guard guard) => new JsonObject
            {
                ["metric"] = GuardForm.WordOf(guard.Metric),
                [GuardForm.WordOf(guard.Limit)] = guard.Limit == GuardLimit.MaxRatio ? guard.Value : guard.LimitText,
            },
            _ => ManifestText.Of(value),
        };

    private static JsonObject Entry(ValueShape.Section section, object value)
    {
        var entry = new JsonObject();
        foreach (var key in section.Keys)
        {
            entry[key.Name] = Default(key.Value, key.Property.GetValue(value)!);
        }
        return entry;
    }
}

/// <summary>Values as they are written in <c>teal.yaml</c>.</summary>
internal static class ManifestText
{
    public static string Of(object value) =>
        value switch
        {
            TimeSpan time => Duration.Text(time),
            long bytes => ByteSize.Text(bytes),
            bool truth => truth ? "true" : "false",
            Enum word => ManifestShape.WordOf(word.GetType(), word.ToString()),
            _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
        };
}
