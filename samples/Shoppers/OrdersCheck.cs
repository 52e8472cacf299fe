using Microsoft.Data.Sqlite;

namespace Shoppers;

/// <summary>What the shop's database says of the orders that the shoppers remember.</summary>
/// <param name="Lost">Acknowledged, and not there.</param>
/// <param name="Doubled">Seen by the shop more than once.</param>
/// <param name="Strange">There, and never sent or refused.</param>
public sealed record OrdersAnswer(long Acknowledged, long Refused, long Unknown, long Stored, long Lost, long Doubled, long Strange)
{
    public bool IsWhole => Lost == 0 && Doubled == 0 && Strange == 0;
}

/// <summary>Compares the shoppers' memory with the shop's database, order by order.</summary>
public static class OrdersCheck
{
    public static OrdersAnswer Compare(string ordersFile, string database)
    {
        var fates = File.ReadLines(ordersFile).Select(line => line.Split(' ', 2)).ToDictionary(parts => parts[1], parts => parts[0]);
        var stored = Read(database);
        return new OrdersAnswer(
            fates.Values.Count(fate => fate == "acknowledged"),
            fates.Values.Count(fate => fate == "refused"),
            fates.Values.Count(fate => fate == "unknown"),
            stored.Count,
            fates.Count(pair => pair.Value == "acknowledged" && !stored.ContainsKey(pair.Key)),
            stored.Values.Count(seen => seen != 1),
            stored.Keys.Count(id => !fates.TryGetValue(id, out var fate) || fate == "refused")
        );
    }

    private static Dictionary<string, long> Read(string database)
    {
        var connection = new SqliteConnectionStringBuilder
        {
            DataSource = database,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        };
        using var open = new SqliteConnection(connection.ToString());
        open.Open();
        using var command = open.CreateCommand();
        command.CommandText = "SELECT id, seen FROM orders";
        using var reader = command.ExecuteReader();
        var stored = new Dictionary<string, long>();
        while (reader.Read())
        {
            stored.Add(reader.GetString(0), reader.GetInt64(1));
        }
        return stored;
    }
}
