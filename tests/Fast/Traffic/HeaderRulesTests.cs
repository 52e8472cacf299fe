using Microsoft.AspNetCore.Http;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Fast.Traffic;

public sealed class HeaderRulesTests
{
    [Fact]
    public void Connection_names_what_stays_behind_but_not_what_has_to_arrive()
    {
        IHeaderDictionary headers = new HeaderDictionary();
        headers.Connection = "close, X-Mine, Host, X-Forwarded-For";
        Assert.Equal(["close", "X-Mine"], HeaderRules.Nominated(headers)!);
    }

    [Theory]
    [InlineData("X-Request-Id", true)]
    [InlineData("my_own", true)]
    [InlineData("Connection", false)]
    [InlineData("X-Forwarded-For", false)]
    [InlineData("x_forwarded_for", false)]
    [InlineData("Content.Length", false)]
    [InlineData("teal-version", false)]
    [InlineData("X_Teal_Preview", false)]
    [InlineData("teal-flags", false)]
    [InlineData("Teal_Flags", false)]
    [InlineData("teal.flags", false)]
    public void A_name_passes_or_stays_behind(string name, bool passes) =>
        Assert.Equal(passes, HeaderRules.Passes(name, isPeerTrusted: false));
}
