using System.Buffers;
using System.Text;
using System.Text.Json;
using Teal.Server.Views;

namespace Teal.Server.Flags.Clients;

/// <summary>One event of the stream that keeps an application's flags: <see cref="Wire.ClientFlagsMessage"/> in one line.</summary>
internal static class ClientFlagsWriter
{
    /// <summary>The document goes out as it was compiled: nothing of it is parsed or copied for each of a thousand clients.</summary>
    public static void Write(IBufferWriter<byte> output, FlagSnapshot snapshot, FlagListener listener)
    {
        var environment = JsonEncodedText.Encode(snapshot.Environment);
        output.Write(
            Encoding.UTF8.GetBytes(
                FormattableString.Invariant(
                    $$"""
                    event: flags
                    id: {{snapshot.Revision}}
                    data: {"version":{{StatusViews.FormatVersion}},"connection":{{listener.Id}},"environment":"{{environment}}","revision":{{snapshot.Revision}},"document":
                    """
                )
            )
        );
        WriteInOneLine(output, snapshot.ClientJson.Span);
        output.Write("}\n\n"u8);
    }

    /// <summary>A document that people wrote has lines, which would end the event. In JSON a line's end is never more than a space.</summary>
    private static void WriteInOneLine(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        while (json.IndexOfAny((byte)'\n', (byte)'\r') is var end and >= 0)
        {
            output.Write(json[..end]);
            output.Write(" "u8);
            json = json[(end + 1)..];
        }
        output.Write(json);
    }
}
