using Teal.Server.Journal;

namespace Teal.Tests.Real.Journal;

/// <summary>
/// What holds for a damaged journal: an open refuses by name, or every acknowledged entry is there and true. Entries before the
/// newest snapshot may be refused later, when they are read; they are never read wrong.
/// </summary>
public sealed class JournalDamageTests : IDisposable
{
    private const int PageBytes = 4096;
    private const int Entries = 120;

    private readonly ScratchFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void A_journal_cut_at_any_page_never_starts_shorter()
    {
        var truth = CleanlyClosed();
        var length = new FileInfo(_home.Journal).Length;
        for (var cut = 0L; cut < length; cut += PageBytes)
        {
            using var damaged = _home.Copy();
            Cut(damaged.Journal, cut);
            var refusal = Assert.Throws<JournalException>(() => SqliteJournal.Open(damaged.Journal).Dispose());
            Assert.Contains("teal server restore", refusal.Message);
        }
        Assert.Equal(Entries, truth.Count);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("journal.db-wal")]
    public void After_a_kill_neither_file_cut_at_any_page_starts_shorter(string file)
    {
        var truth = Killed();
        var length = new FileInfo(_home[file]).Length;
        var refusals = 0;
        for (var cut = 0L; cut < length; cut += PageBytes)
        {
            using var damaged = _home.Copy();
            Cut(damaged[file], cut);
            refusals += RefusedOrTrue(damaged, truth) ? 1 : 0;
        }
        Assert.NotEqual(0, refusals);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("journal.db-wal")]
    [InlineData("journal.mark")]
    public void A_flipped_byte_is_refused_or_harmless(string file)
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var truth = Killed();
        var length = new FileInfo(_home[file]).Length;
        for (var i = 0; i < 150; i++)
        {
            using var damaged = _home.Copy();
            var bytes = File.ReadAllBytes(damaged[file]);
            bytes[random.NextInt64(length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(damaged[file], bytes);
            RefusedOrTrue(damaged, truth);
        }
    }

    [Fact]
    public void A_zeroed_page_is_refused_or_harmless()
    {
        var truth = CleanlyClosed();
        var length = new FileInfo(_home.Journal).Length;
        var refusals = 0;
        for (var page = 0L; page < length; page += PageBytes)
        {
            using var damaged = _home.Copy();
            var bytes = File.ReadAllBytes(damaged.Journal);
            Array.Clear(bytes, (int)page, PageBytes);
            File.WriteAllBytes(damaged.Journal, bytes);
            refusals += RefusedOrTrue(damaged, truth) ? 1 : 0;
        }
        Assert.NotEqual(0, refusals);
    }

    [Fact]
    public void An_older_backup_put_in_its_place_is_refused()
    {
        CleanlyClosed();
        using var older = _home.Copy();
        using (var journal = SqliteJournal.Open(_home.Journal))
        {
            journal.Append(JournalTests.Entry("one more"));
        }
        File.Copy(older.Journal, _home.Journal, overwrite: true);
        Refused("TEAL1106");
    }

    [Fact]
    public void A_backup_from_before_a_start_that_appended_nothing_is_refused_too()
    {
        CleanlyClosed();
        using var older = _home.Copy();
        SqliteJournal.Open(_home.Journal).Dispose();
        File.Copy(older.Journal, _home.Journal, overwrite: true);
        Refused("TEAL1106");
    }

    [Fact]
    public void A_lost_WAL_a_missing_file_an_empty_file_and_a_lost_mark_are_each_refused()
    {
        Killed();
        using (var damaged = _home.Copy())
        {
            File.Delete(damaged["journal.db-wal"]);
            Assert.Equal("TEAL1106", CodeOf(damaged));
        }
        using (var damaged = _home.Copy())
        {
            File.Delete(damaged["journal.mark"]);
            Assert.Equal("TEAL1107", CodeOf(damaged));
        }
        using (var damaged = _home.Copy())
        {
            Cut(damaged.Journal, 0);
            Assert.Equal("TEAL1101", CodeOf(damaged));
            File.Delete(damaged.Journal);
            Assert.Equal("TEAL1101", CodeOf(damaged));
            File.Delete(damaged["journal.mark"]);
            Assert.Equal("TEAL1107", CodeOf(damaged));
        }
    }

    private void Refused(string code) => Assert.Equal(code, CodeOf(_home));

    private static string? CodeOf(ScratchFolder home)
    {
        try
        {
            SqliteJournal.Open(home.Journal).Dispose();
            return null;
        }
        catch (JournalException e)
        {
            return e.Code;
        }
    }

    /// <summary>True when it was refused; else everything in it was compared with the truth.</summary>
    private static bool RefusedOrTrue(ScratchFolder home, IReadOnlyList<JournalEntry> truth)
    {
        SqliteJournal journal;
        try
        {
            journal = SqliteJournal.Open(home.Journal);
        }
        catch (JournalException e)
        {
            Assert.StartsWith("TEAL1", e.Code);
            return true;
        }
        using (journal)
        {
            var snapshot = journal.LatestSnapshot();
            Assert.True(snapshot is null || snapshot.State == "state " + snapshot.Sequence);
            var from = (int)(snapshot?.Sequence ?? 0);
            Assert.Equal(truth.Skip(from), journal.ReadAfter(from));
            try
            {
                Assert.Equal(truth, journal.ReadAfter(0));
            }
            catch (JournalException e)
            {
                Assert.Contains(e.Code, new[] { "TEAL1104", "TEAL1105" });
                Assert.False(journal.Verify().Ok);
            }
            return false;
        }
    }

    private List<JournalEntry> CleanlyClosed()
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        return Fill(journal);
    }

    /// <summary>As a killed server leaves it: half in the file, half in the WAL.</summary>
    private List<JournalEntry> Killed()
    {
        using var other = new ScratchFolder();
        CleanlyClosed();
        using var journal = SqliteJournal.Open(_home.Journal);
        Fill(journal);
        var truth = journal.ReadAfter(0).ToList();
        foreach (var file in Directory.EnumerateFiles(_home.Path))
        {
            // Through other eyes: a handle closed by this process would drop SQLite's locks.
            using var copy = System.Diagnostics.Process.Start("cp", [file, other.Path]);
            copy.WaitForExit();
        }
        journal.Dispose();
        foreach (var file in Directory.EnumerateFiles(other.Path))
        {
            File.Copy(file, _home[Path.GetFileName(file)], overwrite: true);
        }
        return truth;
    }

    private static List<JournalEntry> Fill(SqliteJournal journal)
    {
        var entries = Enumerable
            .Range(0, Entries)
            .Select(number => journal.Append(JournalTests.Entry(new string('b', number * 7) + number)))
            .ToList();
        foreach (var entry in new[] { entries[Entries / 4], entries[Entries / 2] })
        {
            journal.SaveSnapshot(new JournalSnapshot(entry.Sequence, "state " + entry.Sequence));
        }
        return entries;
    }

    private static void Cut(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
    }
}
