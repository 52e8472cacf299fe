using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Flags;

namespace Teal.Client;

/// <summary>The form of the file that keeps the last good flags: a line that says what follows, then the document as it came.</summary>
internal static partial class KeptFlags
{
    private const int Version = 1;
    private const int LongestHead = 1024;

    public static byte[] Write(ServedFlags served, byte[] json, DateTimeOffset now)
    {
        var head = new Head(Version, served.Environment, served.Revision, now, json.Length, served.Tag);
        return [.. JsonSerializer.SerializeToUtf8Bytes(head, HeadJson.Default.Head), (byte)'\n', .. json];
    }

    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out ServedFlags? served, [NotNullWhen(false)] out string? fault)
    {
        served = null;
        var end = file[..Math.Min(file.Length, LongestHead)].IndexOf((byte)'\n');
        if (end < 0 || HeadOf(file[..end]) is not { Version: Version } head)
        {
            fault = "it does not begin as such a file does";
            return false;
        }
        var json = file[(end + 1)..];
        if (json.Length != head.Bytes || ServedFlags.TagOf(json) != head.Sha256)
        {
            fault = "it is cut short or was changed";
            return false;
        }
        if (!FlagDocument.TryRead(json, DocumentLimits.Usual, out var document, out var refused))
        {
            fault = refused.ToString();
            return false;
        }
        fault = null;
        served = new ServedFlags(head.Environment, head.Revision, document, head.Sha256);
        return true;
    }

    private static Head? HeadOf(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, HeadJson.Default.Head);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Head(int Version, string Environment, long Revision, DateTimeOffset Saved, int Bytes, string Sha256);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true
    )]
    [JsonSerializable(typeof(Head))]
    private sealed partial class HeadJson : JsonSerializerContext;
}
