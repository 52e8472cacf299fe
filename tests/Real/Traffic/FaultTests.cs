using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

public sealed class FaultTests
{
    [Fact]
    public async Task Posts_go_through_while_the_application_closes_idle_connections()
    {
        await using var app = await App.StartAsync(
            "v1",
            configure: static options => options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(300)
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", app));
        using var bound = new CancellationTokenSource(2 * Door.Bound);

        var clients = Enumerable.Range(0, 8).Select(client => Task.Run(() => PostWithPausesAsync(door, client, bound.Token)));
        await Task.WhenAll(clients);

        var ledger = await door.SettledAsync();
        Assert.Equal(8 * 40, ledger.Served["v1"]);
        // None lost, none doubled.
        Assert.Equal(8 * 40, app.Bodies.Distinct().Count());
        Assert.Equal(8 * 40, app.Bodies.Count);
    }

    [Fact]
    public async Task A_post_on_a_connection_that_was_closed_meanwhile_is_sent_again_on_another()
    {
        var closed = 0;
        using var app = new RawApp(
            async (socket, head) =>
            {
                await RawApp.SendAsync(socket, RawApp.Ok);
                if (head.StartsWith("GET", StringComparison.Ordinal))
                {
                    // Says keep-alive, and closes.
                    socket.Shutdown(SocketShutdown.Both);
                    Interlocked.Increment(ref closed);
                }
            }
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, app.Address));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("ok", await door.Client.GetStringAsync("/"));
            await Door.UntilAsync(() => closed == i + 1, "the application has closed");
            using var posted = await door.Client.PostAsync("/", new StringContent(""));
            Assert.True(posted.StatusCode == HttpStatusCode.OK, await posted.Content.ReadAsStringAsync());
        }
        Assert.Equal(50, app.Heads.Count(static head => head.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_post_that_may_have_been_processed_is_not_sent_again()
    {
        using var app = new RawApp(
            static (socket, _) =>
            {
                RawApp.Reset(socket);
                return Task.CompletedTask;
            }
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, app.Address));
        foreach (var body in new[] { "", "order" })
        {
            var before = app.Heads.Count(static head => head.StartsWith("POST", StringComparison.Ordinal));
            using var posted = await door.Client.PostAsync("/", new StringContent(body));
            Assert.Equal(HttpStatusCode.BadGateway, posted.StatusCode);
            Assert.Contains("TEAL4021", await posted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(before + 1, app.Heads.Count(static head => head.StartsWith("POST", StringComparison.Ordinal)));
        }
        var ledger = await door.SettledAsync();
        Assert.Equal(2, ledger.Failed["v1"]);
        Assert.Equal(2, door.Plane.Evidence(Door.Service, "v1").Errors);
    }

    [Fact]
    public async Task A_get_that_was_reset_is_asked_of_another_instance()
    {
        using var bad = new RawApp(
            static (socket, _) =>
            {
                RawApp.Reset(socket);
                return Task.CompletedTask;
            }
        );
        using var good = new RawApp();
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, bad.Address, good.Address));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("ok", await door.Client.GetStringAsync("/"));
        }
        Assert.NotEmpty(bad.Heads);
        Assert.Equal(10, good.Heads.Count);
    }

    [Fact]
    public async Task An_instance_that_refuses_connections_costs_no_request_of_any_method()
    {
        using var port = new ReservedPort();
        var nobody = port.Address;
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, nobody, app.Address));
        for (var i = 0; i < 10; i++)
        {
            using var posted = await door.Client.PostAsync("/", new StringContent($"order {i}"));
            Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        }
        Assert.Equal(10, app.Bodies.Distinct().Count());

        door.Publish(Door.Pool("blue", "v1", false, nobody));
        using var failed = await door.Client.PostAsync("/", new StringContent("order"));
        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        Assert.Contains("TEAL4020", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Failed["v1"]);
    }

    [Fact]
    public async Task A_whole_answer_followed_by_a_reset_is_a_success()
    {
        using var app = new RawApp(
            static async (socket, _) =>
            {
                await RawApp.SendAsync(
                    socket,
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" + new string('x', 1000)
                );
                RawApp.Reset(socket);
            }
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, app.Address));
        for (var i = 0; i < 20; i++)
        {
            using var posted = await door.Client.PostAsync("/", new StringContent("order"));
            Assert.Equal(1000, (await posted.Content.ReadAsStringAsync()).Length);
        }
        var ledger = await door.SettledAsync();
        Assert.Equal(20, ledger.Served["v1"]);
        Assert.Equal(0, door.Plane.Evidence(Door.Service, "v1").Errors);
    }

    [Fact]
    public async Task Half_an_answer_is_a_failure_and_never_looks_whole()
    {
        using var app = new RawApp(
            static async (socket, _) =>
            {
                await RawApp.SendAsync(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                RawApp.Reset(socket);
            }
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, app.Address));
        var answer = await RawClient.AskAsync(door.Address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.DoesNotContain("\r\n0\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Failed["v1"]);
    }

    [Fact]
    public async Task An_answer_with_two_lengths_is_no_answer()
    {
        foreach (var framing in new[] { "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nTransfer-Encoding: chunked" })
        {
            using var app = new RawApp((socket, _) => RawApp.SendAsync(socket, $"HTTP/1.1 200 OK\r\n{framing}\r\n\r\nok"));
            await using var door = await Door.OpenAsync();
            door.Publish(Door.Pool("blue", "v1", false, app.Address));
            using var answer = await door.Client.PostAsync("/", new StringContent("order"));
            Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
            Assert.Equal(1, (await door.SettledAsync()).Failed["v1"]);
        }
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_error_of_the_version()
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", app));
        var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        await Door.UntilAsync(() => app.Requests == 1, "the request is inside");
        client.Reset();

        var ledger = await door.SettledAsync();
        Assert.Equal(1, ledger.ClientGone);
        var evidence = door.Plane.Evidence(Door.Service, "v1");
        Assert.Equal((0, 0), (evidence.Requests, evidence.Errors));
    }

    [Fact]
    public async Task An_answer_of_5xx_is_served_and_counts_against_the_version()
    {
        await using var app = await App.StartAsync(
            "v1",
            static (_, context) =>
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            }
        );
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", app));
        using var answer = await door.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(1, (await door.SettledAsync()).Served["v1"]);
        var evidence = door.Plane.Evidence(Door.Service, "v1");
        Assert.Equal((1, 1), (evidence.Requests, evidence.Errors));
    }

    [Fact]
    public async Task An_answer_that_does_not_begin_in_time_is_ended_with_504()
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", app), limits: new TrafficLimits(1000, TimeSpan.FromMilliseconds(100), 0, TimeSpan.Zero));
        using var answer = await door.Client.GetAsync("/slow");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Contains("TEAL4022", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Failed["v1"]);

        door.Publish(Door.Pool("blue", app));
        Assert.Equal("v1", await door.Client.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("Content-Length: 2000\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n7d0\r\n")]
    public async Task A_body_over_the_limit_is_refused(string head)
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", app), limits: new TrafficLimits(1000, Door.Bound, 0, TimeSpan.Zero));
        var answer = await RawClient.AskAsync(door.Address, "POST / HTTP/1.1\r\nHost: x\r\n" + head + new string('x', 2000));
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Shed["too_large"]);
        Assert.Empty(app.Bodies);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_ended_and_others_are_served()
    {
        await using var app = await App.StartAsync("v1");
        var limits = EdgeLimits.Default with { BytesPerSecond = 10_000, Grace = TimeSpan.FromSeconds(1.5), LameDuck = TimeSpan.Zero };
        await using var door = await Door.OpenAsync(limits);
        door.Publish(Door.Pool("blue", app));
        using var slow = await RawClient.ConnectAsync(door.Address);
        await slow.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx");
        var ended = slow.ReadAnswerAsync();
        while (!ended.IsCompleted)
        {
            Assert.Equal("v1", await door.Client.GetStringAsync("/"));
        }
        Assert.StartsWith("HTTP/1.1 408", await ended, StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Shed["slow_upload"]);
    }

    [Fact]
    public async Task A_steady_upload_has_an_absolute_end()
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync(change: static options => options with { Upload = TimeSpan.FromMilliseconds(300) });
        door.Publish(Door.Pool("blue", app));
        using var slow = await RawClient.ConnectAsync(door.Address);
        await slow.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx");
        Assert.StartsWith("HTTP/1.1 408", await slow.ReadAnswerAsync(), StringComparison.Ordinal);
        Assert.Equal(1, (await door.SettledAsync()).Shed["slow_upload"]);
    }

    [Fact]
    public async Task A_head_that_never_ends_is_ended()
    {
        var limits = EdgeLimits.Default with { HeadTime = TimeSpan.FromSeconds(1), LameDuck = TimeSpan.Zero };
        await using var door = await Door.OpenAsync(limits);
        door.Publish(null);
        var answer = await RawClient.AskAsync(door.Address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Equal(0, door.Ledger.Accepted);
    }

    [Fact]
    public async Task The_last_unhealthy_instance_is_still_asked_and_it_shows()
    {
        await using var app = await App.StartAsync("v1");
        await using var door = await Door.OpenAsync();
        door.Publish(new VersionPool("blue", "v1", false, [new InstanceAddress("a", app.Address, IsHealthy: false)]));
        Assert.Equal("v1", await door.Client.GetStringAsync("/"));
        Assert.Equal(1, door.Plane.Current.Of(Door.Service)!.Main!.Panics);
    }

    [Fact]
    public async Task At_a_stop_each_answer_asks_its_client_to_close_before_idle_connections_are_closed()
    {
        await using var app = await App.StartAsync("v1");
        var time = new FakeTimeProvider();
        await using var door = await Door.OpenAsync(EdgeLimits.Default with { LameDuck = TimeSpan.FromSeconds(3) }, time: time);
        door.Publish(Door.Pool("blue", app));
        using var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        // Up to the last chunk, which may come in a packet of its own: what is left unread would be taken for the second answer.
        var first = await client.ReadUntilAsync(static text => text.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
        Assert.Contains("v1", first, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", first, StringComparison.Ordinal);

        // Time stands still: however long the second question is on its way, it comes while the edge is a lame duck.
        var stopped = door.Edge.StopAsync(TimeSpan.FromSeconds(10));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        var last = await client.ReadUntilAsync(static text =>
            text.Contains("<end>", StringComparison.Ordinal) || text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
        );
        Assert.Contains("Connection: close", last, StringComparison.Ordinal);
        Assert.Contains("v1", last, StringComparison.Ordinal);
        Assert.False(stopped.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        await stopped.WaitAsync(Door.Bound);
    }

    private static async Task PostWithPausesAsync(Door door, int client, CancellationToken bound)
    {
        using var http = door.NewClient();
        var random = new Random(client);
        for (var i = 0; i < 40; i++)
        {
            using var answer = await http.PostAsync("/", new StringContent($"{client}/{i}", Encoding.ASCII), bound);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            // Around the application's own keep-alive: the moment at which it closes.
            await Task.Delay(random.Next(i % 4 == 0 ? 400 : 30), bound);
        }
    }
}
