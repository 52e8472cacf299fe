using System.Diagnostics.CodeAnalysis;

namespace Teal.Cli;

/// <summary>The strict tokens that name things, refused here before anything is sent; the server checks again.</summary>
internal static class Names
{
    public const string ServiceWords = "lower-case letters, digits and dashes, starting with a letter, at most 40";
    public const string VersionWords = "letters, digits, dots, underscores and dashes, starting with a letter or digit, at most 64";

    public static bool IsService([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 40 }
        && char.IsAsciiLetterLower(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static bool IsVersion([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 64 }
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
