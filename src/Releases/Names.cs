using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Teal.Releases;

/// <summary>
/// The strict tokens that name things. They become folder names, file names, header values and arguments, so that nothing but these
/// few characters is ever let in.
/// </summary>
public static partial class Names
{
    public const string ServicePattern = "[a-z][a-z0-9-]{0,39}";
    public const string VersionPattern = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?";
    public const string EnvironmentPattern = "[a-z][a-z0-9-]{0,39}";
    public const string TokenPattern = "[a-z0-9][a-z0-9._-]{0,63}";

    public const string ServiceWords = "lower-case letters, digits and dashes, starting with a letter, at most 40 characters";
    public const string VersionWords =
        "letters, digits, dots, underscores and dashes, starting and ending with a letter or digit, at most 64 characters";
    public const string EnvironmentWords = ServiceWords;
    public const string TokenWords =
        "lower-case letters, digits, dots, underscores and dashes, starting with a letter or digit, at most 64 characters";

    /// <summary>Device names on Windows: a folder of that name cannot be copied there.</summary>
    private static readonly HashSet<string> Devices = new(StringComparer.Ordinal)
    {
        "con",
        "prn",
        "aux",
        "nul",
        "com1",
        "com2",
        "com3",
        "com4",
        "lpt1",
        "lpt2",
        "lpt3",
        "lpt4",
    };

    public static bool IsService([NotNullWhen(true)] string? text) =>
        text is not null && ServiceForm().IsMatch(text) && !Devices.Contains(text);

    public static bool IsVersion([NotNullWhen(true)] string? text) => text is not null && VersionForm().IsMatch(text);

    public static bool IsEnvironment([NotNullWhen(true)] string? text) => text is not null && EnvironmentForm().IsMatch(text);

    public static bool IsToken([NotNullWhen(true)] string? text) => text is not null && TokenForm().IsMatch(text);

    // \z and not $: a $ also stands before a line break at the end.
    [GeneratedRegex("^(?:" + ServicePattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    internal static partial Regex ServiceForm();

    [GeneratedRegex("^(?:" + VersionPattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionForm();

    [GeneratedRegex("^(?:" + EnvironmentPattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EnvironmentForm();

    [GeneratedRegex("^(?:" + TokenPattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TokenForm();
}
