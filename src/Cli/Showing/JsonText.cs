using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Teal.Cli.Showing;

/// <summary>The command line's own answers as JSON; the server's are printed as they came.</summary>
internal static class JsonText
{
    public static string Indented<T>(T view, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            JsonSerializer.Serialize(writer, view, type);
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}

/// <summary>A failure, in place of the object that was asked for.</summary>
public sealed record FailedView(int Version, FailedError Error, int ExitCode, IReadOnlyList<string> Next);

public sealed record FailedError(string Code, string What, string? Why, IReadOnlyList<string> Places);

/// <summary>What was done by a verb that has nothing else to tell.</summary>
public sealed record DoneView(int Version, string Done, string? Path, IReadOnlyList<string> Next);

public sealed record DoctorView(int Version, bool Ok, IReadOnlyList<CheckView> Checks, IReadOnlyList<string> Next);

/// <param name="Level">ok · warn · fail</param>
/// <param name="Do">What to do about it.</param>
public sealed record CheckView(string Name, string Level, string Found, string? Do);

public sealed record LogView(int Version, string Service, IReadOnlyList<LogLineView> Lines);

public sealed record LogLineView(string Instance, string Line);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Default
)]
[JsonSerializable(typeof(FailedView))]
[JsonSerializable(typeof(DoneView))]
[JsonSerializable(typeof(DoctorView))]
[JsonSerializable(typeof(LogView))]
[JsonSerializable(typeof(LogLineView))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class CliJson : JsonSerializerContext;
