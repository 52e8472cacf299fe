using System.Globalization;
using System.Text;
using Teal.Flags;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

/// <summary>Who sees a new version by a segment, or by a flag's cohort, through the real proxy.</summary>
public sealed class EdgeSegmentTests
{
    private static readonly IdentitySource[] ByUser = [new IdentitySource.Header("x-user"), new IdentitySource.Cookie("teal-cohort")];

    private static readonly TargetRule[] Internal =
    [
        new TargetRule.Segment("internal", "production", [new FlagAttribute("country", new IdentitySource.Header("x-country"))]),
    ];

    [Fact]
    public async Task A_segment_sees_the_canary_at_any_share_and_a_change_of_it_counts_for_the_next_request()
    {
        var inForce = Made("ada");
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await OpenAsync(() => Volatile.Read(ref inForce));
        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green), 0, targets: Internal, cohort: ByUser);
        Assert.True(await IsCanaryAsync(door, green, ("x-user", "ada")));
        Assert.True(await IsCanaryAsync(door, green, ("x-user", "zoe"), ("x-country", "nz")));
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "eve")));
        Assert.False(await IsCanaryAsync(door, green));

        Volatile.Write(ref inForce, Made("eve"));
        Assert.True(await IsCanaryAsync(door, green, ("x-user", "eve")));
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "ada")));
        Volatile.Write(ref inForce, null);
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "eve")));
    }

    [Fact]
    public async Task What_a_client_sends_makes_a_context_of_bounded_size_and_nothing_else()
    {
        var inForce = Made("ada");
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await OpenAsync(() => inForce);
        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green), 0, targets: Internal, cohort: ByUser);
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "eve"), ("x-country", "nz" + new string('z', 20_000))));
        Assert.False(await IsCanaryAsync(door, green, ("x-user", new string('a', 20_000))));
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "eve"), ("x-country", "[\"nz\"]")));
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "eve"), ("targetingKey", "ada"), ("country", "nz"), ("teal-flags", "in")));
        Assert.False(await IsCanaryAsync(door, green, ("x-user", "eve"), ("x-user", "ada")));
    }

    [Fact]
    public async Task A_release_that_avoids_a_flag_has_none_of_its_users_and_one_that_shares_them_has_all()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await OpenAsync(() => null);
        foreach (var isFromTop in new[] { false, true })
        {
            var traffic = new ServiceTraffic(
                Door.Service,
                [new RouteRule("*", "/")],
                TrafficGate.Open,
                Door.Pool("blue", blue),
                Door.Pool("green", green),
                new Share(4000),
                null,
                [],
                ByUser,
                "checkout",
                new TrafficLimits(1 << 20, Door.Bound, 100, Door.Bound)
            )
            {
                IsFromTop = isFromTop,
            };
            Assert.IsType<PublishResult.Published>(door.Plane.Publish(traffic));
            for (var user = 0; user < 300; user++)
            {
                var name = user.ToString(CultureInfo.InvariantCulture);
                var isFlagged = Cohort.Includes(new Share(4000), "checkout", name);
                var isCanary = await IsCanaryAsync(door, green, ("x-user", name));
                Assert.True(isFromTop ? !(isFlagged && isCanary) : isFlagged == isCanary, name);
            }
        }
        Assert.InRange(green.Requests, 150, 330);
    }

    private static Task<Door> OpenAsync(Func<FlagDocument?> segments) =>
        Door.OpenAsync(change: options =>
            options with
            {
                Flags = environment =>
                    segments() is { } document ? new FlagsInForce(environment ?? "production", document) { Segments = document } : null,
            }
        );

    /// <summary>Internal is the user, and everybody in New Zealand.</summary>
    private static FlagDocument? Made(string user)
    {
        var segment = new Segment { Users = [user], If = new Condition.Attribute("country", Test.Equals, [VariantValue.Of("nz")]) };
        var set = FlagSet.Empty with { Segments = new Dictionary<string, Segment> { ["internal"] = segment } };
        var json = FlagCompiler.Segments(set, ["internal"]);
        return FlagDocument.TryRead(json, DocumentLimits.Usual, out var document, out _)
            ? document
            : throw new FormatException(Encoding.UTF8.GetString(json));
    }

    private static async Task<bool> IsCanaryAsync(Door door, App green, params (string Name, string Value)[] headers)
    {
        var before = green.Requests;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await door.Client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, answer.ToString());
        return green.Requests > before;
    }
}
