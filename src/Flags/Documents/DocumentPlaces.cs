using System.Text;

namespace Teal.Flags;

/// <summary>From an offset to the line and column that an editor shows, and from a term to its flag.</summary>
internal static class DocumentPlaces
{
    public static DocumentFault Fault(ReadOnlySpan<byte> utf8Json, string code, JsonTerm? at, long offset, string message)
    {
        var before = utf8Json[..(int)Math.Min(offset, utf8Json.Length)];
        var line = 1 + before.Count((byte)'\n');
        var column = 1 + Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]);
        return new DocumentFault(code, at is null ? null : FlagOf(at), at?.Path() ?? "$", line, column, message);
    }

    /// <summary>The key of the flag in which a term stands: the name in a map, the member <c>key</c> in a list.</summary>
    private static string? FlagOf(JsonTerm term)
    {
        for (var at = term; at.Parent is not null; at = at.Parent)
        {
            if (at.Parent is { Name: "flags", Parent.Parent: null })
            {
                return at.Name ?? at.Member("key")?.Text;
            }
        }
        return null;
    }
}
