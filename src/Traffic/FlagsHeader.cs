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

    private const string Between = ", ";

    /// <summary>sf-token, after its first letter.</summary>
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~:/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    );

    /// <summary>Null when the variant has characters that no header may have, or too many.</summary>
    public static string? Member(string flag, string variant) =>
        variant.Length is 0 or > LongestVariant || variant.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null
        : IsToken(variant) ? $"{flag}={variant}"
        : $"{flag}=\"{variant.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>One string, and none of its own for a single variant.</summary>
    /// <param name="variants">At least one, all with a text.</param>
    public static string Of(ReadOnlySpan<VariantTally> variants)
    {
        if (variants.Length == 1)
        {
            return variants[0].Text!;
        }
        var length = Between.Length * (variants.Length - 1);
        foreach (var variant in variants)
        {
            length += variant.Text!.Length;
        }
        return string.Create(
            length,
            variants,
            static (text, all) =>
            {
                for (var i = 0; i < all.Length; i++)
                {
                    if (i > 0)
                    {
                        Between.CopyTo(text);
                        text = text[Between.Length..];
                    }
                    all[i].Text!.CopyTo(text);
                    text = text[all[i].Text!.Length..];
                }
            }
        );
    }

    private static bool IsToken(string variant) => char.IsAsciiLetter(variant[0]) && !variant.AsSpan().ContainsAnyExcept(Token);
}
