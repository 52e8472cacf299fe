using System.Text.RegularExpressions;
using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

public sealed class ErrorCatalogueTests
{
    [Fact]
    public void The_page_of_errors_is_the_committed_one() => Golden.Matches("docs/errors.md", ErrorCatalogue.Markdown());

    [Fact]
    public void Every_code_in_the_source_is_catalogued_and_every_catalogued_code_is_used()
    {
        var used = Directory
            .EnumerateFiles(Path.Combine(Golden.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "ErrorCatalogue.cs")
            .SelectMany(File.ReadLines)
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line, @"TEAL\d{4}", RegexOptions.NonBacktracking).Select(match => match.Value))
            .Distinct();
        Assert.Equal(ErrorCatalogue.All.Select(entry => entry.Code), used.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Codes_are_unique_in_order_and_say_what_to_do()
    {
        var codes = ErrorCatalogue.All.Select(entry => entry.Code).ToList();
        Assert.Equal(codes.Distinct().Order(StringComparer.Ordinal), codes);
        Assert.All(
            ErrorCatalogue.All,
            entry => Assert.True(entry is { Title.Length: > 0, Meaning.Length: > 20, Next.Length: > 10 }, entry.Code)
        );
    }
}
