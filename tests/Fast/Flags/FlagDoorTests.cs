using System.Collections.Immutable;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Teal.Server;
using Teal.Server.Access;
using Teal.Server.Flags;

namespace Teal.Tests.Fast.Flags;

/// <summary>Who is told which flags, before any protocol.</summary>
public sealed class FlagDoorTests
{
    private static readonly string Secret = TokenSecret.Of(Enumerable.Range(1, 32).Select(number => (byte)number).ToArray());
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    [Theory]
    [InlineData(null, null)]
    [InlineData(" ", null)]
    [InlineData("environment=staging", "staging")]
    [InlineData("flagSetId=staging", "staging")]
    [InlineData(" environment = staging ", "staging")]
    [InlineData("staging", "staging")]
    public void A_selector_chooses_an_environment(string? text, string? environment)
    {
        Assert.True(FlagSelector.TryParse(text, out var chosen));
        Assert.Equal(environment, chosen);
    }

    [Theory]
    [InlineData("source=flags.json")]
    [InlineData("environment=")]
    [InlineData("environment=a,flagSetId=b")]
    [InlineData("environment=../x")]
    [InlineData("ENVIRONMENT=staging")]
    public void What_is_no_selector_chooses_nothing(string text) => Assert.False(FlagSelector.TryParse(text, out _));

    [Theory]
    [InlineData("http://127.0.0.1:8016", "127.0.0.1:8016")]
    [InlineData("http://*:8016", "0.0.0.0:8016")]
    [InlineData("http://[::1]:0", "[::1]:0")]
    [InlineData("http://localhost:8016", "127.0.0.1:8016")]
    public void Ofrep_is_served_where_asked(string text, string address) =>
        Assert.Equal(IPEndPoint.Parse(address), FlagAddress.Ofrep(text));

    [Theory]
    [InlineData("127.0.0.1:8015")]
    [InlineData("localhost:8015")]
    [InlineData("h2c://127.0.0.1:8015")]
    [InlineData("http://127.0.0.1:8015")]
    public void Flagd_is_served_on_loopback(string text) => Assert.Equal(IPEndPoint.Parse("127.0.0.1:8015"), FlagAddress.Flagd(text));

    [Theory]
    [InlineData("0.0.0.0:8015", "TEAL9417")]
    [InlineData("192.0.2.1:8015", "TEAL9417")]
    [InlineData("http://*:8015", "TEAL9417")]
    [InlineData("flags.example:8015", "TEAL9416")]
    [InlineData("127.0.0.1", "TEAL9416")]
    [InlineData("https://127.0.0.1:8015", "TEAL9416")]
    public void Flagd_is_not_served_beyond_it(string text, string code) =>
        Assert.Contains(code, Assert.Throws<ArgumentException>(() => FlagAddress.Flagd(text)).Message);

    [Theory]
    [InlineData("https://shop.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://shop.example/", false)]
    [InlineData("https://shop.example/page", false)]
    [InlineData("shop.example", false)]
    [InlineData("*", false)]
    [InlineData("null", false)]
    public void An_origin_is_a_scheme_and_a_host(string text, bool isOne)
    {
        if (isOne)
        {
            Assert.Equal(text, FlagAddress.Origin(text));
        }
        else
        {
            Assert.Contains("TEAL9418", Assert.Throws<ArgumentException>(() => FlagAddress.Origin(text)).Message);
        }
    }

    [Fact]
    public void A_key_opens_its_environment_and_its_channel_until_it_is_revoked()
    {
        var tokens = Tokens(("web", "staging"));
        var keys = new SdkKeys(() => tokens, Time);
        var caller = Assert.IsType<AccessAnswer.Allowed>(keys.Judge(Secret)).Caller;
        Assert.Equal(new Caller("web", Role.Sdk, null, "staging"), caller);
        var channel = keys.ChannelOf(caller)!;
        Assert.DoesNotContain(tokens["web"].Hash, channel, StringComparison.Ordinal);
        Assert.Equal(caller, Assert.IsType<AccessAnswer.Allowed>(keys.JudgeChannel(channel)).Caller);
        tokens = tokens.Clear();
        Assert.Equal(401, Assert.IsAssignableFrom<AccessAnswer.Refused>(keys.Judge(Secret)).Status);
        Assert.Equal(401, Assert.IsAssignableFrom<AccessAnswer.Refused>(keys.JudgeChannel(channel)).Status);
    }

    [Fact]
    public void A_channel_is_good_for_its_own_token_and_environment_only()
    {
        var tokens = Tokens(("web", "staging"));
        var keys = new SdkKeys(() => tokens, Time);
        var channel = keys.ChannelOf(new Caller("web", Role.Sdk, null, "staging"))!;
        foreach (
            var wrong in new[]
            {
                "",
                "~",
                "web",
                "web~",
                $"{channel}0",
                channel[..^1],
                channel.Replace("web", "app", StringComparison.Ordinal),
            }
        )
        {
            Assert.IsAssignableFrom<AccessAnswer.Refused>(keys.JudgeChannel(wrong));
        }
        tokens = Tokens(("web", "production"));
        Assert.IsAssignableFrom<AccessAnswer.Refused>(keys.JudgeChannel(channel));
    }

    [Fact]
    public void What_changed_is_told_by_flag_and_rather_too_much_than_too_little()
    {
        var before = Snapshot("""{"flags":{"a":{"v":1},"b":{"v":1},"gone":{},"far":{"metadata":{"remote":true}}}}""");
        var now = Snapshot("""{"flags":{"a":{"v":1},"b":{"v":2},"new":{},"far":{"metadata":{"remote":true}}}}""");
        var changes = new FlagChanges();
        Assert.Equal(["b update", "new write", "far update", "gone delete"], Words(changes.Between(before, now)));
        Assert.Same(changes.Between(before, now), changes.Between(before, now));
        var shared = Snapshot("""{"flags":{"a":{"v":1},"b":{"v":2},"new":{}},"$evaluators":{"gold":{}}}""");
        Assert.Equal(["a update", "b update", "new update", "far delete"], Words(changes.Between(now, shared)));
    }

    private static IEnumerable<string> Words(IEnumerable<FlagTouched> touched) => touched.Select(flag => $"{flag.Key} {flag.Word}");

    private static FlagSnapshot Snapshot(string json) => new("production", 1, null!, Encoding.UTF8.GetBytes(json), "tag");

    private static ImmutableSortedDictionary<string, TokenCreated> Tokens((string Name, string Environment) token) =>
        ImmutableSortedDictionary<string, TokenCreated>.Empty.Add(
            token.Name,
            new TokenCreated(token.Name, TokenSecret.Hash(Secret), "sdk", null, null, token.Environment)
        );
}
