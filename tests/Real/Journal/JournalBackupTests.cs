using Teal.Server.Journal;

namespace Teal.Tests.Real.Journal;

public sealed class JournalBackupTests : IDisposable
{
    private readonly ScratchFolder _home = new();
    private readonly ScratchFolder _elsewhere = new();

    public void Dispose()
    {
        _home.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public void A_backup_taken_while_another_process_appends_is_whole_and_comes_back()
    {
        using (var child = JournalChild.Start(_home.Journal, "live", int.MaxValue))
        {
            Assert.Equal("open", child.ReadLine());
            Assert.StartsWith("ack 1 ", child.ReadLine());
            for (var number = 1; number <= 5; number++)
            {
                var check = JournalBackup.Backup(_home.Journal, _elsewhere["backup" + number]);
                Assert.True(check is { Ok: true, Entries: > 0 });
            }
            child.Kill();
        }
        var (restored, replaced) = JournalBackup.Restore(_elsewhere["backup3"], _home.Journal);
        Assert.Equal(_home.Journal + ".replaced-1", replaced);
        using (var aside = JournalReader.Open(replaced!))
        {
            Assert.True(aside.Verify().Ok);
            Assert.InRange(aside.Verify().Entries, restored.Entries, long.MaxValue);
        }
        using var journal = SqliteJournal.Open(_home.Journal);
        // The first writer had number 1: none may have it again.
        Assert.Equal(2, journal.Fence);
        Assert.Equal(restored.Entries + 1, journal.Append(JournalTests.Entry("after")).Sequence);
        Assert.True(journal.Verify().Ok);
        Assert.Empty(Directory.GetFiles(_elsewhere.Path, "*.partial"));
    }

    [Fact]
    public void A_backup_never_replaces_a_file()
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        File.WriteAllText(_elsewhere["mine"], "precious");
        Assert.Equal("TEAL1301", CodeOf(() => JournalBackup.Backup(_home.Journal, _elsewhere["mine"])));
        Assert.Equal("precious", File.ReadAllText(_elsewhere["mine"]));
    }

    [Fact]
    public void What_is_no_whole_journal_is_not_restored_and_changes_nothing()
    {
        Fill(30);
        JournalBackup.Backup(_home.Journal, _elsewhere["good"]);
        var before = File.ReadAllBytes(_home.Journal);
        File.WriteAllText(_elsewhere["text"], "hello");
        var bytes = File.ReadAllBytes(_elsewhere["good"]);
        // All of them: SQLite leaves remains of moved rows in its pages, and these are nobody's entry.
        for (var at = bytes.AsSpan().IndexOf("body 17"u8); at >= 0; at = bytes.AsSpan().IndexOf("body 17"u8))
        {
            bytes[at] ^= 1;
        }
        File.WriteAllBytes(_elsewhere["forged"], bytes);
        Assert.Equal("TEAL1302", CodeOf(() => JournalBackup.Restore(_elsewhere["absent"], _home.Journal)));
        Assert.Equal("TEAL1102", CodeOf(() => JournalBackup.Restore(_elsewhere["text"], _home.Journal)));
        Assert.Equal("TEAL1302", CodeOf(() => JournalBackup.Restore(_elsewhere["forged"], _home.Journal)));
        Assert.Equal(before, File.ReadAllBytes(_home.Journal));
        Assert.Empty(Directory.GetFiles(_home.Path, "*.replaced-*"));
        SqliteJournal.Open(_home.Journal).Dispose();
    }

    [Fact]
    public void The_journal_as_it_is_can_be_accepted_by_restoring_it_onto_itself()
    {
        Fill(3);
        File.Delete(_home["journal.mark"]);
        Assert.Equal("TEAL1107", CodeOf(() => SqliteJournal.Open(_home.Journal)));
        JournalBackup.Restore(_home.Journal, _home.Journal);
        using var journal = SqliteJournal.Open(_home.Journal);
        Assert.Equal(3, journal.ReadAfter(0).Count);
    }

    [Fact]
    public void A_restore_killed_half_way_does_not_start_empty_and_can_be_repeated()
    {
        Fill(3);
        JournalBackup.Backup(_home.Journal, _elsewhere["good"]);
        File.Move(_home.Journal, _home.Journal + ".replaced-1");
        Assert.Equal("TEAL1101", CodeOf(() => SqliteJournal.Open(_home.Journal)));
        Assert.Null(JournalBackup.Restore(_elsewhere["good"], _home.Journal).Replaced);
        SqliteJournal.Open(_home.Journal).Dispose();
    }

    private void Fill(int count)
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        for (var i = 0; i < count; i++)
        {
            journal.Append(JournalTests.Entry("body " + i));
        }
    }

    private static string CodeOf(Action act) => Assert.Throws<JournalException>(act).Code;
}
