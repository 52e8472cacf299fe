using Teal.Releases;
using Teal.Tests.Fast.Tidy;

namespace Teal.Tests.Fast.Manifests;

public sealed class FlagsSectionTests
{
    [Fact]
    public void Flags_are_named_with_their_environment_and_their_context()
    {
        var flags = Sample.Good(Sample.Whole).Flags;
        Assert.NotNull(flags);
        Assert.Equal(["checkout", "newBanner"], flags.Evaluate);
        Assert.Equal("production", flags.Environment);
        Assert.Equal("header:x-country", flags.Context["country"]);
        Assert.Equal("address", flags.Context["ip"]);
    }

    [Fact]
    public void Who_asks_for_no_flags_has_none() => Assert.Null(Sample.Good(Sample.Least).Flags);

    [Fact]
    public void The_default_environment_and_no_context_need_no_words()
    {
        var flags = Sample.Good(Sample.Least + "flags: { evaluate: [checkout] }").Flags;
        Assert.NotNull(flags);
        Assert.Null(flags.Environment);
        Assert.Empty(flags.Context);
    }

    [Theory]
    [InlineData("{ environment: production }", "TEAL2011", "lacks the key 'evaluate'")]
    [InlineData("{ evaluate: [] }", "TEAL2010", "has 0 entries; it takes 1 to 16")]
    [InlineData("{ evaluate: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] }", "TEAL2010", "has 17 entries; it takes 1 to 16")]
    [InlineData("{ evaluate: ['my checkout'] }", "TEAL2009", "'flags.evaluate[0]' cannot be 'my checkout'")]
    [InlineData("{ evaluate: ['a=b, c'] }", "TEAL2009", "'flags.evaluate[0]'")]
    [InlineData("{ evaluate: [toString] }", "TEAL2009", "no flag may have this name")]
    [InlineData("{ evaluate: [a, b, a] }", "TEAL2011", "the flag a stands here a second time")]
    [InlineData("{ evaluate: [a], environment: Production }", "TEAL2009", "'flags.environment' cannot be 'Production'")]
    [InlineData("{ evaluate: [a], context: { targetingKey: 'header:x-user' } }", "TEAL2009", "from release.cohort.by")]
    [InlineData("{ evaluate: [a], context: { segment: 'header:x-user' } }", "TEAL2009", "it is a word of the rules")]
    [InlineData(
        "{ evaluate: [a], context: { user.plan: 'header:x-plan' } }",
        "TEAL2009",
        "the name 'user.plan' of 'flags.context' is refused"
    )]
    [InlineData("{ evaluate: [a], context: { plan: 'query:plan' } }", "TEAL2009", "wanted is header:NAME, cookie:NAME or address")]
    [InlineData("{ evaluate: [a], context: { plan: 'header:a b' } }", "TEAL2009", "wanted is header:NAME")]
    [InlineData("{ evaluate: [a], sign: yes }", "TEAL2008", "wants true or false, and 'yes' stands here")]
    [InlineData("{ sign: true }", "TEAL2011", "there is nothing to sign")]
    [InlineData("{ evaluate: [a], context: [plan] }", "TEAL2008", "wants a group of NAME: VALUE")]
    public void What_cannot_be_asked_for_is_refused(string flags, string code, string message)
    {
        var error = Assert.Single(Sample.Read(Sample.Least + $"flags: {flags}").Errors);
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.ToString());
    }

    [Fact]
    public void There_are_at_most_16_attributes()
    {
        var many = string.Join(", ", Enumerable.Range(0, 17).Select(i => $"a{i}: address"));
        Assert.Contains("it takes up to 16", Sample.Errors(Sample.Least + $"flags: {{ evaluate: [a], context: {{ {many} }} }}"));
    }

    [Fact]
    public void The_example_of_the_page_is_taken()
    {
        var page = House.Read("docs/guide/edge-flags.md");
        var from = page.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        var example = page[from..page.IndexOf("```", from, StringComparison.Ordinal)];
        Assert.Equal(["checkout", "banner"], Sample.Good(Sample.Least + example).Flags!.Evaluate);
    }
}
