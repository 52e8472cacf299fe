using Teal.Traffic;

namespace Teal.Tests.Fast.Traffic;

public sealed class FlagsHeaderTests
{
    [Theory]
    [InlineData("on", "checkout=on")]
    [InlineData("v2.1", "checkout=v2.1")]
    [InlineData("Big-Red_1", "checkout=Big-Red_1")]
    [InlineData("50", "checkout=\"50\"")]
    [InlineData("big red", "checkout=\"big red\"")]
    [InlineData("a, admin=on", "checkout=\"a, admin=on\"")]
    [InlineData("say \"no\" \\", "checkout=\"say \\\"no\\\" \\\\\"")]
    public void A_variant_is_a_token_or_a_text_in_quotes(string variant, string written) =>
        Assert.Equal(written, FlagsHeader.Member("checkout", variant));

    [Theory]
    [InlineData("")]
    [InlineData("on\r\nx-admin: yes")]
    [InlineData("on\t")]
    [InlineData("grün")]
    [InlineData("\u007f")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_variant_that_no_header_may_have_is_left_out(string variant) => Assert.Null(FlagsHeader.Member("checkout", variant));

    [Fact]
    public void Answers_are_counted_by_variant_as_by_version()
    {
        var ledger = new VariantLedger();
        var on = ledger.Of("production", "checkout", "on");
        on.Count(new Outcome(OutcomeKind.Served), 10);
        on.Count(new Outcome(OutcomeKind.Served, IsError: true), 20);
        on.Count(new Outcome(OutcomeKind.Failed, IsError: true), null);
        on.Count(new Outcome(OutcomeKind.ClientGone), 30);
        on.Count(Outcome.Shed("maintenance"), null);
        on.Count(new Outcome(OutcomeKind.Cut), 30);

        Assert.Same(on, ledger.Of("production", "checkout", "on"));
        Assert.NotSame(on, ledger.Of("staging", "checkout", "on"));
        var seen = on.Read();
        Assert.Equal((3, 2, 2), (seen.Requests, seen.Errors, seen.Latency.Count));
    }

    [Fact]
    public void There_is_a_limit_to_what_is_counted()
    {
        var ledger = new VariantLedger();
        for (var i = 0; i < 5000; i++)
        {
            ledger.Of("production", "checkout", $"v{i}").Count(new Outcome(OutcomeKind.Served), 1);
        }
        Assert.Equal(4096, ledger.All.Count());
        Assert.Equal("checkout=v4999", ledger.Of("production", "checkout", "v4999").Text);
        Assert.Equal(1, ledger.Find("production", "checkout", "v0")!.Read().Requests);
    }
}
