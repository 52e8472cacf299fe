using System.Text.Json;
using Teal.Wire;

namespace Teal.Tests.Real.Cli;

public sealed class VerbTests
{
    [Fact]
    public async Task Without_a_server_the_message_says_how_to_start_it()
    {
        using var call = new CliCall();
        await call.RunAsync("status");
        Assert.StartsWith("TEAL7005  No server answers at unix:", call.Error);
        Assert.Contains("teal server run", call.Error);
        Assert.Equal(1, call.Exit);
    }

    [Theory]
    [InlineData("pause", "POST /api/v1/services/shop/pause", "{\"reason\":\"why\",\"force\":false,\"version\":null}")]
    [InlineData("resume", "POST /api/v1/services/shop/resume", "{\"reason\":\"why\",\"force\":false,\"version\":null}")]
    [InlineData("promote --force --detach", "POST /api/v1/services/shop/promote", "{\"reason\":\"why\",\"force\":true,\"version\":null}")]
    [InlineData("abort --detach", "POST /api/v1/services/shop/abort", "{\"reason\":\"why\",\"force\":false,\"version\":null}")]
    [InlineData("rollback v1 --detach", "POST /api/v1/services/shop/rollback", "{\"reason\":\"why\",\"force\":false,\"version\":\"v1\"}")]
    [InlineData("proxy hold", "PUT /api/v1/services/shop/gate", "{\"gate\":\"held\",\"reason\":\"why\"}")]
    [InlineData("proxy release", "PUT /api/v1/services/shop/gate", "{\"gate\":\"open\",\"reason\":\"why\"}")]
    [InlineData("proxy maintenance", "PUT /api/v1/services/shop/gate", "{\"gate\":\"maintenance\",\"reason\":\"why\"}")]
    public async Task A_command_is_sent_with_its_reason(string line, string asked, string body)
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(call.State, []);
        await server.StartAsync();
        await call.RunAsync(line + " --reason why");
        Assert.Equal("", call.Error);
        Assert.Equal(0, call.Exit);
        Assert.Contains(asked, server.Asked);
        Assert.Equal(body, server.LastRequest);
    }

    [Fact]
    public async Task A_rollback_waits_for_its_end_and_says_how_long_traffic_took()
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(
            call.State,
            [
                [Story.Event(8, Story.At(2, "DrainingBack")), Story.Event(9, Story.TakenBack)],
            ]
        );
        await server.StartAsync();
        await call.RunAsync("rollback");
        Assert.Contains("shop is back on v1: v2 was taken back", call.Output);
        Assert.Matches("traffic        was back [0-9.]+m?s after the command", call.Output);
        Assert.Equal(0, call.Exit);
    }

    [Fact]
    public async Task A_promote_that_the_guard_refuses_needs_a_person()
    {
        using var call = new CliCall();
        var refusal = new ProblemView(
            "about:blank",
            "The guard does not allow it.",
            428,
            "error_rate is inconclusive",
            "TEAL2105",
            null,
            ["teal promote --force"]
        );
        await using var server = FakeServer.In(call.State, [], refusal: refusal);
        await server.StartAsync();
        await call.RunAsync("promote");
        Assert.Equal(8, call.Exit);
        Assert.StartsWith("TEAL2105  The guard does not allow it.", call.Error);
    }

    [Fact]
    public async Task Watch_follows_the_running_release_and_exits_by_its_outcome()
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(
            call.State,
            [
                [Story.Event(8, Story.TakenBack)],
            ]
        );
        await server.StartAsync();
        await call.RunAsync("watch");
        Assert.Equal(7, call.Exit);
    }

    [Fact]
    public async Task A_plan_shows_the_way_back_of_each_line_and_changes_can_be_an_exit_code()
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(call.State, []);
        await server.StartAsync();
        await call.RunAsync("plan v2");
        Assert.Equal(
            """
            shop: v1 -> v2
               1  start v2 (at least 900ms)
                  back: instant (v1 keeps the traffic)
            Every line has a way back.
              next           teal deploy v2

            """,
            call.Output
        );
        Assert.Equal(0, call.Exit);
        await call.RunAsync("plan -C teal.yaml --from .");
        Assert.EndsWith("  next           teal deploy -C teal.yaml --from .\n", call.Output);
        await call.RunAsync("plan v2 --exit-on-change");
        Assert.Equal(3, call.Exit);
        Assert.DoesNotContain(server.Asked, asked => asked.StartsWith("PUT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_app_prints_is_shown_and_never_obeyed()
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(call.State, [], logs: "shop.blue.1.0 hello\nshop.blue.1.0 \u001b[2Jgone?\n");
        await server.StartAsync();
        await call.RunAsync("logs");
        Assert.Equal("shop.blue.1.0 hello\nshop.blue.1.0 \\e[2Jgone?\n", call.Output);
        await call.RunAsync("logs -o json");
        using var document = JsonDocument.Parse(call.Output);
        Assert.Equal("hello", document.RootElement.GetProperty("lines")[0].GetProperty("line").GetString());
    }

    [Theory]
    [InlineData("status", "live")]
    [InlineData("history", "releases")]
    [InlineData("history", "next")]
    public async Task The_json_has_what_scripts_lean_on(string verb, string key)
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(call.State, []);
        await server.StartAsync();
        await call.RunAsync($"{verb} -o json");
        using var document = JsonDocument.Parse(call.Output);
        Assert.True(document.RootElement.TryGetProperty(key, out _));
        Assert.Equal(1, document.RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Init_writes_a_manifest_once()
    {
        using var call = new CliCall();
        await File.WriteAllTextAsync(Path.Combine(call.Folder, "index.js"), "");
        await call.RunAsync("init --no-input");
        Assert.StartsWith("TEAL7020", call.Error);
        Assert.Equal(2, call.Exit);
        Assert.Equal("service: shop\n", await File.ReadAllTextAsync(Path.Combine(call.Folder, "teal.yaml")));
        await call.RunAsync("init -C fresh.yaml");
        Assert.Equal(0, call.Exit);
        Assert.Contains("command: [node, index.js]", await File.ReadAllTextAsync(Path.Combine(call.Folder, "fresh.yaml")));
    }

    [Fact]
    public async Task The_doctor_finds_a_state_folder_that_others_can_read()
    {
        using var call = new CliCall();
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(call.State, (UnixFileMode)0b111_101_101);
        }
        await call.RunAsync("doctor");
        Assert.Contains("fail  state", call.Output);
        Assert.Contains("chmod 700", call.Output);
        Assert.Equal(2, call.Exit);
    }
}
