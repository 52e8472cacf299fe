using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Teal.Server.Journal;

namespace Teal.Tests.Real.Journal;

public sealed class JournalTests : IDisposable
{
    private static readonly DateTimeOffset SomeTime = new(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2));

    private readonly ScratchFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Entries_come_back_as_they_were_appended_without_a_gap()
    {
        var odd = new NewEntry(SomeTime, "shop", "deploy_requested", "ada", "cli \0 ü 🐬", null, "{\"a\":\"'; DROP TABLE entries\"}");
        using (var journal = SqliteJournal.Open(_home.Journal))
        {
            journal.Append(odd);
            journal.Append(odd with { Reason = "" });
        }
        using var again = SqliteJournal.Open(_home.Journal);
        again.Append(odd with { Reason = "why" });
        var entries = again.ReadAfter(0);
        Assert.Equal([1, 2, 3], entries.Select(entry => entry.Sequence));
        Assert.Equal([null, "", "why"], entries.Select(entry => entry.Reason));
        Assert.Equal([1, 1, 2], entries.Select(entry => entry.Fence));
        Assert.All(entries, entry => Assert.Equal((odd.At, odd.From, odd.Body), (entry.At, entry.From, entry.Body)));
        Assert.Equal(2, again.ReadAfter(1, limit: 1).Single().Sequence);
        Assert.Empty(again.ReadAfter(3));
        Assert.Equal(new JournalCheck(true, 3, null, null, entries[2].Hash), again.Verify());
    }

    [Fact]
    public void The_file_refuses_to_change_or_lose_an_entry()
    {
        Fill(3);
        using var db = Raw();
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => Run(db, "UPDATE entries SET actor = 'eve'")).Message);
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => Run(db, "DELETE FROM entries")).Message);
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => Run(db, "DELETE FROM fences")).Message);
        const string copy = "INTO entries SELECT 2, at, service, kind, actor, \"from\", reason, body, fence, hash FROM entries LIMIT 1";
        Assert.Contains("no gaps", Assert.Throws<SqliteException>(() => Run(db, "INSERT OR REPLACE " + copy)).Message);
    }

    [Fact]
    public void A_changed_entry_is_found_and_never_read()
    {
        Fill(9);
        using (var db = Raw())
        {
            Run(db, "DROP TRIGGER entries_stay; UPDATE entries SET body = 'forged' WHERE sequence = 5");
        }
        using (var reader = JournalReader.Open(_home.Journal))
        {
            var check = reader.Verify();
            Assert.Equal((false, 4L, 5L), (check.Ok, check.Entries, check.FirstBadSequence));
            Assert.Equal("TEAL1105", Assert.Throws<JournalException>(() => reader.ReadAfter(3)).Code);
            Assert.Equal(4, reader.ReadAfter(5).Count);
        }
        Refused("TEAL1105");
    }

    [Fact]
    public void A_fold_begins_at_the_newest_good_snapshot_and_three_are_kept()
    {
        Fill(20);
        using (var journal = SqliteJournal.Open(_home.Journal))
        {
            foreach (var sequence in new[] { 4, 8, 12, 16 })
            {
                journal.SaveSnapshot(new JournalSnapshot(sequence, "state " + sequence));
            }
            Assert.Equal(new JournalSnapshot(16, "state 16"), journal.LatestSnapshot());
        }
        using (var db = Raw())
        {
            Run(db, "UPDATE snapshots SET state = 'state 17' WHERE sequence = 16");
        }
        using (var journal = SqliteJournal.Open(_home.Journal))
        {
            Assert.Equal(new JournalSnapshot(12, "state 12"), journal.LatestSnapshot());
            Assert.Contains("entry 16", Assert.Single(journal.Warnings));
        }
        using (var db = Raw())
        {
            Run(db, "DELETE FROM snapshots WHERE sequence > 8; UPDATE snapshots SET entry_hash = 'x'");
        }
        using var bare = SqliteJournal.Open(_home.Journal);
        Assert.Null(bare.LatestSnapshot());
        Assert.Equal(20, bare.ReadAfter(0).Count);
        Assert.Single(bare.Warnings);
    }

    [Fact]
    public void A_second_server_on_the_same_home_is_refused_and_told_who_holds_it()
    {
        using var child = JournalChild.Start(_home.Journal, "held", int.MaxValue);
        Assert.Equal("open", child.ReadLine());
        var held = Refused("TEAL1001");
        Assert.Contains($"process {child.Pid} ", held.Message);
        Assert.Equal("TEAL1001", Assert.Throws<JournalException>(() => JournalBackup.Restore(_home.Journal, _home.Journal)).Code);
        child.Kill();
        using var journal = SqliteJournal.Open(_home.Journal);
        Assert.Equal(2, journal.Fence);
    }

    [Fact]
    public void A_newer_writer_fences_out_an_older_one()
    {
        using var older = SqliteJournal.Open(_home.Journal);
        older.Append(Entry("a"));
        // Somebody removed the lock file: the lock holds no more, the fence does.
        File.Delete(_home["journal.lock"]);
        using var newer = SqliteJournal.Open(_home.Journal);
        Assert.Equal("TEAL1201", Assert.Throws<JournalException>(() => older.Append(Entry("b"))).Code);
        Assert.Equal("TEAL1201", Assert.Throws<JournalException>(() => older.SaveSnapshot(new JournalSnapshot(1, "s"))).Code);
        Assert.Equal(2, newer.Append(Entry("c")).Sequence);
        Assert.True(newer.Verify().Ok);
    }

    [Fact]
    public void An_entry_over_the_limit_is_refused_and_the_next_one_is_not()
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        var large = Entry(new string('x', SqliteJournal.MostCharacters));
        Assert.Equal("TEAL1202", Assert.Throws<JournalException>(() => journal.Append(large)).Code);
        Assert.Equal(1, journal.Append(Entry("b")).Sequence);
    }

    [Fact]
    public void The_journal_of_a_newer_Teal_is_left_alone()
    {
        Fill(1);
        using (var db = Raw())
        {
            Run(db, "PRAGMA user_version = 2");
        }
        Assert.Contains("schema 2", Refused("TEAL1103").Message);
    }

    [Fact]
    public void A_database_of_somebody_else_is_left_alone()
    {
        using (var db = Raw(SqliteOpenMode.ReadWriteCreate))
        {
            Run(db, "CREATE TABLE t (x)");
        }
        Refused("TEAL1102");
        File.WriteAllText(_home.Journal, new string('?', 5000));
        Refused("TEAL1102");
    }

    [Fact]
    public void Files_are_for_their_owner_only()
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        journal.Append(Entry("a"));
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.All(Directory.EnumerateFiles(_home.Path), file => Assert.Equal(owner, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_start_with_100_000_entries_takes_less_than_a_second()
    {
        const int entries = 100_000;
        FillAtOnce(entries, snapshotAt: entries - 1000);
        // The best of some: the machine may be busy with something else in one of them.
        var sinceSnapshot = TimeSpan.MaxValue;
        for (var i = 0; i < 10 && sinceSnapshot >= TimeSpan.FromSeconds(1); i++)
        {
            var took = TimeToOpen();
            sinceSnapshot = took < sinceSnapshot ? took : sinceSnapshot;
        }
        using (var db = Raw())
        {
            Run(db, "DELETE FROM snapshots");
        }
        var sinceFirst = TimeToOpen();
        using var journal = SqliteJournal.Open(_home.Journal);
        var watch = Stopwatch.StartNew();
        Assert.Equal(entries, journal.Verify().Entries);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{entries} entries, {new FileInfo(_home.Journal).Length >> 20} MiB: open with a snapshot {sinceSnapshot.TotalMilliseconds:F0} ms, "
                + $"without one {sinceFirst.TotalMilliseconds:F0} ms; verify {watch.Elapsed.TotalMilliseconds:F0} ms"
        );
        Assert.InRange(sinceSnapshot, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    internal static NewEntry Entry(string body) => new(SomeTime, "shop", "release", "ada", "cli", "because", body);

    private void Fill(int count)
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        for (var i = 0; i < count; i++)
        {
            journal.Append(Entry("body " + i));
        }
    }

    /// <summary>In one transaction, behind the journal's back: 100,000 appends would be 100,000 flushes.</summary>
    private void FillAtOnce(int count, int snapshotAt)
    {
        SqliteJournal.Open(_home.Journal).Dispose();
        var chain = EntryChain.Start;
        using (var db = Raw())
        using (var transaction = db.BeginTransaction())
        using (var insert = db.CreateCommand())
        {
            insert.CommandText = "INSERT INTO entries VALUES ($sequence, $at, 'shop', 'release', 'ada', 'cli', 'because', $body, 1, $hash)";
            foreach (var name in new[] { "$sequence", "$at", "$body", "$hash" })
            {
                insert.Parameters.AddWithValue(name, "");
            }
            for (var i = 0; i < count; i++)
            {
                var entry = chain.Link(Entry(new string('x', 300) + i), fence: 1);
                insert.Parameters["$sequence"].Value = entry.Sequence;
                insert.Parameters["$at"].Value = entry.At.ToString("O");
                insert.Parameters["$body"].Value = entry.Body;
                insert.Parameters["$hash"].Value = entry.Hash;
                insert.ExecuteNonQuery();
                chain = EntryChain.At(entry);
            }
            transaction.Commit();
        }
        using var journal = SqliteJournal.Open(_home.Journal);
        journal.SaveSnapshot(new JournalSnapshot(snapshotAt, new string('s', 100_000)));
    }

    private TimeSpan TimeToOpen()
    {
        var watch = Stopwatch.StartNew();
        using var journal = SqliteJournal.Open(_home.Journal);
        journal.ReadAfter(journal.LatestSnapshot()?.Sequence ?? 0, int.MaxValue);
        return watch.Elapsed;
    }

    private JournalException Refused(string code)
    {
        var refusal = Assert.Throws<JournalException>(() => SqliteJournal.Open(_home.Journal).Dispose());
        Assert.Equal(code, refusal.Code);
        return refusal;
    }

    private SqliteConnection Raw(SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        var db = new SqliteConnection($"Data Source={_home.Journal};Mode={mode};Pooling=False");
        db.Open();
        return db;
    }

    private static void Run(SqliteConnection db, string sql)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
