using System.Text.Json;
using Microsoft.Data.Sqlite;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>Who did what, and the proof that nobody changed it since.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task The_audit_trail_is_asked_by_kind_actor_and_time_and_carries_number_and_fence()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        await teal.ReleaseAsync("v2", new AppManifest());
        var all = await AskAsync(teal);
        Assert.True(all.Entries.Select(entry => entry.Sequence).SequenceEqual(all.Entries.Select(entry => entry.Sequence).Order()));
        Assert.All(all.Entries, entry => Assert.Equal((1L, "app"), (entry.Fence, entry.Service)));
        var deploys = await AskAsync(teal, "--kind", "deploy_requested");
        Assert.Equal(2, deploys.Entries.Count);
        Assert.All(deploys.Entries, entry => Assert.Equal(("deploy_requested", "local"), (entry.Kind, entry.Actor)));
        var people = await AskAsync(teal, "--actor", "local");
        Assert.Equal(deploys.Entries.Select(entry => entry.Sequence), people.Entries.Select(entry => entry.Sequence));
        Assert.Equal(all.Entries.TakeLast(3).Select(entry => entry.Hash), (await AskAsync(teal, "-n", "3")).Entries.Select(it => it.Hash));
        var after = await AskAsync(teal, "--after", Number(all.Entries[1].Sequence), "-n", "2");
        Assert.Equal([all.Entries[2].Hash, all.Entries[3].Hash], after.Entries.Select(entry => entry.Hash));
        Assert.Equal(all.Entries.Count, (await AskAsync(teal, "--since", "1h")).Entries.Count);
        Assert.Empty((await AskAsync(teal, "--since", "2100-01-01T00:00Z")).Entries);
        var wrong = await teal.TealAsync("audit", "-s", "app", "--since", "yesterday");
        Assert.True(wrong.ExitCode == 2 && wrong.Error.Contains("--since \"yesterday\"", StringComparison.Ordinal), wrong.ToString());
    }

    [Fact]
    public async Task What_belongs_to_no_service_is_in_the_trail_of_the_whole_server()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.TealAsync("token", "create", "--role", "viewer", "--reason", "for the screen in the hall");
        Assert.Contains($"made {DateTimeOffset.UtcNow.Year}-", (await teal.TealAsync("token", "list")).Output);
        var all = await teal.TealAsync("audit", "--all");
        Assert.True(all.ExitCode == 0, all.ToString());
        Assert.Contains("token_created  by local from unix socket: for the screen in the hall", all.Output);
    }

    [Fact]
    public async Task The_journal_of_a_running_server_and_its_backup_are_proved_and_a_changed_one_is_named()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", new AppManifest());
        var proved = await VerifyAsync(teal, 0);
        Assert.True(proved.Ok && proved.Entries > 5);
        var backup = Path.Combine(teal.Root, "backup.db");
        await teal.TealAsync("server", "backup", backup);
        var aside = await VerifyAsync(teal, 0, backup);
        Assert.True(aside.Ok && aside.Entries <= (await VerifyAsync(teal, 0)).Entries);

        Change(backup, "UPDATE entries SET actor = 'nobody' WHERE sequence = 3");
        var changed = await VerifyAsync(teal, 1, backup);
        Assert.Equal((false, 2L, (long?)3), (changed.Ok, changed.Entries, changed.FirstBadSequence));
        var said = await teal.TealAsync("audit", "verify", backup);
        Assert.Contains("TEAL1105  backup.db is not what was written: entry 3.", said.Output);
        Assert.Contains("teal server restore FILE", said.Output);
    }

    [Fact]
    public async Task A_file_that_is_no_journal_is_not_proved()
    {
        await using var teal = TealProcess.AtRest();
        await File.WriteAllTextAsync(Path.Combine(teal.Root, "notes.txt"), new string('x', 5000));
        var refused = await teal.TealAsync("audit", "verify", "notes.txt");
        Assert.True(refused.ExitCode == 1 && refused.Error.Contains("TEAL1102", StringComparison.Ordinal), refused.ToString());
        var missing = await teal.TealAsync("audit", "verify", "nothing.db");
        Assert.True(missing.ExitCode == 2 && missing.Error.Contains("TEAL7023", StringComparison.Ordinal), missing.ToString());
    }

    private static async Task<AuditView> AskAsync(TealProcess teal, params string[] more)
    {
        var asked = await teal.TealAsync(["audit", "-s", "app", "-o", "json", .. more]);
        Assert.True(asked.ExitCode == 0, asked.ToString());
        return JsonSerializer.Deserialize(asked.Output, WireJson.Default.AuditView)!;
    }

    private static async Task<JournalCheckView> VerifyAsync(TealProcess teal, int exit, params string[] file)
    {
        var verified = await teal.TealAsync(["audit", "verify", "-o", "json", .. file]);
        Assert.True(verified.ExitCode == exit, verified.ToString());
        return JsonSerializer.Deserialize(verified.Output, WireJson.Default.JournalCheckView)!;
    }

    private static void Change(string database, string sql)
    {
        using var db = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        db.Open();
        using var command = db.CreateCommand();
        // The journal refuses changes by a trigger; whoever can write the file can take it away.
        command.CommandText = $"DROP TRIGGER IF EXISTS entries_stay; {sql}";
        command.ExecuteNonQuery();
    }

    private static string Number(long sequence) => sequence.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
