using System.Text.RegularExpressions;

namespace Teal.Flags;

/// <summary>
/// The strict tokens that name flags and what belongs to them. They become keys of JSON objects in clients of every language, parts
/// of addresses and arguments, so that nothing but these few characters is ever let in.
/// </summary>
public static partial class FlagNames
{
    /// <summary>Flags, variants and rules: case matters, for keys stand in code.</summary>
    public const string KeyPattern = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?";

    /// <summary>Environments, segments, holdouts, and the services that a cohort is shared with.</summary>
    public const string PlacePattern = "[a-z][a-z0-9-]{0,39}";

    public const string AttributePattern = "[A-Za-z_][A-Za-z0-9_-]{0,63}(?:[.][A-Za-z0-9_-]{1,64}){0,7}";

    public const string KeyWords =
        "letters, digits, dots, underscores and dashes, starting and ending with a letter or digit, at most 64 characters";
    public const string PlaceWords = "lower-case letters, digits and dashes, starting with a letter, at most 40 characters";
    public const string AttributeWords = "letters, digits, underscores and dashes, with dots between the parts of a path";

    /// <summary>Words of the condition language: an attribute of that name could not be told from them.</summary>
    public static readonly IReadOnlySet<string> ConditionWords = new HashSet<string>(StringComparer.Ordinal)
    {
        "segment",
        "all",
        "any",
        "not",
    };

    /// <summary>Members that every object of a JavaScript client has.</summary>
    private static readonly HashSet<string> Inherited = new(StringComparer.Ordinal)
    {
        "constructor",
        "prototype",
        "hasOwnProperty",
        "toString",
        "valueOf",
    };

    public static bool IsKey(string text) => KeyForm().IsMatch(text) && !Inherited.Contains(text);

    public static bool IsPlace(string text) => PlaceForm().IsMatch(text) && !Inherited.Contains(text);

    public static bool IsAttribute(string text) => AttributeForm().IsMatch(text) && !ConditionWords.Contains(text);

    [GeneratedRegex("^(?:" + KeyPattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyForm();

    [GeneratedRegex("^(?:" + PlacePattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlaceForm();

    [GeneratedRegex("^(?:" + AttributePattern + @")\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AttributeForm();
}
