using System.Buffers;

namespace Teal.Server.Versions;

/// <summary>Names that become folders: strict tokens, so that no name is a path, an option or another name in disguise.</summary>
public static class VersionName
{
    public const int Longest = 64;
    public const int LongestService = 40;
    public const string Pattern = "letters, digits, '.', '_', '-', beginning and ending with a letter or digit, at most 64";
    public const string ServicePattern = "lower-case letters, digits and dashes, beginning with a letter, at most 40";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    );
    private static readonly SearchValues<char> AllowedInService = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static bool IsVersion(string name) =>
        name.Length is > 0 and <= Longest
        && !name.AsSpan().ContainsAnyExcept(Allowed)
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1]);

    public static bool IsService(string name) =>
        name.Length is > 0 and <= LongestService && !name.AsSpan().ContainsAnyExcept(AllowedInService) && char.IsAsciiLetterLower(name[0]);
}
