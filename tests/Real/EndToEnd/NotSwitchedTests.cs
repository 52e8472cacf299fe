namespace Teal.Tests.Real.EndToEnd;

/// <summary>A version that is never healthy: exit 6, the evidence is shown, and users of the old one notice nothing.</summary>
public sealed class NotSwitchedTests
{
    /// <summary>For what is given up by the clock: long enough for an app to start and to be asked on a busy machine.</summary>
    private static readonly AppManifest Impatient = new()
    {
        Health = "{ path: /healthz, every: 100ms, timeout: 5s, rise: 1, fall: 2, give_up_after: 7s }",
    };

    /// <summary>For what ends by itself.</summary>
    private static readonly AppManifest Patient = new();

    [Fact]
    public async Task A_version_that_cannot_be_used_is_not_switched_to_and_its_last_words_are_shown()
    {
        await using var teal = await TealProcess.StartAsync();
        var before = await teal.ReleaseAsync("v1", new AppManifest());
        await using var callers = Callers.Call(teal, 2);

        await FailsAsync(teal, "deaf", Impatient with { Modes = ["say=I-am-deaf", "deaf"] }, "I-am-deaf", "refused");
        await FailsAsync(teal, "gone", Patient with { Modes = ["say=Bye-bye", "exit=3"] }, "Bye-bye", "app: exit 3");
        await FailsAsync(teal, "sick", Impatient with { Modes = ["health=500"] }, "500", "the app says it is not well");
        await FailsAsync(teal, "garbage", Impatient with { Modes = ["say=Hello", "garbage"] }, "Hello", "last response");
        await FailsAsync(teal, "smoke", Patient with { Release = ["smoke: [sh, -c, 'echo it-burns; exit 4']"] }, "it-burns", "4");
        await FailsAsync(
            teal,
            "cold",
            Patient with
            {
                Release = ["warm_up: { paths: ['/'] }"],
                Modes = ["errors=100"],
            },
            "500",
            "error in cold"
        );

        await callers.HearAsync("v1");
        await callers.HangUpAsync();
        callers.AssertOnly("v1");
        Assert.Equal(before.PidsOf("v1"), (await teal.StatusAsync()).PidsOf("v1"));
    }

    [Fact]
    public async Task A_command_that_is_not_there_changes_nothing()
    {
        await using var teal = await TealProcess.StartAsync();
        var before = await teal.ReleaseAsync("v1", new AppManifest());
        var inFolder = await teal.DeployAsync("v2", new AppManifest { Command = ["./start.sh"] });
        Assert.True(inFolder.ExitCode == 2, inFolder.ToString());
        Assert.Contains("./start.sh", inFolder.Error);
        var onPath = await teal.DeployAsync("v3", new AppManifest { Command = ["no-such-program-anywhere"] });
        Assert.True(onPath.ExitCode == 2, onPath.ToString());
        Assert.Contains("no-such-program-anywhere", onPath.Error);
        Assert.Matches("TEAL[0-9]{4}", onPath.Error);
        var after = await teal.StatusAsync();
        Assert.Equal(before.Release!.Id, after.Release!.Id);
        Assert.Equal(before.PidsOf("v1"), after.PidsOf("v1"));
    }

    private static async Task FailsAsync(TealProcess teal, string version, AppManifest manifest, params string[] words)
    {
        var result = await teal.DeployAsync(version, manifest);
        Assert.True(result.ExitCode == 6, $"{version}: {result}");
        Assert.All(
            words,
            word => Assert.True(result.Output.Contains(word, StringComparison.Ordinal), $"{version} without {word}: {result}")
        );
        Assert.Contains("users saw      0 failed requests", result.Output);
        Assert.Matches("TEAL[0-9]{4}", result.Output);
        var status = await teal.StatusAsync();
        Assert.Equal(("v1", "not_switched", false), (status.Live, status.Release!.Outcome, status.Release.TrafficMoved));
        Assert.Empty(status.PidsOf(version));
    }
}
