namespace Teal.Cli;

/// <summary>The known name that a mistyped one was probably meant to be.</summary>
internal static class Nearest
{
    public static string? To(string mistyped, IEnumerable<string> known)
    {
        var nearest = known.Select(name => (Name: name, Distance: Distance(mistyped, name))).MinBy(pair => pair.Distance);
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, nearest.Name.Length / 3) ? nearest.Name : null;
    }

    // Levenshtein's distance, row by row; words longer than this are no typing slips.
    private static int Distance(string first, string second)
    {
        if (first.Length > 40)
        {
            return int.MaxValue;
        }
        var row = Enumerable.Range(0, second.Length + 1).ToArray();
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var replaced = diagonal + (first[i - 1] == second[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[second.Length];
    }
}
