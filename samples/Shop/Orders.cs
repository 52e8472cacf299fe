using Microsoft.Data.Sqlite;

namespace Shop;

/// <summary>
/// The orders of all versions, in one SQLite file. The client names the order, so that one sent twice is one order; how often each
/// was seen is kept, so that a proxy that repeats a POST is found out.
/// </summary>
internal sealed class Orders
{
    private readonly string _connection;

    public Orders(string path)
    {
        _connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        // Instances start at the same time: the statements may meet, and each may run many times.
        Execute(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS orders (
                id       TEXT PRIMARY KEY,
                product  TEXT NOT NULL,
                quantity INTEGER NOT NULL,
                version  TEXT NOT NULL,
                seen     INTEGER NOT NULL
            );
            """
        );
    }

    /// <returns>How often the order was seen, this time included: 1 for a new one.</returns>
    public long Take(NewOrder order, string version)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO orders (id, product, quantity, version, seen) VALUES ($id, $product, $quantity, $version, 1)
            ON CONFLICT (id) DO UPDATE SET seen = seen + 1
            RETURNING seen
            """;
        command.Parameters.AddWithValue("$id", order.Id);
        command.Parameters.AddWithValue("$product", order.Product);
        command.Parameters.AddWithValue("$quantity", order.Quantity);
        command.Parameters.AddWithValue("$version", version);
        return (long)command.ExecuteScalar()!;
    }

    public OrderCount Count()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*), coalesce(sum(seen > 1), 0) FROM orders";
        using var reader = command.ExecuteReader();
        reader.Read();
        return new OrderCount(reader.GetInt64(0), reader.GetInt64(1));
    }

    private void Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        // A crash of the shop loses nothing with NORMAL; a crash of the machine is not what the sample is about.
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous = NORMAL";
        command.ExecuteNonQuery();
        return connection;
    }
}
