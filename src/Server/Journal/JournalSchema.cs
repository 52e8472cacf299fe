using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Teal.Server.Journal;

/// <summary>The tables of the journal, and how a file is known to be one.</summary>
internal static class JournalSchema
{
    /// <summary>"Teal" in ASCII, in the header of the file.</summary>
    public const long ApplicationId = 0x5465616c;

    /// <summary>Raised with every change of the tables; a higher one in a file means that a newer Teal wrote it.</summary>
    public const long Version = 1;

    private static readonly string Tables = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {Version};
        CREATE TABLE entries (
            sequence INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            service TEXT NOT NULL,
            kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            "from" TEXT NOT NULL,
            reason TEXT,
            body TEXT NOT NULL,
            fence INTEGER NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        CREATE TABLE fences (fence INTEGER PRIMARY KEY, pid INTEGER NOT NULL) STRICT;
        CREATE TABLE snapshots (
            sequence INTEGER PRIMARY KEY,
            entry_hash TEXT NOT NULL,
            checksum TEXT NOT NULL,
            state TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
            WHEN new.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM entries)
            BEGIN SELECT raise(ABORT, 'the journal has no gaps'); END;
        CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER fences_stay BEFORE UPDATE ON fences BEGIN SELECT raise(ABORT, 'fences are append-only'); END;
        CREATE TRIGGER fences_remain BEFORE DELETE ON fences BEGIN SELECT raise(ABORT, 'fences are append-only'); END;
        """
    );

    public static void Create(SqliteConnection db)
    {
        using var transaction = db.BeginTransaction(deferred: false);
        db.Execute(Tables);
        transaction.Commit();
    }

    /// <summary>True when nothing was ever created in it: a first start, or one that was killed before it came this far.</summary>
    public static bool IsBlank(SqliteConnection db) =>
        db.Number("PRAGMA application_id") == 0 && db.Number("SELECT count(*) FROM sqlite_schema") == 0;

    /// <exception cref="JournalException">TEAL1102: not a journal · TEAL1103: of a newer Teal.</exception>
    public static void Check(SqliteConnection db, string path)
    {
        if (db.Number("PRAGMA application_id") != ApplicationId)
        {
            throw JournalFault.NotAJournal(path);
        }
        var schema = db.Number("PRAGMA user_version");
        if (schema > Version)
        {
            throw JournalFault.Newer(path, schema, Version);
        }
    }
}

/// <summary>The three shapes in which a statement is used here.</summary>
internal static class SqliteStatements
{
    public static void Execute(this SqliteConnection db, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = db.Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    public static long Number(this SqliteConnection db, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = db.Command(sql, parameters);
        return command.ExecuteScalar() as long? ?? 0;
    }

    public static SqliteCommand Command(this SqliteConnection db, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = db.CreateCommand();
#pragma warning disable CA2100 // every statement is a constant of this folder
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command;
    }
}
