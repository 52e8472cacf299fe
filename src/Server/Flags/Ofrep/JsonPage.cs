using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Teal.Server.Flags.Ofrep;

/// <summary>
/// One answer's JSON, written whole before the first byte goes out: its length and its tag are known then. Each thread has one, kept from
/// answer to answer: between <see cref="Begin"/> and the last use of what <see cref="End"/> gives there is no await.
/// </summary>
internal sealed class JsonPage
{
    private const int MostKeptBytes = 1 << 20;

    [ThreadStatic]
    private static JsonPage? _ofThread;

    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    private JsonPage() =>
        // What is written is ours; the writer's checks are half of its time.
        Json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { SkipValidation = true });

    public Utf8JsonWriter Json { get; }

    public static JsonPage Begin()
    {
        var page = _ofThread ??= new JsonPage();
        page._bytes.ResetWrittenCount();
        page.Json.Reset(page._bytes);
        return page;
    }

    public ReadOnlySpan<byte> End()
    {
        Json.Flush();
        if (_bytes.Capacity > MostKeptBytes)
        {
            _ofThread = null;
        }
        return _bytes.WrittenSpan;
    }

    /// <summary>Goes out with the end of the request: one write to the socket, head and body.</summary>
    public static void Send(HttpResponse response, int status, ReadOnlySpan<byte> json)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        response.BodyWriter.Write(json);
    }
}
