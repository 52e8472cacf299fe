using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teal.Analysis;

/// <summary>A histogram as its buckets and counts, without the empty ones.</summary>
internal sealed class LatencyHistogramJson : JsonConverter<LatencyHistogram>
{
    public override LatencyHistogram Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return LatencyHistogram.From(JsonSerializer.Deserialize<SparseHistogram>(ref reader, options)!);
        }
        catch (ArgumentException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, LatencyHistogram value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Sparse, options);
}
