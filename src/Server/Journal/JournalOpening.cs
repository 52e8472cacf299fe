using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>
/// What has to be true of a journal before a server goes on from it. A file that is missing, empty, shortened, older than its mark
/// or not as written is refused by name: there is no start from nothing where something was.
/// </summary>
internal static class JournalOpening
{
    private const int HeaderBytes = 100;
    private const int BusySeconds = 5;

    /// <summary>Connected and with tables, and nothing more known of the content.</summary>
    public static SqliteConnection Connect(JournalFiles files, MarkLine? mark)
    {
        var isNew = RefuseEmpty(files, mark);
        if (!isNew)
        {
            RefuseShortened(files);
        }
        var db = Connection(files.Database, isNew ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
        try
        {
            UseWal(db, files.Database);
            File.SetUnixFileMode(files.Database, Durable.OwnerOnly);
            if (mark is null && JournalSchema.IsBlank(db))
            {
                JournalSchema.Create(db);
            }
            JournalSchema.Check(db, files.Database);
            return db;
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }

    /// <summary>For whoever only reads, beside a running writer or alone.</summary>
    public static SqliteConnection ConnectToRead(string database)
    {
        var db = Connection(database, SqliteOpenMode.ReadOnly);
        try
        {
            JournalSchema.Check(db, database);
            return db;
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }

    /// <summary>The newest good snapshot and the end of the chain, after everything from the one to the other was checked.</summary>
    public static (JournalSnapshot? Snapshot, EntryChain Tail, IReadOnlyList<string> Warnings) Check(
        SqliteConnection db,
        JournalFiles files,
        MarkLine? mark
    )
    {
        var (snapshot, warnings) = JournalSnapshots.Newest(db);
        var tail = JournalRows.ChainAt(db, snapshot?.Sequence ?? 0)!.Value;
        foreach (var entry in JournalRows.Follow(db, tail, files.Database))
        {
            tail = EntryChain.At(entry);
        }
        // Counting reads every page of the entries before the snapshot too, though not what is written in them: that is Verify's.
        var count = JournalRows.Count(db);
        if (count != tail.Sequence)
        {
            throw JournalFault.Damaged(files.Database, $"{count} entries are there and the last one is number {tail.Sequence}");
        }
        RefuseBehind(db, files, mark, tail);
        return (snapshot, tail, warnings);
    }

    private static SqliteConnection Connection(string database, SqliteOpenMode mode)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = database,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        };
        var db = new SqliteConnection(settings.ToString());
        try
        {
            db.Open();
            db.Execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
            return db;
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }

    private static void UseWal(SqliteConnection db, string path)
    {
        using var command = db.Command("PRAGMA journal_mode = WAL");
        if (command.ExecuteScalar() is not "wal")
        {
            throw JournalFault.NoWal(path);
        }
        db.Execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;");
    }

    /// <summary>True when there never was a journal here.</summary>
    private static bool RefuseEmpty(JournalFiles files, MarkLine? mark)
    {
        if (LengthOf(files.Database) > 0)
        {
            return false;
        }
        if (mark is not null)
        {
            throw JournalFault.Missing(files.Database, mark.Sequence);
        }
        return LengthOf(files.Wal) == 0 ? true : throw JournalFault.NoMark(files.Database, $"{files.Wal} is there without its journal");
    }

    /// <summary>
    /// After a clean close the file is as long as its header says. With a WAL beside it the header may be ahead, and the mark and
    /// the count decide. Read before SQLite opens it: closing any other handle of the file would drop SQLite's locks.
    /// </summary>
    private static void RefuseShortened(JournalFiles files)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        using (var file = File.OpenHandle(files.Database))
        {
            if (RandomAccess.Read(file, header, 0) < HeaderBytes || !header.StartsWith("SQLite format 3\0"u8))
            {
                throw JournalFault.NotAJournal(files.Database);
            }
        }
        long pageBytes = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        var expected = (pageBytes == 1 ? 65536 : pageBytes) * BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        var length = LengthOf(files.Database);
        if (length != expected && LengthOf(files.Wal) == 0)
        {
            throw JournalFault.Damaged(files.Database, $"it is {length} bytes long and was {expected}");
        }
    }

    private static void RefuseBehind(SqliteConnection db, JournalFiles files, MarkLine? mark, EntryChain tail)
    {
        if (mark is null)
        {
            // Without entries nothing was ever acknowledged: the first start was killed before its mark.
            if (tail.Sequence > 0)
            {
                throw JournalFault.NoMark(files.Database, $"{files.Mark} is missing");
            }
            return;
        }
        if (tail.Sequence < mark.Sequence)
        {
            throw JournalFault.Behind(files.Database, $"it ends at entry {tail.Sequence}, and {mark.Sequence} were written");
        }
        if (JournalRows.ChainAt(db, mark.Sequence)?.Hash != mark.Hash)
        {
            throw JournalFault.Behind(files.Database, $"entry {mark.Sequence} is another one than was written");
        }
        if (JournalRows.NewestFence(db) < mark.Fence)
        {
            throw JournalFault.Behind(files.Database, "it is older than the last start of the server");
        }
    }

    private static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
