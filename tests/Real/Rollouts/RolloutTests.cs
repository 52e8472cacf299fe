using System.Net.Sockets;
using System.Text.Json;
using Teal.Flags;
using Teal.Tests.Real.Cli;
using Teal.Tests.Real.EndToEnd;
using Teal.Wire;

namespace Teal.Tests.Real.Rollouts;

/// <summary>Guarded rollouts from the command line to the share: the real driver, journal and HTTP, over a flag in memory.</summary>
public sealed class RolloutTests : IAsyncLifetime
{
    private const string Guarded = "--guard error_rate:+0.5%";

    private readonly CliCall _call = new();
    private readonly MemoryFlags _flags = new();
    private RolloutServer? _server;

    public async ValueTask InitializeAsync() => _server = await RolloutServer.StartAsync(_call.State, _flags);

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _call.Dispose();
    }

    [Fact]
    public async Task A_healthy_variant_goes_by_its_steps_to_everybody()
    {
        await _call.RunAsync($"flag rollout checkout on --steps 5%,25%,100% --hold 300ms {Guarded}");
        Assert.True(_call.Exit == 0, _call.Output + _call.Error);
        Assert.Equal("0% 5% 25% 100%", _flags.Shares);
        Assert.Contains("checkout    5%  5% of the users get on.", _call.Output, StringComparison.Ordinal);
        Assert.Contains("100% of the users in production have checkout=on, after ", _call.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("off", "0% 5% 25% 0%")]
    [InlineData("previous", "0% 5% 25% 5%")]
    public async Task A_variant_that_breaks_a_guard_goes_back_to_the_share_that_was_asked_for_and_says_why(string onBreach, string shares)
    {
        (_flags.IsBroken, _flags.BreaksAt) = (true, new Share(2500));
        await _call.RunAsync($"flag rollout checkout on --steps 5%,25%,100% --hold 300ms {Guarded} --on-breach {onBreach}");
        Assert.True(_call.Exit == 7, _call.Output + _call.Error);
        Assert.Equal(shares, _flags.Shares);
        Assert.Contains("on broke a guard at 25%. (TEAL9310)", _call.Output, StringComparison.Ordinal);
        Assert.Contains("error_rate max_increase 0.5%: unhealthy", _call.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_everybody_it_is_compared_with_what_the_old_variant_did_just_before()
    {
        (_flags.IsBroken, _flags.BreaksAt) = (true, Share.All);
        await _call.RunAsync($"flag rollout checkout on --steps 50%,100% --hold 3s {Guarded}");
        Assert.True(_call.Exit == 7, _call.Output + _call.Error);
        Assert.Equal("0% 50% 100% 0%", _flags.Shares);
        Assert.DoesNotContain("no old variant's rate", _call.Output, StringComparison.Ordinal);
        Assert.Contains("came from the new variant", _call.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_data_it_stands_still_and_wants_a_person()
    {
        _flags.IsSilent = true;
        await _call.RunAsync($"flag rollout checkout on --steps 5%,100% --hold 100ms {Guarded} --no-input");
        Assert.True(_call.Exit == 8, _call.Output + _call.Error);
        Assert.Contains("the guard says “no data”", _call.Error, StringComparison.Ordinal);
        Assert.Equal("0% 5%", _flags.Shares);
        await _call.RunAsync("flag rollout promote checkout");
        Assert.Equal(8, _call.Exit);
        Assert.Contains("TEAL9305", _call.Error, StringComparison.Ordinal);
        await _call.RunAsync("flag rollout promote checkout --force --reason known");
        Assert.True(_call.Exit == 0, _call.Output + _call.Error);
        Assert.Equal("0% 5% 100%", _flags.Shares);
    }

    [Fact]
    public async Task It_is_paused_and_goes_on_with_the_same_users()
    {
        await _call.RunAsync($"flag rollout checkout on --steps 5%,25%,100% --hold 1h {Guarded} --timeout 3s");
        Assert.True(_call.Exit == 9, _call.Output + _call.Error);
        await FlagHasAsync("0% 5%");
        var first = _flags.Users;
        Assert.NotEmpty(first);
        Assert.Equal(0, (await _call.RunAsync("flag rollout pause checkout")).Exit);
        Assert.Contains("PAUSED", _call.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _call.RunAsync("flag rollout resume checkout")).Exit);
        Assert.Equal(first, _flags.Users);
        Assert.Equal(5, (await _call.RunAsync("flag rollout resume checkout")).Exit);
        // The guard has to have spoken again before it allows this.
        await FactAsync(async () => (await _call.RunAsync("flag rollout promote checkout --detach")).Exit == 0, "a promotion");
        await FlagHasAsync("0% 5% 100%");
        Assert.Equal(0, (await _call.RunAsync("flag rollout stop checkout")).Exit);
        Assert.Equal("0% 5% 100% 0%", _flags.Shares);
        await _call.RunAsync($"flag rollout checkout on --steps 5% --hold 1h {Guarded} --detach");
        await FlagHasAsync("0% 5% 100% 0% 5%");
        Assert.Equal(first, _flags.Users);
    }

    [Fact]
    public async Task It_outlives_its_server()
    {
        await _call.RunAsync($"flag rollout checkout on --steps 5%,25%,100% --hold 1s {Guarded} --detach");
        await FlagHasAsync("0% 5%");
        await _server!.DisposeAsync();
        _server = await RolloutServer.StartAsync(_call.State, _flags);
        await FactAsync(
            async () => (await _call.RunAsync("flag rollout checkout")).Output.Contains("have checkout=on", StringComparison.Ordinal),
            "the end of the rollout"
        );
        Assert.Equal("0% 5% 25% 100%", _flags.Shares);
    }

    [Fact]
    public async Task Its_events_come_live_and_again_to_whoever_asks_for_this_flag_or_for_everything()
    {
        Assert.Equal(0, (await _call.RunAsync($"flag rollout checkout on --steps 5%,100% --hold 300ms {Guarded} --detach")).Exit);
        var live = await EventsAsync("environment=production&flag=checkout&after=0");
        Assert.Equal("rollout_requested", live[0].Kind);
        Assert.Equal(live.Select(happened => happened.Sequence).Order().Distinct(), live.Select(happened => happened.Sequence));
        Assert.Contains("share_moved", live.Select(happened => happened.Kind));
        Assert.Equal("done", live[^1].Rollouts.Rollouts.Single().Outcome);
        var again = await EventsAsync("after=0");
        Assert.Equal(live.Select(happened => happened.Sequence), again.Select(happened => happened.Sequence));
        var late = await EventsAsync($"flag=checkout&after={live[^2].Sequence}");
        Assert.Equal(live[^1].Sequence, late.Single().Sequence);
    }

    /// <summary>Until one says that the rollout is over and has no effect outstanding: the newest in the journal.</summary>
    private async Task<List<RolloutEventView>> EventsAsync(string query)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, ct) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_call.State, "teal.sock")), ct);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        );
        using var reader = new StreamReader(await client.GetStreamAsync($"http://teal/api/v1/events?{query}", patience.Token));
        var (seen, name) = (new List<RolloutEventView>(), "");
        while (seen.Count == 0 || seen[^1].Sequence < seen[^1].Rollouts.Sequence || seen[^1].Rollouts.Rollouts[0].Outcome == "running")
        {
            var line = await reader.ReadLineAsync(patience.Token) ?? throw new IOException("the stream ended");
            name = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : name;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Assert.Equal("rollout", name);
                seen.Add(JsonSerializer.Deserialize(line["data: ".Length..], WireJson.Default.RolloutEventView)!);
            }
        }
        return seen;
    }

    [Fact]
    public async Task A_flag_rolls_out_once_at_a_time_and_an_unknown_one_not_at_all()
    {
        Assert.Equal(0, (await _call.RunAsync($"flag rollout checkout on --hold 1h {Guarded} --detach")).Exit);
        Assert.Equal(5, (await _call.RunAsync($"flag rollout checkout on --hold 1h {Guarded}")).Exit);
        Assert.Contains("TEAL9301", _call.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _call.RunAsync("flag rollout chekout on")).Exit);
        Assert.Contains("TEAL9330", _call.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _call.RunAsync("flag rollout checkout -e staging")).Exit);
        Assert.Contains("TEAL9331", _call.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_wrong_is_not_sent()
    {
        await _server!.DisposeAsync();
        await _call.RunAsync("flag rollout checkout on --steps 5%,1% --guard eror_rate:+0.5%,cpu:90%");
        Assert.Equal(2, _call.Exit);
        Assert.Contains("--steps:4: 1% does not rise above 5%", _call.Error, StringComparison.Ordinal);
        Assert.Contains("(did you mean 'error_rate'?)", _call.Error, StringComparison.Ordinal);
        Assert.Contains("--guard:17: 'cpu' is of a process", _call.Error, StringComparison.Ordinal);
        _server = await RolloutServer.StartAsync(_call.State, _flags);
    }

    [Fact]
    public async Task For_a_program_the_end_is_one_object_and_every_step_a_line()
    {
        await _call.RunAsync($"flag rollout checkout on --steps 100% --hold 0s --guard error_rate:1% -o json");
        Assert.Equal(
            "done",
            System.Text.Json.JsonDocument.Parse(_call.Output).RootElement.GetProperty("rollouts")[0].GetProperty("outcome").GetString()
        );
        await _call.RunAsync("flag rollout checkout on -o json");
        Assert.Equal(
            "TEAL9302",
            System.Text.Json.JsonDocument.Parse(_call.Output).RootElement.GetProperty("error").GetProperty("code").GetString()
        );
    }

    private Task<string> FlagHasAsync(string shares) =>
        FactAsync(() => Task.FromResult(_flags.Shares.StartsWith(shares, StringComparison.Ordinal)), $"{shares} of the flag");

    private static Task<string> FactAsync(Func<Task<bool>> fact, string what) =>
        Eventually.ReturnsAsync(async () => await fact() ? "yes" : null, what);
}
