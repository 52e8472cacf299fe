using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

public sealed class NamesTests
{
    public static TheoryData<string> Hostile =>
        [
            "",
            ".",
            "..",
            "../x",
            "a;rm -rf /",
            "$(id)",
            "a\nb",
            "a\n",
            "-oProxyCommand=x",
            "__proto__",
            new string('a', 300),
            "😀",
            "a\u202eb",
            "ѕhop",
            "shop\0",
            "a b",
            "a/b",
            "a\\b",
            "%2e",
            "\u001b[31m",
            "Ⅷ",
            "٣",
        ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_names_are_refused(string? name)
    {
        Assert.False(Names.IsService(name));
        Assert.False(Names.IsVersion(name));
        Assert.False(Names.IsEnvironment(name));
        Assert.False(Names.IsToken(name));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("1.2.3-rc.1")]
    [InlineData("4f1c2ab")]
    [InlineData("2026_11_23")]
    public void Usual_versions_are_taken(string version) => Assert.True(Names.IsVersion(version));

    [Theory]
    [InlineData("v1.")]
    [InlineData("v1-")]
    [InlineData("v_")]
    public void A_version_does_not_end_in_punctuation(string version) => Assert.False(Names.IsVersion(version));

    [Fact]
    public void Services_are_lower_case_and_at_most_40_long()
    {
        Assert.True(Names.IsService("shop-2"));
        Assert.True(Names.IsService(new string('a', 40)));
        Assert.False(Names.IsService(new string('a', 41)));
        Assert.False(Names.IsService("Shop"));
        Assert.False(Names.IsService("2shop"));
        Assert.False(Names.IsService("con"));
        Assert.False(Names.IsService("shop."));
    }
}
