using System.Text.RegularExpressions;

namespace Teal.Tests.Fast.Tidy;

/// <summary>Names carry meaning, and a file is one thing that can be read at a sitting.</summary>
public sealed partial class NameTests
{
    private const int LongestFile = 400;

    /// <summary>Files that may be longer, each with its reason. Empty is the aim.</summary>
    private static readonly Dictionary<string, string> _longer = new(StringComparer.Ordinal);

    private static readonly string[] _floors = ["src", "tests", "samples", "benches"];

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var types = AllCode().SelectMany(file => Declaration().Matches(House.Code(file)).Select(match => (file, match.Groups[1].Value)));
        Assert.Empty(types.Where(type => Empty().IsMatch(type.Value)).Select(type => $"{type.file}: {type.Value}"));
    }

    [Fact]
    public void No_file_or_folder_has_a_name_that_says_nothing()
    {
        var names = House.Files.SelectMany(file => file.Split('/')).Select(Path.GetFileNameWithoutExtension).Distinct();
        Assert.DoesNotContain(names, name => Empty().IsMatch(name!));
    }

    [Fact]
    public void A_file_is_short_enough_to_be_read_at_a_sitting()
    {
        var lengths = AllCode().Select(file => (File: file, Lines: House.Read(file).Count(character => character == '\n'))).ToList();
        Assert.NotEmpty(lengths);
        Assert.Empty(
            lengths.Where(file => file.Lines > LongestFile && !_longer.ContainsKey(file.File)).Select(file => $"{file.File}: {file.Lines}")
        );
        // An exception that is no longer needed goes.
        Assert.DoesNotContain(_longer.Keys, file => !lengths.Any(length => length.File == file && length.Lines > LongestFile));
    }

    [Theory]
    [InlineData("ReleaseManager", true)]
    [InlineData("PathUtils", true)]
    [InlineData("Helpers", true)]
    [InlineData("ServerInfo", true)]
    [InlineData("Database", false)]
    [InlineData("ReleaseMachine", false)]
    [InlineData("Codebase", false)]
    public void The_rule_knows_an_empty_name(string name, bool isEmpty) => Assert.Equal(isEmpty, Empty().IsMatch(name));

    private static IEnumerable<string> AllCode() => _floors.SelectMany(House.CSharp);

    [GeneratedRegex("(Manager|Helper|Util|Utility|Utilities|Processor|Info|Data|Base|Common|Core)s?$")]
    private static partial Regex Empty();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?)\s+([A-Z]\w*)")]
    private static partial Regex Declaration();
}
