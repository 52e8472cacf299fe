using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>
/// Folds kept beside the entries so that a start need not begin at the first. A snapshot is only a shortcut: one that does not
/// fit its checksum, or the entry it stands on, is passed over and the fold begins earlier.
/// </summary>
internal static class JournalSnapshots
{
    private const int Kept = 3;

    public static void Save(SqliteConnection db, JournalSnapshot snapshot, EntryChain at)
    {
        db.Execute(
            "INSERT OR REPLACE INTO snapshots (sequence, entry_hash, checksum, state) VALUES ($sequence, $entry, $checksum, $state)",
            ("$sequence", snapshot.Sequence),
            ("$entry", at.Hash),
            ("$checksum", EntryChain.ChecksumOf(snapshot.Sequence, at.Hash, snapshot.State)),
            ("$state", snapshot.State)
        );
        db.Execute(
            "DELETE FROM snapshots WHERE sequence NOT IN (SELECT sequence FROM snapshots ORDER BY sequence DESC LIMIT $kept)",
            ("$kept", Kept)
        );
    }

    /// <summary>The newest good one, or null, and a sentence for each that was passed over.</summary>
    public static (JournalSnapshot? Snapshot, IReadOnlyList<string> PassedOver) Newest(SqliteConnection db)
    {
        var passedOver = new List<string>();
        try
        {
            foreach (var sequence in Sequences(db))
            {
                if (Read(db, sequence) is { } snapshot)
                {
                    return (snapshot, passedOver);
                }
                passedOver.Add(
                    string.Create(CultureInfo.InvariantCulture, $"The snapshot at entry {sequence} is damaged; the start took longer.")
                );
            }
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException or InvalidOperationException)
        {
            passedOver.Add("The snapshots cannot be read; the start took longer: " + e.Message);
        }
        return (null, passedOver);
    }

    private static List<long> Sequences(SqliteConnection db)
    {
        using var command = db.Command("SELECT sequence FROM snapshots ORDER BY sequence DESC");
        using var row = command.ExecuteReader();
        var sequences = new List<long>();
        while (row.Read())
        {
            sequences.Add(row.GetInt64(0));
        }
        return sequences;
    }

    private static JournalSnapshot? Read(SqliteConnection db, long sequence)
    {
        using var command = db.Command(
            "SELECT entry_hash, checksum, state FROM snapshots WHERE sequence = $sequence",
            ("$sequence", sequence)
        );
        using var row = command.ExecuteReader();
        if (!row.Read() || JournalRows.ChainAt(db, sequence) is not { } at || at.Hash != row.GetString(0))
        {
            return null;
        }
        var state = row.GetString(2);
        return row.GetString(1) == EntryChain.ChecksumOf(sequence, at.Hash, state) ? new JournalSnapshot(sequence, state) : null;
    }
}
