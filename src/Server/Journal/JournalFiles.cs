namespace Teal.Server.Journal;

/// <summary>The journal's file and what stands beside it.</summary>
/// <param name="Database"><c>$TEAL_HOME/journal.db</c>, absolute.</param>
public sealed record JournalFiles(string Database)
{
    /// <summary>How far the journal had come: what tells an older or shortened file from the true one.</summary>
    public string Mark => Path.ChangeExtension(Database, ".mark");

    public string Lock => Path.ChangeExtension(Database, ".lock");

    /// <summary>SQLite's own: entries that are on disk and not yet in the database file.</summary>
    public string Wal => Database + "-wal";

    public string Shm => Database + "-shm";

    public string Folder => Path.GetDirectoryName(Database)!;

    public static JournalFiles At(string database) => new(Path.GetFullPath(database));
}
