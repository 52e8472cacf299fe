using System.Buffers;

namespace Teal.Traffic;

/// <summary>
/// The text of <c>teal-flags</c>: <c>checkout=on, banner=red</c>. A dictionary of RFC 9651, but for keys, whose capitals and leading digits are
/// kept as they are in the flags.
/// </summary>
internal static class FlagsHeader
{
    public const string Name = "teal-flags";

    /// <summary>Of a variant's name. With 16 flags of 64 characters no header is longer than 3.2 KiB.</summary>
    private const int LongestVariant = 64;

    /// <summary>sf-token, after its first letter.</summary>
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~:/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    );

    /// <summary>Null when the variant has characters that no header may have, or too many.</summary>
    public static string? Member(string flag, string variant) =>
        variant.Length is 0 or > LongestVariant || variant.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null
        : IsToken(variant) ? $"{flag}={variant}"
        : $"{flag}=\"{variant.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static bool IsToken(string variant) => char.IsAsciiLetter(variant[0]) && !variant.AsSpan().ContainsAnyExcept(Token);
}
