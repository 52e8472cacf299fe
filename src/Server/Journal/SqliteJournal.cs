using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>
/// The journal in one SQLite file (WAL, synchronous FULL). What holds, whatever happens to the process or the file: an open either
/// refuses by name or goes on with every entry that was acknowledged, each checked against the hash chain from the newest
/// snapshot on; older ones are checked when they are read, and all of them by <see cref="Verify"/>. After a power cut the mark may
/// be older than the last entries, and then a file that lost exactly these is not told from a whole one.
/// </summary>
public sealed class SqliteJournal : IJournal
{
    /// <summary>Characters in all fields of one entry.</summary>
    public const int MostCharacters = 16 << 20;

    private readonly JournalFiles _files;
    private readonly ProcessLock _lock;
    private readonly SqliteConnection _db;
    private readonly JournalMark _mark;
    private JournalSnapshot? _snapshot;
    private bool _isDisposed;

    private SqliteJournal(JournalFiles files, ProcessLock held, SqliteConnection db, MarkLine? mark)
    {
        var (snapshot, tail, warnings) = JournalOpening.Check(db, files, mark);
        (_files, _lock, _db, _snapshot, Warnings) = (files, held, db, snapshot, warnings);
        Fence = TakeFence();
        _mark = JournalMark.Write(files, new MarkLine(tail.Sequence, Fence, tail.Hash));
    }

    public long Fence { get; }

    /// <summary>What was not as it should be at open and could be passed over: sentences for a person.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Opens for writing; creates the file only where there never was one.</summary>
    /// <exception cref="JournalException">TEAL1001 held by another process, TEAL1002 … TEAL1107 as <see cref="JournalFault"/> says.</exception>
    public static SqliteJournal Open(string database)
    {
        var files = JournalFiles.At(database);
        var held = ProcessLock.Take(files.Lock);
        try
        {
            return JournalFault.Naming(files.Database, () => Open(files, held));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// When it throws, nothing was appended as far as this process goes, and the next append works again when the disk does. If the
    /// process dies right then, a restart may still find the entry: it was whole, and only its flush was not confirmed.
    /// </summary>
    public JournalEntry Append(NewEntry entry)
    {
        RefuseTooLarge(entry);
        var appended = JournalFault.Naming(
            _files.Database,
            () =>
                Write(tail =>
                {
                    var next = tail.Link(entry, Fence);
                    JournalRows.Insert(_db, next);
                    return next;
                })
        );
        _mark.Advance(new MarkLine(appended.Sequence, Fence, appended.Hash));
        return appended;
    }

    public IReadOnlyList<JournalEntry> ReadAfter(long sequence, int limit = 1000) =>
        JournalFault.Naming(_files.Database, () => JournalReader.ReadAfter(_db, _files.Database, sequence, limit));

    public JournalSnapshot? LatestSnapshot() => _snapshot;

    public void SaveSnapshot(JournalSnapshot snapshot)
    {
        _snapshot = JournalFault.Naming(
            _files.Database,
            () =>
                Write(_ =>
                {
                    var at = JournalRows.ChainAt(_db, snapshot.Sequence) ?? throw new ArgumentOutOfRangeException(nameof(snapshot));
                    JournalSnapshots.Save(_db, snapshot, at);
                    return snapshot;
                })
        );
        _mark.Flush();
    }

    /// <summary>Checks every entry from the first. Reads all of the file: seconds for millions of entries.</summary>
    public JournalCheck Verify() => JournalCheck.Of(_db, _files.Database);

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        _mark.Flush();
        _mark.Dispose();
        // The last connection that closes moves the WAL into the file and removes it.
        _db.Dispose();
        _lock.Dispose();
    }

    private static SqliteJournal Open(JournalFiles files, ProcessLock held)
    {
        var mark = JournalMark.Read(files);
        var db = JournalOpening.Connect(files, mark);
        try
        {
            return new SqliteJournal(files, held, db, mark);
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }

    private long TakeFence()
    {
        using var transaction = _db.BeginTransaction(deferred: false);
        var fence = JournalRows.NewestFence(_db) + 1;
        _db.Execute("INSERT INTO fences (fence, pid) VALUES ($fence, $pid)", ("$fence", fence), ("$pid", Environment.ProcessId));
        transaction.Commit();
        return fence;
    }

    /// <summary>One transaction, from the end of the chain as the file has it: an earlier append may have failed half-way.</summary>
    private T Write<T>(Func<EntryChain, T> write)
    {
        using var transaction = _db.BeginTransaction(deferred: false);
        var newest = JournalRows.NewestFence(_db);
        if (newest != Fence)
        {
            throw JournalFault.FencedOut(Fence, newest);
        }
        var written = write(JournalRows.Tail(_db));
        transaction.Commit();
        return written;
    }

    private static void RefuseTooLarge(NewEntry entry)
    {
        var characters =
            (long)entry.Service.Length
            + entry.Kind.Length
            + entry.Actor.Length
            + entry.From.Length
            + (entry.Reason?.Length ?? 0)
            + entry.Body.Length;
        if (characters > MostCharacters)
        {
            throw JournalFault.TooLarge(entry.Kind, characters, MostCharacters);
        }
    }
}
