using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>An app without any SDK, behind the real server: it is handed variants, and they are guarded by its answers.</summary>
public sealed class EdgeFlagServerTests
{
    private static readonly AppManifest Asking = new() { More = ["flags: { evaluate: [checkout] }"] };

    [Fact]
    public async Task An_app_is_handed_its_flags_and_the_answers_are_counted_also_after_the_servers_death()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await teal.ReleaseAsync("v1", Asking);
        Assert.Equal("checkout=off", await FlagsAsync(teal));
        await DoneAsync(teal, "flag", "set", "checkout", "on");
        Assert.Equal("checkout=on", await FlagsAsync(teal));
        var on = "teal_variant_requests_total{environment=\"production\",flag=\"checkout\",variant=\"on\"} 1\n";
        await Eventually.ReturnsAsync(
            async () => await teal.Api.GetStringAsync("/metrics") is var metrics && metrics.Contains(on) ? metrics : null,
            "the answer with on is counted",
            teal.ServerOutput
        );

        await teal.KillServerAsync();
        await teal.RunServerAsync();
        Assert.Equal("checkout=on", await FlagsAsync(teal));
    }

    [Fact]
    public async Task A_variant_that_breaks_the_app_is_taken_back_with_no_sdk_in_the_app()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await teal.ReleaseAsync("v1", Asking with { Modes = ["fails-with=checkout=on"] });
        await using var callers = Callers.Call(teal);
        await callers.HearAsync("v1");
        string[] guarded = ["--steps", "50%,100%", "--hold", "1m", "--guard", "error_rate:+2%"];
        var rolled = await teal.TealAsync(["flag", "rollout", "checkout", "on", .. guarded]);
        Assert.True(rolled.ExitCode == 7, rolled.ToString());
        Assert.Contains("error_rate", rolled.Output, StringComparison.Ordinal);
        Assert.Equal("checkout=off", await FlagsAsync(teal));
    }

    private static Task<string> FlagsAsync(TealProcess teal) => teal.AskAsync("/header?name=teal-flags");

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] arguments)
    {
        var result = await teal.TealAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }
}
