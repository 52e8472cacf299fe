using System.Globalization;

namespace Teal.Cli.Showing;

/// <summary>
/// Times that were measured, rounded for reading: <c>1h02m</c>, <c>12.3s</c>, <c>85ms</c>. What a person wrote is shown as it was
/// written, by <see cref="Teal.Releases.Duration"/>.
/// </summary>
internal static class Elapsed
{
    /// <summary>The two largest units.</summary>
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
}
