using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>
/// Reads a journal beside its writer, from any thread, one reader each: the audit trail, a verification. Takes no lock that a
/// writer waits for.
/// </summary>
/// <exception cref="JournalException">From every member.</exception>
public sealed class JournalReader : IDisposable
{
    private readonly string _database;
    private readonly SqliteConnection _db;

    private JournalReader(string database, SqliteConnection db) => (_database, _db) = (database, db);

    public static JournalReader Open(string database)
    {
        var path = Path.GetFullPath(database);
        return JournalFault.Naming(path, () => new JournalReader(path, JournalOpening.ConnectToRead(path)));
    }

    /// <summary>Entries with a higher sequence, in order, at most <paramref name="limit"/>, each checked against the chain.</summary>
    public IReadOnlyList<JournalEntry> ReadAfter(long sequence, int limit = 1000) =>
        JournalFault.Naming(_database, () => ReadAfter(_db, _database, sequence, limit));

    public JournalCheck Verify() => JournalCheck.Of(_db, _database);

    public void Dispose() => _db.Dispose();

    internal static IReadOnlyList<JournalEntry> ReadAfter(SqliteConnection db, string path, long sequence, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        // After the end there is nothing to read and nothing to check.
        return JournalRows.ChainAt(db, sequence) is { } chain ? [.. JournalRows.Follow(db, chain, path, limit)] : [];
    }
}

/// <param name="Entries">Good entries from the first on.</param>
/// <param name="FirstBadSequence">The first that is missing, changed or cannot be read; null when all are good.</param>
/// <param name="Why">A sentence, when not all is good.</param>
/// <param name="Hash">Of the last good entry: whoever notes it elsewhere can prove later that nothing before it was changed.</param>
public sealed record JournalCheck(bool Ok, long Entries, long? FirstBadSequence, string? Why, string Hash)
{
    internal static JournalCheck Of(SqliteConnection db, string path)
    {
        var chain = EntryChain.Start;
        try
        {
            // One world for walking and counting: the writer goes on meanwhile.
            using var snapshot = db.BeginTransaction(deferred: true);
            foreach (var entry in JournalRows.Follow(db, chain, path))
            {
                chain = EntryChain.At(entry);
            }
            var count = JournalRows.Count(db);
            return count == chain.Sequence
                ? new(true, count, null, null, chain.Hash)
                : Bad(chain, $"{count} entries are there and the last one is number {chain.Sequence}");
        }
        catch (Exception e) when (e is JournalException or SqliteException)
        {
            return Bad(chain, e.Message);
        }
    }

    private static JournalCheck Bad(EntryChain good, string why) => new(false, good.Sequence, good.Sequence + 1, why, good.Hash);
}
