using System.Globalization;

namespace Teal.Cli;

/// <summary>Durations as people write them: <c>500ms</c>, <c>30s</c>, <c>1h30m</c>, <c>90d</c>. A number without a unit is refused.</summary>
internal static class Duration
{
    private static readonly (string Suffix, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
    ];

    public static TimeSpan? Parse(string text)
    {
        var total = 0.0;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 9 || UnitAt(rest[digits..]) is not { } unit)
            {
                return null;
            }
            total += unit.Length.TotalMilliseconds * int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[(digits + unit.Suffix.Length)..];
        }
        return total > 0 && total <= TimeSpan.FromDays(3650).TotalMilliseconds ? TimeSpan.FromMilliseconds(total) : null;
    }

    /// <summary>The two largest units: <c>1h02m</c>, <c>12.3s</c>, <c>85ms</c>.</summary>
    public static string Text(TimeSpan duration) =>
        duration switch
        {
            { Ticks: < 0 } => "0s",
            { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0}ms"),
            { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#}s"),
            { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}m{duration.Seconds:00}s"),
            { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.Hours}h{duration.Minutes:00}m"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{duration.Days}d{duration.Hours:00}h"),
        };

    private static (string Suffix, TimeSpan Length)? UnitAt(ReadOnlySpan<char> text)
    {
        foreach (var unit in Units)
        {
            if (text.StartsWith(unit.Suffix, StringComparison.Ordinal))
            {
                return unit;
            }
        }
        return null;
    }
}
