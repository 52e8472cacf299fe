using System.Net;
using Teal.Traffic;

namespace Teal.Tests.Real.Traffic;

public sealed class SwapTests
{
    [Fact]
    public async Task A_request_reaches_the_version_that_was_published_and_is_counted()
    {
        await using var blue = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));

        Assert.Equal("v1", await door.Client.GetStringAsync("/"));
        using var posted = await door.Client.PostAsync("/", new StringContent("an order"));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Equal("an order", Assert.Single(blue.Bodies));

        var ledger = await door.SettledAsync();
        Assert.Equal(2, ledger.Accepted);
        Assert.Equal(2, ledger.Served["v1"]);
        Assert.Equal(2, door.Plane.Evidence(Door.Service, "v1").Latency.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_request_is_lost_over_swaps_under_load(bool newConnections)
    {
        await using var blue = await App.StartAsync("v1");
        await using var green = await App.StartAsync("v2");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", blue));
        using var load = new Load(door, clients: 8, newConnections);

        for (var swap = 0; swap < 10; swap++)
        {
            var (slot, to, from) = swap % 2 == 0 ? ("green", green, "blue") : ("blue", blue, "green");
            await load.SomeMoreAsync(50);
            door.Publish(Door.Pool(slot, to));
            var report = await door.DrainAsync(from);
            Assert.Equal((0, 0), (report.CutCount, report.StillInside));
            // From here on the old version could be killed: it must not see another request.
            var seen = (from == "blue" ? blue : green).Requests;
            await load.SomeMoreAsync(50);
            Assert.Equal(seen, (from == "blue" ? blue : green).Requests);
        }

        var answered = await load.EndAsync();
        var ledger = await door.SettledAsync();
        Assert.Equal(answered, ledger.Accepted);
        Assert.Equal(answered, ledger.Served.Values.Sum());
        Assert.Equal(ledger.Served["v1"], blue.Requests);
        Assert.Equal(ledger.Served["v2"], green.Requests);
    }
}
