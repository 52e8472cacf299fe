using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>Reads and writes the rows of an open journal. What it hands out was checked against the hash chain first.</summary>
internal static class JournalRows
{
    private const string Columns = "sequence, at, service, kind, actor, \"from\", reason, body, fence, hash";

    public static long Count(SqliteConnection db) => db.Number("SELECT count(*) FROM entries");

    public static long NewestFence(SqliteConnection db) => db.Number("SELECT coalesce(max(fence), 0) FROM fences");

    public static EntryChain Tail(SqliteConnection db)
    {
        using var command = db.Command("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1");
        using var row = command.ExecuteReader();
        return row.Read() ? new EntryChain(row.GetInt64(0), row.GetString(1)) : EntryChain.Start;
    }

    /// <summary>The chain as it stood after <paramref name="sequence"/>; null when that entry is not there.</summary>
    public static EntryChain? ChainAt(SqliteConnection db, long sequence)
    {
        if (sequence == 0)
        {
            return EntryChain.Start;
        }
        using var command = db.Command("SELECT hash FROM entries WHERE sequence = $sequence", ("$sequence", sequence));
        return command.ExecuteScalar() is string hash ? new EntryChain(sequence, hash) : null;
    }

    /// <summary>The entries that follow <paramref name="chain"/>, each checked before it is handed out.</summary>
    /// <exception cref="JournalException">TEAL1105: an entry is not what was appended.</exception>
    public static IEnumerable<JournalEntry> Follow(SqliteConnection db, EntryChain chain, string path, long limit = long.MaxValue)
    {
        using var command = db.Command(
            $"SELECT {Columns} FROM entries WHERE sequence > $after ORDER BY sequence LIMIT $limit",
            ("$after", chain.Sequence),
            ("$limit", limit)
        );
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var entry = Entry(row, chain, path);
            if (chain.WhyNot(entry) is { } why)
            {
                throw JournalFault.Broken(path, chain.Sequence + 1, why);
            }
            chain = EntryChain.At(entry);
            yield return entry;
        }
    }

    public static void Insert(SqliteConnection db, JournalEntry entry) =>
        db.Execute(
            $"INSERT INTO entries ({Columns}) VALUES ($sequence, $at, $service, $kind, $actor, $from, $reason, $body, $fence, $hash)",
            ("$sequence", entry.Sequence),
            ("$at", entry.At.ToString("O", CultureInfo.InvariantCulture)),
            ("$service", entry.Service),
            ("$kind", entry.Kind),
            ("$actor", entry.Actor),
            ("$from", entry.From),
            ("$reason", entry.Reason),
            ("$body", entry.Body),
            ("$fence", entry.Fence),
            ("$hash", entry.Hash)
        );

    private static JournalEntry Entry(SqliteDataReader row, EntryChain chain, string path)
    {
        try
        {
            return new JournalEntry(
                row.GetInt64(0),
                DateTimeOffset.ParseExact(row.GetString(1), "O", CultureInfo.InvariantCulture),
                row.GetString(2),
                row.GetString(3),
                row.GetString(4),
                row.GetString(5),
                row.IsDBNull(6) ? null : row.GetString(6),
                row.GetString(7),
                row.GetInt64(8),
                row.GetString(9)
            );
        }
        // A flipped bit can turn a text into a number, or the end of it into another one.
        catch (Exception e) when (e is InvalidCastException or InvalidOperationException or FormatException)
        {
            throw JournalFault.Broken(path, chain.Sequence + 1, "it cannot be read");
        }
    }
}
