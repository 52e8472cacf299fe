using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>A value that a flag serves or an attribute is compared with, as JSON without white space. Equal when its text is.</summary>
[JsonConverter(typeof(VariantValueJson))]
public sealed record VariantValue
{
    public static readonly VariantValue True = new(FlagType.Bool, "true");
    public static readonly VariantValue False = new(FlagType.Bool, "false");

    // What is quoted stays readable: letters of any script as they are.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private VariantValue(FlagType type, string json)
    {
        Type = type;
        Json = json;
    }

    public FlagType Type { get; }

    /// <summary>Numbers as they were written, the keys of an object in their order.</summary>
    public string Json { get; }

    public static VariantValue Of(bool value) => value ? True : False;

    public static VariantValue Of(string text) => new(FlagType.String, Written(writer => writer.WriteStringValue(text)));

    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public static VariantValue Of(double number)
    {
        if (!double.IsFinite(number))
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, "A flag's number is finite.");
        }
        return new VariantValue(FlagType.Number, number.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Null for null, for a list, and for a number that no double holds.</summary>
    public static VariantValue? Of(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True => True,
            JsonValueKind.False => False,
            JsonValueKind.String => Of(value.GetString()!),
            JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number) => new VariantValue(
                FlagType.Number,
                value.GetRawText()
            ),
            JsonValueKind.Object => new VariantValue(FlagType.Object, Written(value.WriteTo)),
            _ => null,
        };

    /// <summary>Of JSON text; null when it is none, or is not a value that a flag can have.</summary>
    public static VariantValue? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 32 });
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text of a string value.</summary>
    public string Text() => Type == FlagType.String ? Element().GetString()! : Json;

    /// <summary>The value of a number.</summary>
    public double Number() => double.Parse(Json, NumberStyles.Float, CultureInfo.InvariantCulture);

    public JsonElement Element()
    {
        using var document = JsonDocument.Parse(Json);
        return document.RootElement.Clone();
    }

    public override string ToString() => Json;

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Compact))
        {
            write(writer);
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}

/// <summary>Public because the JSON source generators of other assemblies construct it.</summary>
public sealed class VariantValueJson : JsonConverter<VariantValue>
{
    public override VariantValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        VariantValue.Of(JsonElement.ParseValue(ref reader))
        ?? throw new JsonException("A flag's value is a truth value, a text, a number or an object.");

    public override void Write(Utf8JsonWriter writer, VariantValue value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}
