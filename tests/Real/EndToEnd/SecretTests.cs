using System.Security.Cryptography;
using System.Text;

namespace Teal.Tests.Real.EndToEnd;

public sealed class SecretTests
{
    [Fact]
    public async Task A_secret_of_the_environment_reaches_the_app_byte_for_byte_and_nothing_else()
    {
        var canary = "canary" + RandomNumberGenerator.GetHexString(24);
        var secret = $"$HOME '{canary}' \"q\" \\ \n;";
        await using var teal = await TealProcess.StartAsync(variables: new() { ["CANARY_SECRET"] = secret });
        var manifest = new AppManifest { Env = "{ SECRET: 'env:CANARY_SECRET' }", Release = ["smoke: [sh, -c, 'exit 0']"] };
        var said = new StringBuilder();
        said.Append(await teal.DeployAsync("v1", manifest, "-v"));
        said.Append(await teal.DeployAsync("v2", manifest, "-o", "json"));
        Assert.Equal(secret, await teal.AskAsync("/variable?name=SECRET"));
        said.Append(CommandLines(teal, await teal.StatusAsync()));

        said.Append(await teal.DeployAsync("v3", manifest with { Modes = ["say=starting", "exit=1"] }));
        said.Append(await teal.TealAsync("rollback", "-s", "app"));
        foreach (var verb in new[] { "status", "history", "audit", "logs" })
        {
            said.Append(await teal.TealAsync(verb, "-s", "app", "-v"));
        }
        said.Append(await teal.TealAsync("proxy", "routes"));
        said.Append(await teal.TealAsync("doctor"));
        said.Append(await teal.Api.GetStringAsync("/metrics"));
        Assert.Equal(0, (await teal.TealAsync("server", "backup", Path.Combine(teal.Root, "backup.db"))).ExitCode);
        await teal.KillServerAsync();

        Assert.Contains("SECRET", said.ToString());
        Assert.DoesNotContain(canary, said.ToString());
        Assert.DoesNotContain(canary, teal.ServerOutput());
        var files = Directory
            .EnumerateFiles(teal.Root, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".sock", StringComparison.Ordinal))
            .ToList();
        Assert.Contains(files, file => file.EndsWith("journal.db", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => Holds(file, canary));
    }

    [Fact]
    public async Task A_secret_that_is_not_there_is_named_and_the_version_is_not_switched_to()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var result = await teal.DeployAsync("v2", new AppManifest { Env = "{ SECRET: 'env:NOT_SET_ANYWHERE' }" });
        Assert.True(result.ExitCode == 6, result.ToString());
        Assert.Contains("NOT_SET_ANYWHERE", result.Output);
        Assert.StartsWith("v1 ", await teal.AskAsync());
    }

    private static string CommandLines(TealProcess teal, Wire.StatusView status)
    {
        int[] pids = [teal.ServerPid, .. status.PidsOf("v1"), .. status.PidsOf("v2")];
        Assert.Equal(3, pids.Length);
        return string.Join('\n', pids.Select(pid => File.ReadAllText($"/proc/{pid}/cmdline")));
    }

    private static bool Holds(string file, string canary) => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)) >= 0;
}
