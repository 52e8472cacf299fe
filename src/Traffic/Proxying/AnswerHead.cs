using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Teal.Traffic.Proxying;

/// <summary>The head of an answer whose body has a plain length.</summary>
/// <param name="HeadBytes">With the empty line.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AnswerHead(int HeadBytes, long BodyBytes)
{
    /// <summary>
    /// Null for a head that is not whole, and for every one that could be read in another way than this: another status than 200, a
    /// Transfer-Encoding, no length or two.
    /// </summary>
    public static AnswerHead? Find(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith("HTTP/1.1 200 "u8))
        {
            return null;
        }
        long? length = null;
        var at = 0;
        while (bytes[at..].IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = bytes.Slice(at, end);
            at += end + 1;
            if (line is [] or [(byte)'\r'])
            {
                return length is { } body ? new AnswerHead(at, body) : null;
            }
            if (StartsWith(line, "Transfer-Encoding"u8))
            {
                return null;
            }
            if (StartsWith(line, "Content-Length"u8))
            {
                if (length is not null || !TryReadLength(line["Content-Length".Length..], out var value))
                {
                    return null;
                }
                length = value;
            }
        }
        return null;
    }

    private static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);

    /// <summary>Digits between optional blanks, after the colon (RFC 9112, 6.2).</summary>
    private static bool TryReadLength(ReadOnlySpan<byte> rest, out long length)
    {
        length = 0;
        if (rest is not [(byte)':', .. var value])
        {
            return false;
        }
        value = value.Trim(" \t\r"u8);
        return value.Length > 0
            && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(value, out length, out var used)
            && used == value.Length;
    }
}
