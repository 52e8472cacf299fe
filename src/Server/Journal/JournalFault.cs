using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>Every way in which a journal fails, with its code and the command that helps.</summary>
internal static class JournalFault
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int SqliteNotADatabase = 26;
    private const int NoSpaceLeft = 28;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>Runs the act; a failing disk or file becomes a <see cref="JournalException"/> that names <paramref name="path"/>.</summary>
    public static T Naming<T>(string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (SqliteException e)
        {
            throw Of(e, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Of(e, path);
        }
    }

    public static JournalException Held(string path, string holder) =>
        new(
            "TEAL1001",
            $"{holder} already runs on {Path.GetDirectoryName(path)}: one server at a time. Stop it first, or give this one its own TEAL_HOME."
        );

    public static JournalException Missing(string path, long entries) =>
        new("TEAL1101", $"{path} is missing or empty, but it held {entries} entries. Nothing was started. {Restore}");

    public static JournalException NotAJournal(string path) =>
        new("TEAL1102", $"{path} is not a journal of Teal. Nothing was started. {Restore}");

    public static JournalException Newer(string path, long schema, long known) =>
        new(
            "TEAL1103",
            $"{path} was written by a newer Teal (schema {schema}, this one knows {known}). Run that version, or restore a backup made with this one: `teal server restore FILE`."
        );

    public static JournalException Damaged(string path, string why, Exception? inner = null) =>
        new("TEAL1104", $"{path} is damaged: {why}. {Restore}", inner);

    public static JournalException Broken(string path, long sequence, string why) =>
        new("TEAL1105", $"{path} is not what was written: entry {sequence}: {why}. {Restore}");

    public static JournalException Behind(string path, string why) =>
        new(
            "TEAL1106",
            $"{path} has lost entries: {why}. Nothing was started. {Restore} To go on with what is left: `teal server restore {path}`."
        );

    public static JournalException NoMark(string path, string why) =>
        new(
            "TEAL1107",
            $"{why}, so it cannot be told whether {path} is whole. {Restore} To go on with the journal as it is: `teal server restore {path}`."
        );

    public static JournalException NoWal(string path) =>
        new("TEAL1006", $"{path} lies on a file system without shared memory (a network mount?). Put TEAL_HOME on a local disk.");

    public static JournalException FencedOut(long fence, long newest) =>
        new("TEAL1201", $"fenced out: writer {newest} took over from this one ({fence}). Nothing more is written here; stop this server.");

    public static JournalException TooLarge(string kind, long characters, long limit) =>
        new("TEAL1202", $"an entry {kind} of {characters} characters is over the limit of {limit}; it was not appended.");

    private const string Restore = "`teal server restore FILE` brings a backup back.";

    private static JournalException Of(SqliteException e, string path) =>
        e.SqliteErrorCode switch
        {
            SqliteFull => Full(path, e),
            SqliteReadOnly or SqliteCannotOpen => Unwritable(path, e),
            SqliteCorrupt => Damaged(path, "SQLite cannot read it", e),
            SqliteNotADatabase => NotAJournal(path),
            SqliteBusy or SqliteLocked => new("TEAL1005", $"{path} is being used by another program, which did not let go in time.", e),
            _ => Unusable(path, e),
        };

    private static JournalException Of(Exception e, string path) =>
        Errno(e) switch
        {
            NoSpaceLeft => Full(path, e),
            ReadOnlyFileSystem => Unwritable(path, e),
            _ => e is UnauthorizedAccessException ? Unwritable(path, e) : Unusable(path, e),
        };

    private static int Errno(Exception e) =>
        e.InnerException is System.ComponentModel.Win32Exception native ? native.NativeErrorCode : e.HResult;

    private static JournalException Unwritable(string path, Exception e) =>
        new("TEAL1002", $"{path} cannot be opened for writing: {e.Message} Check the owner, the mode and the mount of its folder.", e);

    private static JournalException Full(string path, Exception e) =>
        new("TEAL1003", $"The disk that holds {path} is full. Nothing was recorded; free some space and repeat the command.", e);

    private static JournalException Unusable(string path, Exception e) =>
        new("TEAL1004", $"{path}: the disk failed: {e.Message} Check it; if the journal is lost: {Restore}", e);
}
