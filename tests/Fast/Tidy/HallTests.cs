using System.Text.RegularExpressions;

namespace Teal.Tests.Fast.Tidy;

/// <summary>What a stranger meets first: the root, the pages, and nothing of anybody's desk.</summary>
public sealed partial class HallTests
{
    private static readonly string[] _atTheRoot =
    [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "LICENSE",
        "Teal.slnx",
        "demo",
        "test",
        "bench",
        "teal",
        "Directory.Build.props",
        "Directory.Packages.props",
        "global.json",
        "BannedSymbols.txt",
        "teal.schema.json",
        ".editorconfig",
        ".gitattributes",
        ".gitignore",
        ".csharpierignore",
    ];

    private static readonly string[] _foldersAtTheRoot = [".ci", ".config", ".github", "benches", "docs", "samples", "src", "tests"];

    [Fact]
    public void Nothing_lies_about_at_the_root()
    {
        var files = House.Files.Where(file => !file.Contains('/', StringComparison.Ordinal));
        var folders = House.Files.Where(file => file.Contains('/', StringComparison.Ordinal)).Select(file => file.Split('/')[0]).Distinct();
        Assert.Empty(files.Except(_atTheRoot));
        Assert.Empty(folders.Except(_foldersAtTheRoot));
    }

    [Fact]
    public void No_file_knows_the_machine_it_was_written_on()
    {
        var strays = House.Files.SelectMany(file => Workplace().Matches(House.Read(file)).Select(match => $"{file}: {match.Value}"));
        Assert.Empty(strays);
    }

    [Fact]
    public void Every_link_in_the_pages_leads_somewhere()
    {
        var pages = House.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(pages);
        Assert.Empty(pages.SelectMany(page => Links(page).Where(link => !Leads(page, link)).Select(link => $"{page}: {link}")));
    }

    [Fact]
    public void Every_code_that_is_printed_has_its_place_in_the_errors_page()
    {
        var printed = House.CSharp("src").SelectMany(file => Code().Matches(House.Read(file)).Select(match => match.Groups[1].Value));
        var told = House.Files.Contains("docs/errors.md") ? Heading().Matches(House.Read("docs/errors.md")) : null;
        Assert.Empty(printed.Distinct().Except(told?.Select(match => match.Groups[1].Value) ?? []));
    }

    private static IEnumerable<string> Links(string page) =>
        Link()
            .Matches(House.Read(page))
            .Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains(':', StringComparison.Ordinal));

    private static bool Leads(string page, string link)
    {
        var (path, anchor) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, null);
        var folder = Path.GetDirectoryName(Path.Combine(House.Root, page))!;
        var target = path.Length == 0 ? Path.Combine(House.Root, page) : Path.GetFullPath(Path.Combine(folder, path));
        return File.Exists(target)
            ? anchor is null || Anchors(File.ReadAllText(target)).Contains(anchor)
            : anchor is null && Directory.Exists(target);
    }

    /// <summary>As GitHub makes them: lower case, dashes for spaces, no other signs.</summary>
    private static IEnumerable<string> Anchors(string markdown) =>
        AnyHeading()
            .Matches(markdown)
            .Select(match => NoSign().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    // Written so that the rule does not find itself.
    [GeneratedRegex(@"(?<![\w.])/(?:wo[r]k|ro[o]t|User[s])/[\w.]|\.\./share[d]\b|/tm[p]/teal/")]
    private static partial Regex Workplace();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("\"(TEAL[0-9]{4})\"")]
    private static partial Regex Code();

    [GeneratedRegex(@"^#+ .*?\b(TEAL[0-9]{4})\b", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex AnyHeading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoSign();
}
