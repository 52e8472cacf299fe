using System.Net;
using Teal.Traffic;

namespace Teal.Tests.Real.Traffic;

public sealed class HoldTests
{
    [Fact]
    public async Task Held_requests_wait_and_none_reaches_the_application_meanwhile()
    {
        await using var blue = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        var inside = door.Client.GetStringAsync("/slow");
        await Door.UntilAsync(() => blue.Requests == 1, "a request is inside");

        door.Publish(Door.Pool("blue", blue), gate: TrafficGate.Held);
        Assert.False(await door.Plane.HoldQuietAsync(Door.Service, TimeSpan.FromMilliseconds(50), CancellationToken.None));
        blue.Gate.SetResult();
        Assert.True(await door.Plane.HoldQuietAsync(Door.Service, Door.Bound, CancellationToken.None));
        Assert.Equal("v1", await inside);
        var waiting = Enumerable.Range(0, 20).Select(_ => door.Client.GetStringAsync("/")).ToList();
        await Door.UntilAsync(() => door.Ledger.Inside == 20, "all wait");
        Assert.Equal(1, blue.Requests);

        door.Publish(Door.Pool("blue", blue));

        Assert.All(await Task.WhenAll(waiting), static answer => Assert.Equal("v1", answer));
        Assert.Equal(21, (await door.SettledAsync()).Served["v1"]);
    }

    [Fact]
    public async Task The_oldest_is_shed_when_too_many_wait()
    {
        await using var blue = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        var limits = new TrafficLimits(1000, Door.Bound, HeldRequests: 2, HeldTime: Door.Bound);
        door.Publish(Door.Pool("blue", blue), gate: TrafficGate.Held, limits: limits);
        var waiting = new List<Task<HttpResponseMessage>>();
        for (var i = 1; i <= 2; i++)
        {
            waiting.Add(door.Client.GetAsync("/"));
            // Not "is accepted": the next one could overtake it on its way into the queue.
            await Door.UntilAsync(() => Waiting(door) == i, "one more waits");
        }
        var third = door.Client.GetAsync("/");

        using var shed = await waiting[0];
        Assert.Equal(HttpStatusCode.ServiceUnavailable, shed.StatusCode);
        Assert.NotNull(shed.Headers.RetryAfter);
        Assert.Contains("TEAL4012", await shed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        door.Publish(Door.Pool("blue", blue));
        Assert.Equal(HttpStatusCode.OK, (await waiting[1]).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await third).StatusCode);
        Assert.Equal(1, (await door.SettledAsync()).Shed["hold_overflow"]);
    }

    [Fact]
    public async Task Who_waits_too_long_is_shed_and_who_leaves_is_gone()
    {
        await using var door = await Door.OpenAsync();
        var patient = new TrafficLimits(1000, Door.Bound, HeldRequests: 10, HeldTime: Door.Bound);
        door.Publish(null, gate: TrafficGate.Held, limits: patient);
        using (var leaving = await RawClient.ConnectAsync(door.Address))
        {
            await leaving.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await Door.UntilAsync(() => Waiting(door) == 1, "it waits");
        }
        await Door.UntilAsync(() => door.Ledger.ClientGone == 1, "it is gone");

        door.Publish(null, gate: TrafficGate.Held, limits: patient with { HeldTime = TimeSpan.FromMilliseconds(300) });
        using var shed = await door.Client.GetAsync("/");
        Assert.Contains("TEAL4013", await shed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Shed["hold_too_old"]);
    }

    [Fact]
    public async Task Probes_are_answered_while_held_and_maintenance_says_when_to_come_back()
    {
        await using var door = await Door.OpenAsync();
        door.Publish(null, gate: TrafficGate.Held, healthPath: "/healthz");
        Assert.Contains("TEAL4019", await door.Client.GetStringAsync("/healthz"), StringComparison.Ordinal);

        door.Publish(null, gate: TrafficGate.Maintenance);
        using var answer = await door.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(1, (await door.SettledAsync()).Shed["maintenance"]);
    }

    private static int Waiting(Door door) => door.Plane.Current.Of(Door.Service)!.Hold!.Count;
}
