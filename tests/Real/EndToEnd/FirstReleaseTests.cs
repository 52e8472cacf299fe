using System.Text.Json;

namespace Teal.Tests.Real.EndToEnd;

public sealed class FirstReleaseTests
{
    private static readonly string[] StatusKeys = ["version", "service", "live", "warm", "release", "next"];

    private static readonly string[] ReleaseKeys = ["id", "from", "to", "outcome", "stage", "share", "steps", "verdicts", "receipt"];

    private static readonly string[] ReceiptKeys = ["accepted", "served", "client_gone", "shed", "cut", "dropped"];

    [Fact]
    public async Task The_first_release_goes_straight_to_all_users_and_the_same_version_again_is_nothing_to_do()
    {
        await using var teal = await TealProcess.StartAsync();
        var first = await teal.DeployAsync("v1", new AppManifest(), "-o", "json");
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.StartsWith("v1 ", await teal.AskAsync());
        AssertKeys(JsonDocument.Parse(first.Output).RootElement, isFirst: true);

        var status = await teal.StatusAsync();
        Assert.Equal(("v1", null, "done"), (status.Live, status.Warm, status.Release!.Outcome));
        Assert.DoesNotContain(status.Release.Steps, step => step.Share is not ("0%" or "100%"));

        var again = await teal.DeployAsync("v1", new AppManifest());
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Contains("nothing to do", again.Output);
        Assert.Equal(status.Release.Id, (await teal.StatusAsync()).Release!.Id);
    }

    [Fact]
    public async Task Status_and_history_as_json_carry_the_promised_keys()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await teal.AskAsync();
        await teal.ReleaseAsync("v2", new AppManifest());
        var status = JsonDocument.Parse((await teal.TealAsync("status", "-s", "app", "-o", "json")).Output).RootElement;
        AssertKeys(status, isFirst: false);
        var history = JsonDocument.Parse((await teal.TealAsync("history", "-s", "app", "-o", "json")).Output).RootElement;
        Assert.Equal(("v2", "v1"), (history.GetProperty("live").GetString(), history.GetProperty("warm").GetString()));
        Assert.True(history.TryGetProperty("next", out _));
        Assert.Equal(
            ["v2", "v1"],
            history.GetProperty("releases").EnumerateArray().Select(release => release.GetProperty("to").GetString())
        );
        Assert.All(history.GetProperty("releases").EnumerateArray(), AssertReleaseKeys);
    }

    private static void AssertKeys(JsonElement status, bool isFirst)
    {
        Assert.All(StatusKeys, key => Assert.True(status.TryGetProperty(key, out _), key));
        Assert.Equal(1, status.GetProperty("version").GetInt32());
        Assert.NotEqual(0, status.GetProperty("next").GetArrayLength());
        AssertReleaseKeys(status.GetProperty("release"));
        Assert.Equal(isFirst ? null : "v1", status.GetProperty("release").GetProperty("from").GetString());
    }

    private static void AssertReleaseKeys(JsonElement release)
    {
        Assert.All(ReleaseKeys, key => Assert.True(release.TryGetProperty(key, out _), key));
        var receipt = release.GetProperty("receipt");
        Assert.All(ReceiptKeys, key => Assert.True(receipt.TryGetProperty(key, out _), key));
        Assert.True(receipt.GetProperty("adds_up").GetBoolean());
        Assert.Equal(0, receipt.GetProperty("dropped").GetInt64());
    }
}
