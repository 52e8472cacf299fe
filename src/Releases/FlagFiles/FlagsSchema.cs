using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>The JSON Schema (draft 2020-12) of <c>flags.yaml</c>, for editors, and its reference page. Both are made of <see cref="FlagsKeys"/>.</summary>
public static class FlagsSchema
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
            ["title"] = "flags.yaml",
            ["description"] = "All flags of a server: what each serves to whom.",
            ["$ref"] = "#/$defs/file",
        };
        var definitions = new JsonObject();
        foreach (var section in FlagsKeys.Sections)
        {
            definitions[section.Name] = Of(section);
        }
        definitions["condition"] = FlagsKeys.Condition();
        definitions["value"] = FlagsKeys.Value();
        schema["$defs"] = definitions;
        return schema.ToJsonString(Layout) + "\n";
    }

    /// <summary>The page <c>docs/reference/flags-yaml.md</c>.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder(
            "# flags.yaml\n\nMade from the code; do not edit. How it is written: [Flags in a file](../guide/flags-yaml.md). The JSON Schema is "
                + "[flags.schema.json](flags.schema.json), as `teal config schema --flags` prints it.\n"
        );
        foreach (var section in FlagsKeys.Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section.Title}\n\n| Key | What it takes |\n| --- | --- |\n");
            foreach (var key in section.Keys)
            {
                page.Append(CultureInfo.InvariantCulture, $"| `{key.Name}` | {key.Words}{(key.IsRequired ? " Required." : "")} |\n");
            }
        }
        return page.ToString();
    }

    private static JsonObject Of(FlagFileSection section)
    {
        var properties = new JsonObject();
        foreach (var key in section.Keys)
        {
            var schema = key.Schema();
            schema["description"] = key.Words;
            properties[key.Name] = schema;
        }
        var made = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        var required = section.Keys.Where(key => key.IsRequired).Select(key => (JsonNode)key.Name).ToArray();
        if (required.Length > 0)
        {
            made["required"] = new JsonArray(required);
        }
        return made;
    }
}
