using System.Diagnostics;

namespace Teal.Tests.Real.EndToEnd;

public sealed class BackupTests
{
    [Fact]
    public async Task A_backup_of_a_running_server_brings_its_live_version_to_another_home()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await teal.ReleaseAsync("v2", new AppManifest());
        var file = Path.Combine(teal.Root, "backup.db");
        var saved = await teal.TealAsync("server", "backup", file);
        Assert.True(saved.ExitCode == 0, saved.ToString());
        await teal.ReleaseAsync("v3", new AppManifest());

        await using var other = TealProcess.AtRest();
        var restored = await other.TealAsync("server", "restore", file, "--yes");
        Assert.True(restored.ExitCode == 0, restored.ToString());
        CopyFolder(Path.Combine(teal.Home, "versions"), Path.Combine(other.Home, "versions"));
        await other.RunServerAsync();
        Assert.Equal("v2", (await other.StatusAsync()).Live);
        await other.StatusWhenAsync(status => status.Slots.All(slot => slot.Instances.Any(it => it.Healthy)), "both versions to run");
        Assert.StartsWith("v2 ", await other.AskAsync());
        // Each home has instances of its own: the first one's are left alone.
        Assert.StartsWith("v3 ", await teal.AskAsync());

        var under = await other.TealAsync("server", "restore", file, "--yes");
        Assert.True(under.ExitCode == 5, under.ToString());
        Assert.Equal("v2", (await other.StatusAsync()).Live);
    }

    [Fact]
    public async Task A_journal_that_comes_back_without_its_versions_says_which_of_them_do_not_run()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var file = Path.Combine(teal.Root, "backup.db");
        Assert.Equal(0, (await teal.TealAsync("server", "backup", file)).ExitCode);

        await using var other = TealProcess.AtRest();
        Assert.Equal(0, (await other.TealAsync("server", "restore", file, "--yes")).ExitCode);
        await other.RunServerAsync();

        await Eventually.ReturnsAsync(
            () => Task.FromResult(other.ServerOutput().Contains("v1 does not run", StringComparison.Ordinal) ? "said" : null),
            "the warning",
            other.ServerOutput
        );
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("gone")]
    public async Task A_damaged_journal_is_refused_with_the_way_out_and_is_never_an_empty_start(string damage)
    {
        await using var teal = await TealProcess.StartAsync();
        var before = await teal.ReleaseAsync("v1", new AppManifest());
        var file = Path.Combine(teal.Root, "backup.db");
        Assert.Equal(0, (await teal.TealAsync("server", "backup", file)).ExitCode);
        await teal.KillServerAsync();
        Damage(Path.Combine(teal.Home, "journal.db"), damage);

        var refused = await teal.RefusedServerAsync();
        Assert.True(refused.ExitCode is not (0 or 130), refused.ToString());
        Assert.Matches("TEAL[0-9]{4}", refused.Error);
        Assert.Contains("teal server restore", refused.Error);
        Assert.True(Directory.Exists($"/proc/{before.PidsOf("v1").Single()}"));

        var restored = await teal.TealAsync("server", "restore", file, "--yes");
        Assert.True(restored.ExitCode == 0, restored.ToString());
        await teal.RunServerAsync();
        Assert.StartsWith("v1 ", await teal.AskAsync());
        Assert.Equal(before.PidsOf("v1"), (await teal.StatusAsync()).PidsOf("v1"));
    }

    [Fact]
    public async Task A_second_server_on_the_same_home_is_refused()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var refused = await teal.TealAsync("server", "run", "--listen", "http://127.0.0.1:0");
        Assert.True(refused.ExitCode is not (0 or 130), refused.ToString());
        Assert.Matches("TEAL[0-9]{4}", refused.Error);
        Assert.Equal("v1", (await teal.StatusAsync()).Live);
        Assert.StartsWith("v1 ", await teal.AskAsync());
    }

    private static void Damage(string journal, string damage)
    {
        foreach (var beside in new[] { "-wal", "-shm" })
        {
            // What was not yet moved into the file is lost with it.
            File.Delete(journal + beside);
        }
        switch (damage)
        {
            case "truncated":
                using (var file = File.OpenWrite(journal))
                {
                    file.SetLength(file.Length / 2);
                }
                break;
            case "flipped":
                var bytes = File.ReadAllBytes(journal);
                bytes[bytes.Length / 2] ^= 0x40;
                bytes[^200] ^= 0x40;
                File.WriteAllBytes(journal, bytes);
                break;
            case "empty":
                File.WriteAllBytes(journal, []);
                break;
            default:
                File.Delete(journal);
                break;
        }
    }

    private static void CopyFolder(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from + "/.", to]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
    }
}
