using Teal.Flags;
using Teal.Traffic;

namespace Teal.Tests.Fast.Traffic;

public sealed class RouteTests
{
    private static readonly RouteIndex<string> Index = new([
        (new RouteRule("shop.example.com", "/"), "shop"),
        (new RouteRule("shop.example.com", "/admin"), "admin"),
        (new RouteRule("shop.example.com", "/admin/deep/"), "deep"),
        (new RouteRule("*.example.com", "/"), "wild"),
        (new RouteRule("*.eu.example.com", "/"), "wild-eu"),
        (new RouteRule("api.example.com", "/v1"), "api"),
        (new RouteRule("*", "/any"), "any"),
    ]);

    [Theory]
    [InlineData("shop.example.com", "/", "shop")]
    [InlineData("SHOP.Example.Com:8080", "/x", "shop")]
    [InlineData("shop.example.com.", "/x", "shop")]
    [InlineData("shop.example.com", "/admin", "admin")]
    [InlineData("shop.example.com", "/admin/x", "admin")]
    [InlineData("shop.example.com", "/administrator", "shop")]
    [InlineData("shop.example.com", "/Admin", "shop")]
    [InlineData("shop.example.com", "/admin/deep", "deep")]
    [InlineData("shop.example.com", "/admin/deep/er", "deep")]
    [InlineData("a.example.com", "/", "wild")]
    [InlineData("a.b.example.com", "/", "wild")]
    [InlineData("a.eu.example.com", "/", "wild-eu")]
    [InlineData("example.com", "/", null)]
    [InlineData("badexample.com", "/", null)]
    [InlineData("api.example.com", "/v1/x", "api")]
    [InlineData("api.example.com", "/v2", "wild")]
    [InlineData("[::1]:80", "/any/thing", "any")]
    [InlineData("[::1]", "/other", null)]
    [InlineData("", "/any", "any")]
    public void The_most_specific_host_with_the_longest_prefix_in_whole_segments_wins(string host, string path, string? expected) =>
        Assert.Equal(expected, Index.Find(host, path));

    [Fact]
    public void A_route_of_another_service_is_taken_and_one_of_its_own_is_not()
    {
        var table = new RouteTable(0, []).With(Planned("shop", "shop.example.com", "/a/"));

        var taken = TrafficCheck.Refusal(Wish("other", "SHOP.example.com", "/a"), table, static _ => false);
        Assert.Equal(new PublishResult.HostTaken("SHOP.example.com", "/a", "shop"), taken);
        Assert.Null(TrafficCheck.Refusal(Wish("shop", "shop.example.com", "/a"), table, static _ => false));
        Assert.Null(TrafficCheck.Refusal(Wish("other", "shop.example.com", "/b"), table, static _ => false));
    }

    [Theory]
    [InlineData("http://10.0.0.1:80", "TEAL4040")]
    [InlineData("https://127.0.0.1:80", "TEAL4040")]
    [InlineData("http://localhost:80", "TEAL4040")]
    [InlineData("http://127.0.0.1:80/path", "TEAL4040")]
    [InlineData("http://me@127.0.0.1:80", "TEAL4040")]
    [InlineData("http://127.0.0.1:9900", "TEAL4041")]
    [InlineData("http://127.0.0.1:5000", null)]
    [InlineData("http://[::1]:5000", null)]
    public void An_instance_is_on_loopback_and_never_Teal_itself(string address, string? code)
    {
        var refused = TrafficCheck.Refusal(Wish("shop", "*", "/", address), new RouteTable(0, []), static port => port == 9900);
        Assert.Equal(code, (refused as PublishResult.Refused)?.Code);
    }

    [Theory]
    [InlineData("a b", "/")]
    [InlineData("*.*", "/")]
    [InlineData("x*", "/")]
    [InlineData("*", "no-slash")]
    [InlineData("*", "/a?b")]
    [InlineData("*", "/a/../b")]
    public void A_route_that_no_request_could_match_is_refused(string host, string path)
    {
        var refused = TrafficCheck.Refusal(Wish("shop", host, path), new RouteTable(0, []), static _ => false);
        Assert.Equal("TEAL4042", Assert.IsType<PublishResult.Refused>(refused).Code);
    }

    internal static ServiceTraffic Wish(string service, string host = "*", string path = "/", string address = "http://127.0.0.1:5000") =>
        new(
            service,
            [new RouteRule(host, path)],
            TrafficGate.Open,
            new VersionPool("blue", "v1", false, [new InstanceAddress("a", new Uri(address), true)]),
            null,
            Share.None,
            null,
            [],
            [],
            "salt",
            new TrafficLimits(1000, TimeSpan.FromSeconds(10), 10, TimeSpan.FromSeconds(10))
        );

    private static ServiceRoute Planned(string service, string host, string path) =>
        TablePlanner.Plan(Wish(service, host, path), null, new ServiceLane());
}
