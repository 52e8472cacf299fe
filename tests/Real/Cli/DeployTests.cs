using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Teal.Wire;

namespace Teal.Tests.Real.Cli;

public sealed class DeployTests
{
    private const string Told = """
        2026-01-02T03:04:05Z  shop-2    0%  v2 starts in green
        2026-01-02T03:04:06Z  shop-2    5%  5% of users are on v2
        2026-01-02T03:05:06Z  shop-2  100%  all users are on v2
        2026-01-02T03:05:07Z  shop-2  100%  v1 is drained and stays warm
        shop is on v2, was on v1, after 1m02s.
          receipt        30 requests = 20 by v1 + 10 by v2
          users saw      0 failed requests
          next           teal status

        """;

    private static readonly EventView[] Whole =
    [
        Story.Event(8, Story.At(2, "Observing")),
        Story.Event(9, Story.At(3, "Draining")),
        Story.Event(10, Story.Done),
    ];

    [Fact]
    public async Task A_deploy_stores_the_folder_and_tells_each_step_and_the_end()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(new FakeServerOptions(call, [Whole]));
        await call.RunAsync("deploy v2");
        Assert.Equal("", call.Error);
        Assert.Equal("Stored shop v2: 3 files, 10 KiB.\n" + Told, call.Output);
        Assert.Equal(0, call.Exit);
        Assert.Equal(10_240, server.Uploaded);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_taken_up_behind_the_last_event()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(
            new FakeServerOptions(call, [Whole[..1], [Whole[0], .. Whole[1..]]], VersionStatus: 200)
        );
        await call.RunAsync("deploy v2");
        Assert.Equal(
            """
            2026-01-02T03:04:05Z  shop-2    0%  v2 starts in green
            2026-01-02T03:04:06Z  shop-2    5%  5% of users are on v2
            The server is away (the stream of events ended); trying again. Traffic and the release do not depend on this connection.
            The server is back.
            2026-01-02T03:05:06Z  shop-2  100%  all users are on v2
            2026-01-02T03:05:07Z  shop-2  100%  v1 is drained and stays warm
            shop is on v2, was on v1, after 1m02s.
              receipt        30 requests = 20 by v1 + 10 by v2
              users saw      0 failed requests
              next           teal status

            """,
            call.Output
        );
        Assert.Contains("GET /api/v1/events?service=shop&after=8", server.Asked);
        Assert.Equal(0, server.Uploaded);
    }

    [Fact]
    public async Task As_json_a_deploy_is_one_object()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(new FakeServerOptions(call, [Whole]));
        await call.RunAsync("deploy v2 -o json");
        using var document = JsonDocument.Parse(call.Output);
        Assert.Equal("done", document.RootElement.GetProperty("release").GetProperty("outcome").GetString());
        Assert.Equal(30, document.RootElement.GetProperty("release").GetProperty("receipt").GetProperty("accepted").GetInt64());
        Assert.Equal("teal status", document.RootElement.GetProperty("next")[0].GetString());
    }

    [Fact]
    public async Task As_ndjson_a_deploy_is_its_events()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(new FakeServerOptions(call, [Whole]));
        await call.RunAsync("deploy v2 -o ndjson");
        var sequences = call
            .Output.Trim()
            .Split('\n')
            .Select(line => JsonSerializer.Deserialize(line, WireJson.Default.EventView)!.Sequence);
        Assert.Equal([8L, 9L, 10L], sequences);
    }

    [Fact]
    public async Task A_release_that_came_back_ends_with_7()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(
            new FakeServerOptions(
                call,
                [
                    [Story.Event(8, Story.TakenBack)],
                ]
            )
        );
        await call.RunAsync("deploy v2");
        Assert.Contains("shop is back on v1: v2 was taken back, after 10s.", call.Output);
        Assert.Equal(7, call.Exit);
    }

    [Fact]
    public async Task A_newer_release_seen_first_sends_the_reader_to_the_history()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(
            new FakeServerOptions(
                call,
                [
                    [Story.Event(9, Story.Running with { Id = "shop-3", Number = 3, To = "v3" })],
                ]
            )
        );
        await call.RunAsync("deploy v2");
        Assert.Contains("shop is on v2, was on v1", call.Output);
        Assert.Equal(0, call.Exit);
    }

    [Fact]
    public async Task A_waiting_deploy_that_a_newer_one_displaced_ends_with_5()
    {
        using var call = new CliCall();
        var first = Story.Running with { Id = "shop-1", Number = 1, To = "v1" };
        var answer = new DeployAnswer("waiting", null, null, 7, Story.Status(first, "v2"));
        await using var server = await StartedAsync(
            new FakeServerOptions(
                call,
                [
                    [Story.Event(8, first, "v3")],
                ],
                Answer: answer
            )
        );
        await call.RunAsync("deploy v2");
        Assert.Contains("Waiting for shop-1 to end.", call.Output);
        Assert.StartsWith("TEAL7022", call.Error);
        Assert.Equal(5, call.Exit);
    }

    [Fact]
    public async Task When_the_wait_is_over_the_release_goes_on()
    {
        var time = new FakeTimeProvider();
        using var call = new CliCall { Time = time };
        await using var server = await StartedAsync(new FakeServerOptions(call, [Whole[..1]]));
        // Each question to the server may take so long too, and that by the real clock.
        var running = call.RunAsync("deploy v2 --timeout 2m");
        await call.SaysAsync("5% of users");
        time.Advance(TimeSpan.FromMinutes(2));
        await running;
        Assert.StartsWith("TEAL7016  Waited 2m00s; shop-2 (v2, 5%)", call.Error);
        Assert.Contains("teal watch", call.Error);
        Assert.Equal(9, call.Exit);
    }

    [Fact]
    public async Task Leaving_says_that_the_release_goes_on()
    {
        using var call = new CliCall();
        using var stop = new CancellationTokenSource();
        await using var server = await StartedAsync(new FakeServerOptions(call, [Whole[..1]]));
        var running = call.RunAsync("deploy v2", stop.Token);
        await call.SaysAsync("5% of users");
        await stop.CancelAsync();
        await running;
        Assert.StartsWith("TEAL7017  Interrupted; shop-2 (v2, 5%) goes on in the server.", call.Error);
        Assert.Equal(130, call.Exit);
    }

    [Fact]
    public async Task An_interrupted_upload_is_said_to_be_interrupted()
    {
        using var call = new CliCall();
        using var stop = new CancellationTokenSource();
        await using var server = await StartedAsync(new FakeServerOptions(call, [], ReadsOnly: 10_240));
        var running = call.RunAsync("deploy v2", stop.Token);
        var isAsked = () => server.Asked.Any(asked => asked.StartsWith("PUT", StringComparison.Ordinal));
        Assert.True(SpinWait.SpinUntil(isAsked, TimeSpan.FromSeconds(30)));
        await stop.CancelAsync();
        await running;
        Assert.StartsWith("TEAL7017  Interrupted.", call.Error);
        Assert.Equal(130, call.Exit);
    }

    [Theory]
    [InlineData("deploy v2 --detach", "shop-2 has begun: shop to v2.")]
    [InlineData("deploy v2 -d -q", "shop-2 has begun: shop to v2.")]
    public async Task A_detached_deploy_says_how_to_watch(string line, string words)
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(new FakeServerOptions(call, []));
        await call.RunAsync(line);
        Assert.Contains(words, call.Output);
        Assert.Contains("teal watch", call.Output);
        Assert.Equal(0, call.Exit);
    }

    [Fact]
    public async Task The_same_version_again_is_nothing_to_do()
    {
        using var call = new CliCall();
        var answer = new DeployAnswer("nothing_to_do", null, null, 7, Story.Status(Story.Done));
        await using var server = await StartedAsync(new FakeServerOptions(call, [], Answer: answer));
        await call.RunAsync("deploy v2");
        Assert.EndsWith("shop is on v2 already: nothing to do.\n", call.Output);
        Assert.Equal(0, call.Exit);
    }

    [Fact]
    public async Task A_point_of_no_return_asks_a_person_and_nobody_is_there()
    {
        using var call = new CliCall();
        var plan = new PlanView(
            1,
            "shop",
            "v1",
            "v2",
            [new PlanLineView(1, "stop v1", "none", "nothing is kept", null, null)],
            1,
            [],
            true,
            []
        );
        await using var server = await StartedAsync(new FakeServerOptions(call, [Whole], Plan: plan));
        await call.RunAsync("deploy v2");
        Assert.StartsWith("TEAL7018", call.Error);
        Assert.Equal(8, call.Exit);
        Assert.DoesNotContain(server.Asked, asked => asked.EndsWith("/releases", StringComparison.Ordinal));
        // Nor is the name taken by content that was not wanted.
        Assert.Equal(0, server.Uploaded);
        await call.RunAsync("deploy v2 --yes");
        Assert.Equal(0, call.Exit);
    }

    [Fact]
    public async Task A_name_that_stands_for_other_content_is_a_conflict()
    {
        using var call = new CliCall();
        await using var server = await StartedAsync(new FakeServerOptions(call, [], VersionStatus: 409));
        await call.RunAsync("deploy v2");
        Assert.StartsWith("TEAL1402", call.Error);
        Assert.Equal(5, call.Exit);
    }

    [Fact]
    public async Task A_wrong_manifest_shows_its_places_and_sends_nothing()
    {
        using var call = new CliCall { ManifestErrors = ["teal.yaml:3:5: unknown key \"comand\", did you mean command?"] };
        await using var server = await StartedAsync(new FakeServerOptions(call, []));
        await call.RunAsync("deploy v2");
        Assert.StartsWith("TEAL7012", call.Error);
        Assert.Contains("teal.yaml:3:5: unknown key", call.Error);
        Assert.Equal(2, call.Exit);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task A_folder_without_the_command_sends_nothing()
    {
        using var call = new CliCall { Command = ["./missing"] };
        await using var server = await StartedAsync(new FakeServerOptions(call, []));
        await call.RunAsync("deploy v2");
        Assert.StartsWith("TEAL7013", call.Error);
        Assert.Equal(2, call.Exit);
        Assert.Empty(server.Asked);
    }

    private sealed record FakeServerOptions(
        CliCall Call,
        IReadOnlyList<IReadOnlyList<EventView>> Streams,
        DeployAnswer? Answer = null,
        int VersionStatus = 404,
        PlanView? Plan = null,
        long? ReadsOnly = null
    );

    private static async Task<FakeServer> StartedAsync(FakeServerOptions options)
    {
        var server = FakeServer.In(
            options.Call.State,
            options.Streams,
            options.Answer ?? Story.Started,
            options.VersionStatus,
            options.Plan,
            readsOnly: options.ReadsOnly
        );
        await server.StartAsync();
        return server;
    }
}
