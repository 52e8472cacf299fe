using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

/// <summary>Reader, schema and page are walked from the records by a way of their own, so that none can miss a key.</summary>
public sealed class ManifestPagesTests
{
    public static TheoryData<string> Keys => [.. KeysOf(typeof(Manifest), "")];

    [Fact]
    public void The_schema_is_the_committed_one() => Golden.Matches("docs/reference/teal.schema.json", ManifestSchema.Json());

    [Fact]
    public void The_reference_page_is_the_committed_one() => Golden.Matches("docs/reference/teal-yaml.md", ManifestReference.Markdown());

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_schema_knows_every_key_in_the_file_and_in_an_environment(string key)
    {
        var schema = JsonNode.Parse(ManifestSchema.Json())!;
        Assert.NotNull(Find(schema, key)?["description"]);
        Assert.NotNull(Find(schema["properties"]!["environments"]!["additionalProperties"]!, key));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_reference_page_knows_every_key(string key)
    {
        var section = key.Contains('.') ? $"`{key[..key.LastIndexOf('.')]}`" : "Top level";
        var page = ManifestReference.Markdown();
        var from = page.IndexOf($"\n## {section}\n", StringComparison.Ordinal);
        Assert.True(from >= 0, section);
        var end = page.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        var part = end < 0 ? page[from..] : page[from..end];
        Assert.Contains($"| `{key.Split('.')[^1]}` |", part);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_reader_knows_every_key_and_only_those(string key)
    {
        Assert.DoesNotContain(Sample.Read(Nest(key.Split('.'))).Errors, error => error.Code == "TEAL2005");
        Assert.Contains(Sample.Read(Nest((key + "_x").Split('.'))).Errors, error => error.Code == "TEAL2005");
    }

    [Fact]
    public void The_schema_has_no_key_that_the_reader_does_not_know()
    {
        var keys = SchemaKeys(JsonNode.Parse(ManifestSchema.Json())!, "")
            .Where(key => !key.StartsWith("environments", StringComparison.Ordinal));
        Assert.Equal(
            Keys.Select(row => row.Data).Order(StringComparer.Ordinal),
            keys.Where(key => !key.Contains("guard[]")).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void The_defaults_of_the_schema_are_taken_by_the_reader()
    {
        var schema = JsonNode.Parse(ManifestSchema.Json())!;
        var release = schema["properties"]!["release"]!["properties"]!;
        var text =
            $$"""{ "service": "shop", "run": { "command": ["a"] }, "routes": {{schema["properties"]!["routes"]!["default"]!.ToJsonString()}}, "release": { "guard": {{release["guard"]!["default"]!.ToJsonString()}}, "steps": {{release["steps"]!["default"]!.ToJsonString()}} } }""";
        var manifest = Sample.Good(text);
        Assert.Equal(new ReleaseSection().Guard, manifest.Release.Guard);
        Assert.Equal(new ReleaseSection().Steps, manifest.Release.Steps);
    }

    [Fact]
    public void Keys_of_later_capabilities_are_refused_by_name_and_not_in_the_schema()
    {
        foreach (var key in (string[])["database", "flags.file", "run.image", "run.kubernetes"])
        {
            Assert.Null(Find(JsonNode.Parse(ManifestSchema.Json())!, key));
            Assert.Contains(Sample.Read(Nest(key.Split('.'))).Errors, error => error.Code == "TEAL2006");
        }
    }

    [Fact]
    public void A_manifest_survives_the_journal()
    {
        var manifest = Sample.Good(Sample.Whole);
        var json = JsonSerializer.Serialize(manifest);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<Manifest>(json)));
    }

    private static IEnumerable<string> KeysOf(Type record, string path)
    {
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = path + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            yield return name;
            var type = property.PropertyType;
            var isList = type.IsGenericType && type.GetGenericArguments().Length == 1 && typeof(IEnumerable).IsAssignableFrom(type);
            var inner = isList ? type.GetGenericArguments()[0] : type;
            if (inner.Namespace == typeof(Manifest).Namespace && !inner.IsEnum)
            {
                foreach (var below in KeysOf(inner, $"{name}{(isList ? "[]" : "")}."))
                {
                    yield return below;
                }
            }
        }
    }

    private static JsonNode? Find(JsonNode schema, string key)
    {
        JsonNode? node = schema;
        foreach (var part in key.Split('.'))
        {
            node = node?["properties"]?[part.Replace("[]", "")];
            node = part.EndsWith("[]", StringComparison.Ordinal) ? node?["items"] : node;
        }
        return node;
    }

    private static IEnumerable<string> SchemaKeys(JsonNode schema, string path)
    {
        foreach (var (name, value) in schema["properties"]?.AsObject() ?? [])
        {
            yield return path + name;
            var below = value!["items"] is { } items ? SchemaKeys(items, $"{path}{name}[].") : SchemaKeys(value, $"{path}{name}.");
            foreach (var key in below)
            {
                yield return key;
            }
        }
    }

    private static string Nest(string[] parts)
    {
        var value = "~";
        foreach (var part in parts.Reverse())
        {
            value = part.EndsWith("[]", StringComparison.Ordinal) ? $"{{ {part[..^2]}: [{value}] }}" : $"{{ {part}: {value} }}";
        }
        return value;
    }
}
