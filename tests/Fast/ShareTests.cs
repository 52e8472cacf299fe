using Teal.Flags;

namespace Teal.Tests.Fast;

public sealed class ShareTests
{
    [Theory]
    [InlineData("5%", 500)]
    [InlineData("0.01%", 1)]
    [InlineData("100%", 10_000)]
    [InlineData("0%", 0)]
    public void A_share_is_read_and_written_in_percent(string text, int parts)
    {
        Assert.True(Share.TryParse(text, out var share));
        Assert.Equal(parts, share.Parts);
        Assert.Equal(text, share.ToString());
    }

    [Theory]
    [InlineData("5")]
    [InlineData("%")]
    [InlineData("-1%")]
    [InlineData("100.01%")]
    [InlineData("0.001%")]
    [InlineData("5 %")]
    [InlineData("١%")]
    [InlineData(null)]
    public void What_is_not_a_share_is_refused(string? text) => Assert.False(Share.TryParse(text, out _));
}
