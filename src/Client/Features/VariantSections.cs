using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Teal.Flags;

namespace Teal.Client;

/// <summary>A variant's value as the configuration that Microsoft.FeatureManagement hands out: a value, or a tree of them.</summary>
internal static class VariantSections
{
    private const string Root = "value";

    /// <summary>Made once for each variant of a document, and gone with it.</summary>
    private static readonly ConditionalWeakTable<FlagVariant, IConfigurationSection> Made = [];

    public static IConfigurationSection Of(FlagVariant variant) => Made.GetValue(variant, static it => Make(it.Value));

    private static IConfigurationSection Make(in FlagValue value)
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        if (value.Kind == FlagValueKind.Object)
        {
            var reader = new Utf8JsonReader(value.AsObject.Span);
            Flatten(Root, JsonElement.ParseValue(ref reader), pairs);
        }
        else
        {
            pairs.Add(new(Root, value.Kind == FlagValueKind.String ? value.AsString : value.ToString()));
        }
        return new ConfigurationBuilder().AddInMemoryCollection(pairs).Build().GetSection(Root);
    }

    /// <summary>As configuration reads JSON: members and places by their path, numbers and words as they are written.</summary>
    private static void Flatten(string path, JsonElement json, List<KeyValuePair<string, string?>> pairs)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    Flatten(ConfigurationPath.Combine(path, member.Name), member.Value, pairs);
                }
                break;
            case JsonValueKind.Array:
                foreach (var (place, item) in json.EnumerateArray().Index())
                {
                    Flatten(
                        ConfigurationPath.Combine(path, place.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                        item,
                        pairs
                    );
                }
                break;
            default:
                pairs.Add(new(path, json.ValueKind == JsonValueKind.Null ? null : json.ToString()));
                break;
        }
    }
}
