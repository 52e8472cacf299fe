using System.Text;
using System.Text.Json;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>Flags with the real server and the real command line, as a person uses them; users ask over OFREP.</summary>
public sealed class FlagVerbTests
{
    [Fact]
    public async Task A_flag_is_made_served_killed_and_revived_and_survives_the_server()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        Assert.Equal("off", await VariantAsync(teal, "u1"));
        await DoneAsync(teal, "flag", "set", "checkout", "on", "--reason", "everybody");
        Assert.Equal("on", await VariantAsync(teal, "u1"));

        await teal.KillServerAsync();
        await teal.RunServerAsync();
        Assert.Equal("on", await VariantAsync(teal, "u1"));

        var killed = await DoneAsync(teal, "flag", "kill", "checkout");
        Assert.Contains("checkout is off in production", killed.Output, StringComparison.Ordinal);
        Assert.Equal("off", await VariantAsync(teal, "u1"));
        await DoneAsync(teal, "flag", "revive", "checkout");
        Assert.Equal("on", await VariantAsync(teal, "u1"));
        var audit = await DoneAsync(teal, "audit", "--all", "--kind", "flags_changed");
        Assert.Contains("everybody", audit.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_evaluation_is_explained_by_rule_bucket_and_value()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await DoneAsync(teal, "flag", "set", "checkout", "on", "--share", "25%");
        var explained = await DoneAsync(teal, "flag", "eval", "checkout", "--context", """{"targetingKey":"u1"}""");
        // murmur3 of "checkoutu1" over 10,000 buckets.
        Assert.Contains(
            "\"checkoutu1\" falls into bucket 4983 of 10000: off (on 0–2499, off 2500–9999)",
            explained.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("checkout in production: off = false", explained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_moves_a_flag_step_by_step_to_everybody()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        var rolled = await DoneAsync(teal, "flag", "rollout", "checkout", "on", "--steps", "10%,100%", "--hold", "200ms");
        Assert.Contains("10% of the users get on", rolled.Output, StringComparison.Ordinal);
        Assert.Equal("on", await VariantAsync(teal, "u1"));
    }

    [Fact]
    public async Task A_kill_ends_a_rollout_and_a_hand_does_not_move_its_share_meanwhile()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await DoneAsync(teal, "flag", "rollout", "checkout", "on", "--steps", "10%,100%", "--hold", "1h", "--detach");
        var refused = await teal.TealAsync("flag", "set", "checkout", "on");
        Assert.True(refused.ExitCode == 5, refused.ToString());
        Assert.Contains("TEAL9504", refused.Error, StringComparison.Ordinal);
        var file = Path.Combine(teal.Root, "flags.yaml");
        await File.WriteAllTextAsync(file, "flags:\n  checkout:\n    owner: shop\n    serve: on\n");
        var imported = await teal.TealAsync("flag", "import", file);
        Assert.True(imported.ExitCode == 5, imported.ToString());
        await DoneAsync(teal, "flag", "kill", "checkout");
        Assert.Equal("off", await VariantAsync(teal, "u1"));
        var ended = await teal.TealAsync("flag", "rollout", "checkout", "-o", "json");
        Assert.Contains("TEAL9313", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flagd_document_serves_an_environment_as_it_is_until_it_is_left()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        var file = Path.Combine(teal.Root, "flags.flagd.json");
        await File.WriteAllTextAsync(
            file,
            """{"flags":{"checkout":{"state":"ENABLED","variants":{"new":true,"old":false},"defaultVariant":"new"}}}"""
        );
        await DoneAsync(teal, "flag", "import", file);
        Assert.Equal("new", await VariantAsync(teal, "u1"));
        var refused = await teal.TealAsync("flag", "set", "checkout", "on");
        Assert.True(refused.ExitCode == 5, refused.ToString());
        await File.WriteAllTextAsync(file, "{\"flags\":{\n\"checkout\":{\"state\":\"MAYBE\",\"variants\":{\"new\":true}}}}");
        var bad = await teal.TealAsync("flag", "import", file);
        Assert.True(bad.ExitCode == 2, bad.ToString());
        Assert.Contains("flags.flagd.json:2:", bad.Error, StringComparison.Ordinal);
        Assert.Equal("new", await VariantAsync(teal, "u1"));
        await DoneAsync(teal, "flag", "import", "--leave");
        Assert.Equal("off", await VariantAsync(teal, "u1"));
    }

    [Fact]
    public async Task What_is_exported_can_be_imported_elsewhere()
    {
        await using var one = await TealProcess.StartAsync();
        await DoneAsync(one, "flag", "create", "banner", "--owner", "web", "--variants", "red=\"#f00\",blue=\"#00f\"", "--off", "blue");
        await DoneAsync(one, "flag", "set", "banner", "red", "--share", "12.5%");
        var exported = await DoneAsync(one, "flag", "export");
        await using var other = await TealProcess.StartAsync();
        var file = Path.Combine(other.Root, "flags.yaml");
        await File.WriteAllTextAsync(file, exported.Output);
        await DoneAsync(other, "flag", "import", file);
        Assert.Equal(exported.Output, (await DoneAsync(other, "flag", "export")).Output);
    }

    [Fact]
    public async Task A_file_of_flags_is_taken_whole_or_refused_with_its_lines()
    {
        await using var teal = await TealProcess.StartAsync();
        var file = Path.Combine(teal.Root, "flags.yaml");
        await File.WriteAllTextAsync(file, "flags:\n  checkout:\n    owner: shop\n    serve: on\n");
        await DoneAsync(teal, "flag", "import", file);
        Assert.Equal("on", await VariantAsync(teal, "u1"));
        await File.WriteAllTextAsync(file, "flags:\n  checkout:\n    owner: shop\n    serve: purple\n    ruls: []\n");
        var bad = await teal.TealAsync("flag", "import", file);
        Assert.True(bad.ExitCode == 2, bad.ToString());
        Assert.Contains("flags.yaml:5:5", bad.Error, StringComparison.Ordinal);
        Assert.Contains("rules", bad.Error, StringComparison.Ordinal);
        Assert.Equal("on", await VariantAsync(teal, "u1"));
    }

    [Fact]
    public async Task A_document_in_one_environment_does_not_keep_a_killed_flag_on_in_another()
    {
        await using var teal = await TealProcess.StartAsync();
        var file = Path.Combine(teal.Root, "flags.yaml");
        await File.WriteAllTextAsync(file, "environments: [staging, production]\nflags:\n  checkout:\n    owner: shop\n    serve: on\n");
        await DoneAsync(teal, "flag", "import", file);
        var document = Path.Combine(teal.Root, "flags.flagd.json");
        await File.WriteAllTextAsync(document, """{"flags":{}}""");
        await DoneAsync(teal, "flag", "import", document, "-e", "staging");
        var killed = await DoneAsync(teal, "flag", "kill", "checkout");
        Assert.Contains("checkout is off in production.", killed.Output, StringComparison.Ordinal);
        Assert.Equal("off", await VariantAsync(teal, "u1"));
    }

    [Fact]
    public async Task A_change_whose_time_has_come_is_made_once_by_itself()
    {
        await using var teal = await TealProcess.StartAsync();
        var file = Path.Combine(teal.Root, "flags.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            flags:
              checkout:
                owner: shop
                serve: on
                schedule: [{ at: 2026-01-01T09:00, zone: Europe/Berlin, enabled: false }]
            """
        );
        await DoneAsync(teal, "flag", "import", file);
        await Eventually.ReturnsAsync(async () => await VariantAsync(teal, "u1") == "off" ? "off" : null, "the change of the schedule");
        Assert.DoesNotContain("schedule", (await DoneAsync(teal, "flag", "export")).Output, StringComparison.Ordinal);
        var audit = await DoneAsync(teal, "audit", "--all", "--kind", "flags_changed");
        Assert.Contains("by teal from schedule", audit.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_so_already_is_no_entry_in_the_journal()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await DoneAsync(teal, "flag", "set", "checkout", "on");
        var before = await DoneAsync(teal, "audit", "--all");
        var again = await DoneAsync(teal, "flag", "set", "checkout", "on");
        Assert.Contains("it is so already", again.Output, StringComparison.Ordinal);
        Assert.Equal(before.Output, (await DoneAsync(teal, "audit", "--all")).Output);
    }

    [Theory]
    [InlineData("TEAL9330", "flag", "set", "nothing", "on")]
    [InlineData("TEAL9202", "flag", "set", "checkout", "purple")]
    [InlineData("--share", "flag", "set", "checkout", "on", "--share", "25")]
    [InlineData("--kind", "flag", "create", "other", "--owner", "shop", "--kind", "thing")]
    [InlineData("--variants", "flag", "create", "other", "--owner", "shop", "--variants", "on")]
    [InlineData("TEAL9201", "flag", "create", "no spaces", "--owner", "shop")]
    [InlineData("TEAL9232", "flag", "create", "checkout", "--owner", "shop")]
    [InlineData("TEAL9502", "flag", "list", "-e", "nowhere")]
    [InlineData("TEAL9121", "flag", "eval", "checkout", "--context", "{")]
    [InlineData("TEAL9507", "flag", "import", "no-such-file.json")]
    public async Task A_wrong_input_is_told_and_changes_nothing(string told, params string[] arguments)
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        var before = await DoneAsync(teal, "flag", "export");
        var result = await teal.TealAsync(arguments);
        Assert.True(result.ExitCode is 2 or 5, result.ToString());
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.Equal(before.Output, (await DoneAsync(teal, "flag", "export")).Output);
    }

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] arguments)
    {
        var result = await teal.TealAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    /// <summary>What a user gets, asked as an SDK asks, on the admin socket.</summary>
    private static async Task<string?> VariantAsync(TealProcess teal, string user)
    {
        using var body = new StringContent($"{{\"context\":{{\"targetingKey\":\"{user}\"}}}}", Encoding.UTF8, "application/json");
        using var answer = await teal.Api.PostAsync("/ofrep/v1/evaluate/flags/checkout", body);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("variant").GetString();
    }
}
