using System.Net;
using Teal.Server.Notifying;
using Teal.Server.Processes;

namespace Teal.Tests.Fast.Notifying;

public sealed class WebhookAddressTests
{
    [Theory]
    [InlineData("93.184.216.34", 443, null)]
    [InlineData("10.1.2.3", 80, null)]
    [InlineData("127.0.0.1", 8081, null)]
    [InlineData("127.0.0.1", 9900, "Teal itself")]
    [InlineData("127.8.8.8", 9900, "Teal itself")]
    [InlineData("::1", 9900, "Teal itself")]
    [InlineData("::ffff:127.0.0.1", 9900, "Teal itself")]
    [InlineData("169.254.169.254", 80, "link-local")]
    [InlineData("::ffff:169.254.169.254", 80, "link-local")]
    [InlineData("fe80::1", 80, "link-local")]
    [InlineData("0.0.0.0", 80, "no single machine")]
    [InlineData("::", 80, "no single machine")]
    [InlineData("::ffff:0.0.0.0", 80, "no single machine")]
    [InlineData("255.255.255.255", 80, "no single machine")]
    [InlineData("224.0.0.1", 80, "no single machine")]
    [InlineData("ff02::1", 80, "no single machine")]
    public void Nothing_is_sent_where_it_could_do_harm(string address, int port, string? why)
    {
        var refusal = WebhookAddress.WhyNot(IPAddress.Parse(address), port, isOwnPort: own => own == 9900);
        Assert.Equal(why is null, refusal is null);
        Assert.Contains(why ?? "", refusal ?? "");
    }

    [Theory]
    [InlineData("https://hooks.example/path", true)]
    [InlineData(" http://127.0.0.1:8081/x \n", true)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("gopher://x", false)]
    [InlineData("unix:/run/docker.sock", false)]
    [InlineData("https://user:pass@hooks.example/", false)]
    [InlineData("hooks.example", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_a_web_address_is_one_and_the_reason_does_not_repeat_it(string? value, bool isGood)
    {
        var sources = new SecretSources(name => name == "HOOK" ? value : null, _ => null);
        var address = WebhookAddress.Read("env:HOOK", "/folder", sources, out var why);
        Assert.Equal(isGood, address is not null);
        Assert.StartsWith("env:HOOK ", why);
        Assert.True(string.IsNullOrEmpty(value) || !why.Contains(value.Trim(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_is_looked_for_in_the_version()
    {
        var sources = new SecretSources(_ => null, path => path == "/folder/hook" ? "https://hooks.example" : null);
        Assert.NotNull(WebhookAddress.Read("file:hook", "/folder", sources, out _));
    }
}
