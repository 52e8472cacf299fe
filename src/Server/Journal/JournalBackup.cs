using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>Copies that are checked before they count: out of a running server, and back into a stopped one.</summary>
public static class JournalBackup
{
    private const int MostReplaced = 1000;

    /// <summary>
    /// Writes a whole, checked copy to <paramref name="target"/> while the server appends: all entries up to some moment during the
    /// call. It appears under its name only when it is complete and on disk.
    /// </summary>
    /// <exception cref="JournalException">TEAL1301: the target exists · TEAL1302: what was copied is not good.</exception>
    public static JournalCheck Backup(string database, string target)
    {
        var path = Path.GetFullPath(target);
        if (Path.Exists(path))
        {
            throw new JournalException("TEAL1301", $"{path} exists already; a backup never replaces a file. Choose another name.");
        }
        var partial = path + ".partial";
        var check = CopyChecked(Path.GetFullPath(database), partial);
        return JournalFault.Naming(
            path,
            () =>
            {
                Durable.Rename(partial, path);
                return check;
            }
        );
    }

    /// <summary>
    /// Puts a backup in the journal's place and returns the name under which the replaced one was kept, or null. Refused while a
    /// server runs. Given the journal's own file it checks it and accepts it as it is, with a new mark. A crash half-way leaves a
    /// home that refuses to start until this is repeated.
    /// </summary>
    /// <exception cref="JournalException">TEAL1001: a server runs · TEAL1302: the file is not a whole journal.</exception>
    public static (JournalCheck Check, string? Replaced) Restore(string backup, string database)
    {
        var files = JournalFiles.At(database);
        using var held = ProcessLock.Take(files.Lock);
        var restored = files.Database + ".restoring";
        var check = CopyChecked(Path.GetFullPath(backup), restored);
        return JournalFault.Naming(
            files.Database,
            () =>
            {
                var fence = RaiseFence(restored, files);
                var replaced = SetAside(files);
                Durable.Rename(restored, files.Database);
                JournalMark.Write(files, new MarkLine(check.Entries, fence, check.Hash)).Dispose();
                return (check, replaced);
            }
        );
    }

    private static JournalCheck CopyChecked(string from, string to) =>
        JournalFault.Naming(
            from,
            () =>
            {
                if (!File.Exists(from))
                {
                    throw new JournalException("TEAL1302", $"{from} is not there; nothing was changed.");
                }
                File.Delete(to);
                using (var source = JournalOpening.ConnectToRead(from))
                {
                    source.Execute("VACUUM INTO $to", ("$to", to));
                }
                var check = CheckOf(to);
                if (!check.Ok)
                {
                    File.Delete(to);
                    throw new JournalException("TEAL1302", $"{from} is not a whole journal: {check.Why} Nothing was changed.");
                }
                File.SetUnixFileMode(to, Durable.OwnerOnly);
                Durable.FlushFile(to);
                return check;
            }
        );

    private static JournalCheck CheckOf(string database)
    {
        using var reader = JournalReader.Open(database);
        return reader.Verify();
    }

    /// <summary>No writer that comes after may have a number that an earlier one of this home had.</summary>
    private static long RaiseFence(string restored, JournalFiles files)
    {
        using var db = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = restored, Pooling = false }.ToString());
        db.Open();
        var own = JournalRows.NewestFence(db);
        var fence = Math.Max(own, LastFenceOf(files));
        if (fence > own)
        {
            db.Execute("INSERT INTO fences (fence, pid) VALUES ($fence, 0)", ("$fence", fence));
        }
        return fence;
    }

    private static long LastFenceOf(JournalFiles files)
    {
        try
        {
            return JournalMark.Read(files)?.Fence ?? 0;
        }
        // A damaged mark may be the very reason for restoring.
        catch (JournalException)
        {
            return 0;
        }
    }

    /// <summary>Kept with its WAL, so that it can still be opened and read.</summary>
    private static string? SetAside(JournalFiles files)
    {
        if (!File.Exists(files.Database))
        {
            return null;
        }
        var aside = Enumerable
            .Range(1, MostReplaced)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{files.Database}.replaced-{number}"))
            .First(name => !Path.Exists(name));
        // The WAL goes first: a journal without it is shorter than its mark and refused, a WAL with another journal is chaos.
        foreach (var (from, to) in new[] { (files.Wal, aside + "-wal"), (files.Database, aside) })
        {
            if (File.Exists(from))
            {
                File.Move(from, to);
            }
        }
        File.Delete(files.Shm);
        Durable.FlushFolder(files.Folder);
        return aside;
    }
}
