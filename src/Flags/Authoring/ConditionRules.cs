using System.Text.RegularExpressions;

namespace Teal.Flags;

/// <summary>What makes a condition one that every flagd engine takes.</summary>
internal static partial class ConditionRules
{
    public static void Check(FlagSet set, Condition condition, string path, FlagProblems problems, int depth = 1)
    {
        if (depth > FlagLimits.ConditionDepth)
        {
            problems.Add("TEAL9210", path, $"conditions stand more than {FlagLimits.ConditionDepth} deep in each other");
            return;
        }
        switch (condition)
        {
            case Condition.InSegment named when !set.Segments.ContainsKey(named.Segment):
                problems.Unknown("TEAL9203", path, "segment", named.Segment, set.Segments.Keys);
                break;
            case Condition.Attribute attribute:
                CheckAttribute(attribute, $"{path}.{attribute.Name}", problems);
                break;
            case Condition.All all:
                CheckParts(set, all.Conditions, $"{path}.all", problems, depth);
                break;
            case Condition.Any any:
                CheckParts(set, any.Conditions, $"{path}.any", problems, depth);
                break;
            case Condition.Not not:
                Check(set, not.Condition, $"{path}.not", problems, depth + 1);
                break;
            default:
                break;
        }
    }

    /// <summary>Operator and version of a <see cref="Test.SemVer"/>; null when it is none.</summary>
    public static (string Operator, string Version)? SemVerOf(VariantValue value) =>
        value.Type == FlagType.String && SemVer().Match(value.Text()) is { Success: true } match
            ? (match.Groups["operator"].Value, match.Groups["version"].Value)
            : null;

    private static void CheckParts(FlagSet set, IReadOnlyList<Condition> parts, string path, FlagProblems problems, int depth)
    {
        problems.Count(path, parts.Count, 1, FlagLimits.ConditionParts);
        for (var i = 0; i < parts.Count && !problems.IsFull; i++)
        {
            Check(set, parts[i], $"{path}[{i}]", problems, depth + 1);
        }
    }

    private static void CheckAttribute(Condition.Attribute attribute, string path, FlagProblems problems)
    {
        problems.Attribute(path, attribute.Name);
        var values = attribute.Values;
        var (least, most) = CountOf(attribute.Test);
        if (values.Count < least || values.Count > most)
        {
            problems.Add("TEAL9212", path, $"{attribute.Test.Word()} takes {(most == least ? $"{least}" : $"{least} to {most}")} values");
            return;
        }
        if (values.FirstOrDefault(value => WhyNot(attribute.Test, value) is not null) is { } bad)
        {
            problems.Add("TEAL9212", path, $"{attribute.Test.Word()} cannot take {Wording.Quote(bad.Json)}: {WhyNot(attribute.Test, bad)}");
        }
    }

    private static (int Least, int Most) CountOf(Test test) =>
        test switch
        {
            Test.Exists => (0, 0),
            Test.In or Test.NotIn => (0, FlagLimits.Values),
            Test.StartsWith or Test.EndsWith or Test.Contains => (1, FlagLimits.Values),
            _ => (1, 1),
        };

    private static string? WhyNot(Test test, VariantValue value) =>
        value.Json.Length > FlagLimits.OperandCharacters ? $"it is longer than {FlagLimits.OperandCharacters} characters"
        : value.Type == FlagType.Object ? "an attribute is compared with a text, a number or a truth value"
        : test switch
        {
            Test.StartsWith or Test.EndsWith or Test.Contains => value.Type != FlagType.String || value.Text().Length == 0
                ? "wanted is a text that is not empty"
                : null,
            Test.Less or Test.AtMost or Test.Greater or Test.AtLeast => value.Type != FlagType.Number ? "wanted is a number" : null,
            Test.SemVer => SemVerOf(value) is null ? "wanted is an operator and a full version, like '>=2.1.0'" : null,
            _ => null,
        };

    // The versions that flagd's schema takes: semver.org's own, without a leading v.
    [GeneratedRegex(
        @"^(?<operator>=|!=|<|<=|>|>=|\^|~) ?(?<version>(?:0|[1-9][0-9]{0,8})\.(?:0|[1-9][0-9]{0,8})\.(?:0|[1-9][0-9]{0,8})(?:-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex SemVer();
}
