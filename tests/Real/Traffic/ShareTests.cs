using System.Net;
using Teal.Flags;
using Teal.Traffic;

namespace Teal.Tests.Real.Traffic;

public sealed class ShareTests
{
    private static readonly IdentitySource[] ByUser = [new IdentitySource.Header("x-user"), new IdentitySource.Cookie("teal-cohort")];

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(2500)]
    public async Task The_share_is_kept_and_each_user_stays_over_a_restart(int parts)
    {
        const int users = 2000;
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        var first = await AnswersAsync(blue, green, parts, users);
        var second = await AnswersAsync(blue, green, parts, users);

        Assert.Equal(first, second);
        // Binomial, five standard deviations: wrong once in more than a million.
        var share = parts / 10_000.0;
        var deviation = Math.Sqrt(users * share * (1 - share));
        Assert.InRange(first.Count(static answer => answer == "v2"), (users * share) - (5 * deviation), (users * share) + (5 * deviation));
    }

    [Fact]
    public async Task A_share_of_none_gets_nothing_but_its_targets()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        TargetRule[] targets =
        [
            new TargetRule.Header("x-team", "internal"),
            new TargetRule.Cookie("tester", "yes"),
            new TargetRule.Address(IPNetwork.Parse("10.0.0.0/8")),
        ];
        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green), 0, targets: targets, cohort: ByUser);
        for (var user = 0; user < 300; user++)
        {
            Assert.Equal("v1", await AskAsync(door, ("x-user", $"user-{user}")));
        }
        Assert.Equal(0, green.Requests);
        Assert.Equal("v2", await AskAsync(door, ("x-team", "internal")));
        Assert.Equal("v1", await AskAsync(door, ("x-team", "other")));
        Assert.Equal("v2", await AskAsync(door, ("Cookie", "a=b; tester=yes; c=d")));
        Assert.Equal("v1", await AskAsync(door, ("Cookie", "xtester=yes")));
        Assert.Equal("v1", await AskAsync(door, ("X-Forwarded-For", "10.1.2.3")));

        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green), 0, cohort: ByUser);
        Assert.Equal("v1", await AskAsync(door, ("x-team", "internal")));
        Assert.Equal(0, (await door.DrainAsync("green")).CutCount);
    }

    [Fact]
    public async Task A_client_without_a_cohort_is_given_a_cookie_and_stays_with_it()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue), cohort: ByUser);
        using (var without = await door.Client.GetAsync("/"))
        {
            Assert.False(without.Headers.Contains("Set-Cookie"));
        }
        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green), 5000, cohort: ByUser);
        for (var client = 0; client < 20; client++)
        {
            using var first = await door.Client.GetAsync("/");
            var version = await first.Content.ReadAsStringAsync();
            var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
            Assert.Matches("^teal-cohort=[0-9a-f]{32}; Path=/; Max-Age=[0-9]+; HttpOnly; SameSite=Lax$", cookie);
            for (var again = 0; again < 3; again++)
            {
                Assert.Equal(version, await AskAsync(door, ("Cookie", cookie.Split(';')[0])));
            }
        }
    }

    [Fact]
    public async Task A_token_opens_the_preview_and_its_requests_are_nobodys_evidence()
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2", static (_, context) => EchoHeadersAsync(context));
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue), preview: Door.Pool("green", green));
        await using var preview = new Teal.Traffic.Proxying.PreviewListener(
            door.Plane,
            Door.Service,
            Teal.Traffic.Proxying.EdgeLimits.Default,
            new IPEndPoint(IPAddress.Loopback, 0)
        );
        await preview.StartAsync(CancellationToken.None);

        var seen = await AskAsync(door, ("X-Teal-Preview", Door.Token));
        Assert.StartsWith("v2", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("preview", seen, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("v2", await new HttpClient().GetStringAsync(preview.Address), StringComparison.Ordinal);
        using var wrong = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Teal-Preview", "guess" } } };
        using var refused = await door.Client.SendAsync(wrong);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(0, (await door.SettledAsync()).Accepted);
        Assert.Equal(0, door.Plane.Evidence(Door.Service, "v2").Requests);
        Assert.Equal(0, blue.Requests);
    }

    private static async Task<string[]> AnswersAsync(App blue, App green, int parts, int users)
    {
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue), Door.Pool("green", green), parts, cohort: ByUser);
        var answers = new string[users];
        await Parallel.ForAsync(0, users, async (user, _) => answers[user] = await AskAsync(door, ("x-user", $"user-{user}")));
        return answers;
    }

    private static async Task<string> AskAsync(Door door, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var answer = await door.Client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task EchoHeadersAsync(Microsoft.AspNetCore.Http.HttpContext context)
    {
        await using var writer = new StreamWriter(context.Response.Body);
        await writer.WriteAsync("v2 ");
        foreach (var (name, value) in context.Request.Headers)
        {
            await writer.WriteAsync($"{name}: {value}\n");
        }
    }
}
