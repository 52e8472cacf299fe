using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Teal.Server.Flags.Ofrep;

/// <summary>
/// Tells a listener when to ask again (SSE). The listener's number in the tag lets its next request acknowledge what it was told.
/// </summary>
public sealed class OfrepEvents(FlagBoard board, TimeProvider time)
{
    private readonly FlagEventStream _stream = new(board, time);

    /// <param name="isStillLetIn">Asked before each word: a token may be revoked meanwhile.</param>
    public Task StreamAsync(HttpContext http, FlagReader reader, Func<bool> isStillLetIn) =>
        _stream.StreamAsync(http, reader, FlagListenerKind.Ofrep, isStillLetIn, Write);

    private static void Write(HttpResponse response, FlagSnapshot snapshot, FlagListener listener)
    {
        var page = JsonPage.Begin();
        OfrepWriter.WriteRefetch(page.Json, $"{snapshot.ETag.Trim('"')}.{listener.Id}");
        var json = page.End();
        response.BodyWriter.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {snapshot.Revision}\ndata: ")));
        response.BodyWriter.Write(json);
        response.BodyWriter.Write("\n\n"u8);
    }
}
