using System.Globalization;
using System.Text;

namespace Teal.Releases;

/// <summary>Lengths of time as people write them: <c>100ms</c>, <c>30s</c>, <c>1m30s</c>, <c>1h</c>, <c>7d</c>.</summary>
public static class Duration
{
    internal const string Pattern = "(?=[0-9])([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?";

    private static readonly TimeSpan[] Units =
    [
        TimeSpan.FromDays(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromSeconds(1),
        TimeSpan.FromMilliseconds(1),
    ];

    private static readonly List<string> Suffixes = ["d", "h", "m", "s", "ms"];

    /// <summary>Every part carries its unit, larger units first, each at most once, no fractions.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        for (var least = 0; !rest.IsEmpty; )
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9)
            {
                return false;
            }
            var letters = rest[digits..].IndexOfAnyInRange('0', '9') is var next and > 0 ? next : rest.Length - digits;
            var unit = Suffixes.IndexOf(rest.Slice(digits, letters).ToString());
            if (unit < least)
            {
                return false;
            }
            var count = int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            if (count > (TimeSpan.MaxValue - duration) / Units[unit])
            {
                return false;
            }
            duration += Units[unit] * count;
            least = unit + 1;
            rest = rest[(digits + letters)..];
        }
        return !string.IsNullOrEmpty(text);
    }

    /// <summary>The shortest writing; what is shorter than a millisecond is left out.</summary>
    public static string Text(TimeSpan duration)
    {
        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        var rest = duration.Duration();
        for (var unit = 0; unit < Units.Length; unit++)
        {
            var count = rest.Ticks / Units[unit].Ticks;
            rest -= Units[unit] * count;
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{Suffixes[unit]}");
            }
        }
        return text.Length is 0 or 1 && rest == duration.Duration() ? "0s" : text.ToString();
    }
}

/// <summary>Amounts of bytes as people write them: <c>10MB</c> (powers of 1000), <c>1GiB</c> (powers of 1024).</summary>
public static class ByteSize
{
    internal const string Pattern = "([0-9]{1,9})(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)";

    private static readonly (string Suffix, long Bytes)[] Units =
    [
        ("TiB", 1L << 40),
        ("TB", 1_000_000_000_000),
        ("GiB", 1L << 30),
        ("GB", 1_000_000_000),
        ("MiB", 1L << 20),
        ("MB", 1_000_000),
        ("KiB", 1L << 10),
        ("KB", 1_000),
        ("B", 1),
    ];

    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var unit = digits is < 1 or > 9 ? default : Array.Find(Units, unit => unit.Suffix == text![digits..]);
        if (unit.Bytes == 0)
        {
            return false;
        }
        var count = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        if (count > long.MaxValue / unit.Bytes)
        {
            return false;
        }
        bytes = count * unit.Bytes;
        return true;
    }

    /// <summary>Exact, in the largest unit that divides it.</summary>
    public static string Text(long bytes)
    {
        var unit = bytes == 0 ? Units[^1] : Units.First(unit => bytes % unit.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit.Bytes}{unit.Suffix}");
    }
}
