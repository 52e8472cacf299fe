using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

public sealed class ManifestFormTests
{
    private const int LongestText = 32 * 1024;

    public static TheoryData<string> Repeated =>
        ["a", "a-", "-", "a.", "*.", "/", "/a", "/a/", "/.", "1", "127.", "header:", "header:a=", "cookie:a=a", "address:1", "_", "env:A"];

    /// <summary>A pattern with two ways to match the same text takes longer than the universe here, and is told by its time limit.</summary>
    [Theory]
    [MemberData(nameof(Repeated))]
    public void No_pattern_has_two_ways_to_match_a_long_text(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, LongestText / part.Length))[..^1];
        foreach (var form in Enum.GetValues<TextForm>())
        {
            var whyNot = ManifestForm.Of(form).WhyNot(text + "\n");
            Assert.True(whyNot is not null || form is TextForm.Argument or TextForm.EnvValue, $"{form} takes {part}… and a line break");
        }
    }
}
