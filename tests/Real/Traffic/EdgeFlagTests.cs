using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Teal.Flags;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

public sealed class EdgeFlagTests
{
    private static readonly IdentitySource[] ByUser = [new IdentitySource.Header("x-user"), new IdentitySource.Cookie("teal-cohort")];

    private static readonly FlagWish Wish = new(
        ["checkout", "banner", "missing", "odd"],
        null,
        [new FlagAttribute("country", new IdentitySource.Header("x-country")), new FlagAttribute("plan", new IdentitySource.Cookie("plan"))]
    );

    /// <summary>checkout is on in New Zealand; banner goes by plan; odd has a variant that no header may carry.</summary>
    private static readonly FlagDocument Usual = Read(
        """
        {
          "flags": {
            "checkout": {
              "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
              "targeting": { "if": [{ "==": [{ "var": "country" }, "nz"] }, "on", "off"] }
            },
            "banner": {
              "state": "ENABLED", "variants": { "red": 1, "big gold": 2 }, "defaultVariant": "red",
              "targeting": { "if": [{ "==": [{ "var": "plan" }, "gold"] }, "big gold", null] }
            },
            "odd": { "state": "ENABLED", "variants": { "grün": true }, "defaultVariant": "grün" },
            "unasked": { "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on" }
          }
        }
        """
    );

    [Fact]
    public async Task The_header_arrives_with_the_variants_of_the_request()
    {
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync(() => Usual);
        door.Publish(Door.Pool("blue", app) with { Flags = Wish }, cohort: ByUser);

        Assert.Equal("checkout=off, banner=red", await AskAsync(door));
        Assert.Equal("checkout=on, banner=red", await AskAsync(door, ("x-country", "nz")));
        Assert.Equal(
            """checkout=on, banner="big gold" """.TrimEnd(),
            await AskAsync(door, ("x-country", "nz"), ("Cookie", "a=b; plan=gold"))
        );
        Assert.Equal("checkout=off, banner=red", await AskAsync(door, ("x-country", new string('n', 2000))));
    }

    [Theory]
    [InlineData("teal-flags")]
    [InlineData("Teal-Flags")]
    [InlineData("teal_flags")]
    public async Task What_a_client_says_of_its_flags_never_arrives(string name)
    {
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync(() => Usual);
        door.Publish(Door.Pool("blue", app) with { Flags = Wish }, cohort: ByUser);
        Assert.Equal("checkout=off, banner=red", await AskAsync(door, (name, "checkout=on")));
        Assert.Equal("checkout=off, banner=red", await AskAsync(door, (name, "checkout=on"), ("Connection", name)));

        door.Publish(Door.Pool("blue", app), cohort: ByUser);
        Assert.Equal("", await AskAsync(door, (name, "checkout=on")));
    }

    [Fact]
    public async Task Answers_are_counted_by_variant()
    {
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync(() => Usual);
        door.Publish(Door.Pool("blue", app) with { Flags = Wish }, cohort: ByUser);
        for (var i = 0; i < 5; i++)
        {
            await AskAsync(door);
        }
        await AskAsync(door, ("x-country", "nz"), ("x-fail", "yes"));
        await AskAsync(door, ("x-country", "nz"), ("x-fail", "yes"));
        var atLeast = TimeSpan.FromMilliseconds(200);
        var start = TimeProvider.System.GetTimestamp();
        var slow = AskAsync(door, ("x-country", "nz"), ("x-slow", "yes"));
        await Door.UntilAsync(() => app.Requests == 8 && TimeProvider.System.GetElapsedTime(start) > 2 * atLeast, "the slow request waits");
        app.Gate.SetResult();
        await slow;
        await door.SettledAsync();

        var (on, off) = (Seen(door, "checkout", "on"), Seen(door, "checkout", "off"));
        Assert.Equal((3, 2, 3), (on.Requests, on.Errors, on.Latency.Count));
        Assert.Equal((5, 0, 5), (off.Requests, off.Errors, off.Latency.Count));
        Assert.True(on.Latency.CountAbove(atLeast.TotalMilliseconds) >= 1, $"{on.Latency.Quantile(1)} ms");
        Assert.Equal((8, 2), (Seen(door, "banner", "red").Requests, Seen(door, "banner", "red").Errors));
        Assert.Equal(0, Seen(door, "banner", "big gold").Requests);
        Assert.Null(door.Plane.Evidence("production", "unasked", "on"));
        Assert.Null(door.Plane.Evidence("staging", "checkout", "on"));
        Assert.Equal(
            ["banner=red", "checkout=off", "checkout=on"],
            door.Plane.Variants().Select(seen => $"{seen.Flag}={seen.Variant}").Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task An_instance_that_does_not_answer_is_an_error_of_its_variants()
    {
        await using var app = await App.StartAsync(
            "v1",
            static (_, context) =>
            {
                context.Abort();
                return Task.CompletedTask;
            }
        );
        await using var door = await OpenAsync(() => Usual);
        door.Publish(Door.Pool("blue", app) with { Flags = Wish }, cohort: ByUser);
        using var answer = await door.Client.PostAsync("/", new StringContent("order"));
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        await door.SettledAsync();
        Assert.Equal((1, 1), (Seen(door, "checkout", "off").Requests, Seen(door, "checkout", "off").Errors));
    }

    [Fact]
    public async Task A_change_of_the_flags_is_in_force_for_the_next_request()
    {
        FlagDocument? current = Usual;
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync(() => Volatile.Read(ref current));
        door.Publish(Door.Pool("blue", app) with { Flags = Wish }, cohort: ByUser);
        Assert.Equal("checkout=off, banner=red", await AskAsync(door));

        Volatile.Write(
            ref current,
            Read("""{ "flags": { "checkout": { "state": "ENABLED", "variants": { "v2": true }, "defaultVariant": "v2" } } }""")
        );
        Assert.Equal("checkout=v2", await AskAsync(door));
        Volatile.Write(ref current, Read("""{ "flags": {} }"""));
        Assert.Equal("", await AskAsync(door));
        Volatile.Write(ref current, null);
        Assert.Equal("", await AskAsync(door));
        await door.SettledAsync();
        Assert.Equal(1, Seen(door, "checkout", "off").Requests);
        Assert.Equal(1, Seen(door, "checkout", "v2").Requests);
    }

    [Fact]
    public async Task A_flag_with_the_salt_of_the_release_has_the_users_of_the_canary()
    {
        var split = Read(
            """
            {
              "flags": {
                "checkout": {
                  "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
                  "targeting": { "fractional": [{ "cat": ["salt", { "var": "targetingKey" }] }, ["on", 3000], ["off", 7000]] }
                }
              }
            }
            """
        );
        await using var blue = await App.StartAsync("v1", EchoAsync);
        await using var green = await App.StartAsync("v2", EchoAsync);
        await using var door = await OpenAsync(() => split);
        door.Publish(Door.Pool("blue", blue) with { Flags = Wish }, Door.Pool("green", green) with { Flags = Wish }, 3000, cohort: ByUser);
        for (var user = 0; user < 200; user++)
        {
            var before = green.Requests;
            var flags = await AskAsync(door, ("x-user", user.ToString(CultureInfo.InvariantCulture)));
            Assert.Equal(green.Requests > before ? "checkout=on" : "checkout=off", flags);
        }
        Assert.InRange(green.Requests, 1, 199);
        for (var client = 0; client < 20; client++)
        {
            using var first = await door.Client.GetAsync("/");
            var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie")).Split(';')[0];
            Assert.Equal(await first.Content.ReadAsStringAsync(), await AskAsync(door, ("Cookie", cookie)));
        }
    }

    [Fact]
    public async Task Each_version_is_handed_what_it_asks_for_itself()
    {
        await using var blue = await App.StartAsync("v1", EchoAsync);
        await using var green = await App.StartAsync("v2", EchoAsync);
        await using var door = await OpenAsync(() => Usual);
        TargetRule[] targets = [new TargetRule.Header("x-team", "internal")];
        var banner = Wish with { Keys = ["banner"] };
        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green) with { Flags = banner }, 0, targets: targets, cohort: ByUser);
        Assert.Equal("", await AskAsync(door));
        Assert.Equal("banner=red", await AskAsync(door, ("x-team", "internal")));
    }

    [Fact]
    public async Task A_preview_is_handed_its_flags_and_is_nobodys_evidence()
    {
        await using var blue = await App.StartAsync("v1", EchoAsync);
        await using var green = await App.StartAsync("v2", EchoAsync);
        await using var door = await OpenAsync(() => Usual);
        door.Publish(Door.Pool("blue", blue), preview: Door.Pool("green", green) with { Flags = Wish }, cohort: ByUser);
        Assert.Equal("checkout=off, banner=red", await AskAsync(door, ("X-Teal-Preview", Door.Token)));
        Assert.All(door.Plane.Variants(), seen => Assert.Equal(0, seen.Evidence.Requests));
    }

    [Fact]
    public async Task Who_asks_for_no_flags_has_none_evaluated()
    {
        var reads = 0;
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync(() =>
        {
            Interlocked.Increment(ref reads);
            return Usual;
        });
        door.Publish(Door.Pool("blue", app), cohort: ByUser);
        Assert.Equal("", await AskAsync(door));
        Assert.Equal(0, Volatile.Read(ref reads));
    }

    private static Task<Door> OpenAsync(Func<FlagDocument?> current) =>
        Door.OpenAsync(change: options =>
            options with
            {
                Flags = environment => current() is { } document ? new FlagsInForce(environment ?? "production", document) : null,
            }
        );

    private static Teal.Analysis.ArmEvidence Seen(Door door, string flag, string variant) =>
        door.Plane.Evidence("production", flag, variant) ?? throw new InvalidOperationException($"Nothing is known of {flag}={variant}.");

    private static FlagDocument Read(string json) =>
        FlagDocument.TryRead(Encoding.UTF8.GetBytes(json), DocumentLimits.Usual, out var document, out var fault)
            ? document
            : throw new FormatException(fault.ToString());

    /// <summary>Says every header of whatever spelling that could be taken for the flags.</summary>
    private static async Task EchoAsync(App app, HttpContext context)
    {
        if (context.Request.Headers.ContainsKey("x-slow"))
        {
            await app.Gate.Task;
        }
        context.Response.StatusCode = context.Request.Headers.ContainsKey("x-fail") ? 500 : 200;
        var flags = context.Request.Headers.Where(header =>
            header.Key.Replace('_', '-').Equals("teal-flags", StringComparison.OrdinalIgnoreCase)
        );
        await context.Response.WriteAsync(string.Join('|', flags.SelectMany(header => header.Value)));
    }

    private static async Task<string> AskAsync(Door door, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await door.Client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
