using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>Releases and flags of a real server: segments, cohorts and signatures, from teal.yaml to the app.</summary>
public sealed class ReleaseTieServerTests
{
    private static readonly AppManifest ByUser = new() { Release = ["cohort: { by: [header:x-user] }"] };

    [Fact]
    public async Task A_segment_takes_its_users_to_the_new_version_and_is_not_removed_under_it()
    {
        await using var teal = await TealProcess.StartAsync();
        await ImportAsync(teal, "segments: { internal: { users: [ada] } }\nflags: {}\n", expected: 0);
        await teal.ReleaseAsync("v1", ByUser);
        var targeting = ByUser with { Steps = "[ { share: 0%, hold: 1h }, { share: 100% } ]" };
        var wrong = await teal.DeployAsync("v2", targeting with { Release = [.. ByUser.Release, "target: segment:internl"] });
        Assert.True(wrong.ExitCode == 2, wrong.ToString());
        Assert.Contains("did you mean 'internal'", wrong.ToString());

        // A refusal before the content was taken in: the name is free for what is right.
        var right = targeting with
        {
            Release = [.. ByUser.Release, "target: segment:internal"],
        };
        var detached = await teal.DeployAsync("v2", right, "--detach");
        Assert.True(detached.ExitCode == 0, detached.ToString());
        await Eventually.ReturnsAsync(
            async () => (await AskAsync(teal, "ada")).StartsWith("v2 ", StringComparison.Ordinal) ? "v2" : null,
            "ada sees v2",
            teal.ServerOutput
        );
        Assert.StartsWith("v1 ", await AskAsync(teal, "eve"));

        await ImportAsync(teal, "segments: { internal: { users: [eve] } }\nflags: {}\n", expected: 0);
        Assert.StartsWith("v2 ", await AskAsync(teal, "eve"));
        Assert.StartsWith("v1 ", await AskAsync(teal, "ada"));
        var removed = await ImportAsync(teal, "flags: {}\n", expected: null);
        Assert.NotEqual(0, removed.ExitCode);
        Assert.Contains("the release of app to v2 targets the segment 'internal'", removed.ToString());

        await teal.KillServerAsync();
        await teal.RunServerAsync();
        Assert.StartsWith("v2 ", await AskAsync(teal, "eve"));
        Assert.StartsWith("v1 ", await AskAsync(teal, "ada"));
    }

    [Fact]
    public async Task An_app_that_asks_is_handed_a_key_that_is_written_nowhere_else()
    {
        await using var teal = await TealProcess.StartAsync();
        Assert.Equal(0, (await teal.TealAsync("flag", "create", "checkout", "--owner", "shop")).ExitCode);
        await teal.ReleaseAsync("v1", new AppManifest { More = ["flags: { evaluate: [checkout], sign: true }"] });
        var words = await teal.AskAsync("/variable?name=TEAL_FLAGS_KEY");
        Assert.Matches("^[0-9a-f]{8}:[0-9a-f]{64}$", words);
        Assert.Matches("^t=[0-9]+, k=[0-9a-f]{8}, s=[0-9a-f]{64}$", await teal.AskAsync("/header?name=teal-flags-signature"));

        var secret = Path.Combine(teal.Home, "flags.secret");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        var said =
            teal.ServerOutput()
            + await teal.TealAsync("history", "-v")
            + await teal.TealAsync("audit", "-v")
            + await teal.TealAsync("status", "-v");
        await teal.KillServerAsync();
        var key = words.Split(':')[1];
        Assert.DoesNotContain(key, said);
        Assert.DoesNotContain((await File.ReadAllTextAsync(secret)).Trim(), said);
        foreach (
            var file in Directory
                .EnumerateFiles(teal.Home, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".sock", StringComparison.Ordinal))
        )
        {
            Assert.DoesNotContain(key, System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        }
        await teal.RunServerAsync();
        Assert.Equal(words, await teal.AskAsync("/variable?name=TEAL_FLAGS_KEY"));
        Assert.Contains($"k={words[..8]}", await teal.AskAsync("/header?name=teal-flags-signature"));
    }

    private static async Task<CliResult> ImportAsync(TealProcess teal, string yaml, int? expected)
    {
        var path = Path.Combine(teal.Root, "flags.yaml");
        await File.WriteAllTextAsync(path, yaml);
        var result = await teal.TealAsync("flag", "import", path);
        Assert.True(expected is null || result.ExitCode == expected, result.ToString());
        return result;
    }

    private static async Task<string> AskAsync(TealProcess teal, string user)
    {
        using var client = new HttpClient { BaseAddress = teal.Users };
        client.DefaultRequestHeaders.Add("x-user", user);
        return await client.GetStringAsync("/");
    }
}
