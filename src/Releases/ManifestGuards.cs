using System.Globalization;
using Teal.Analysis;

namespace Teal.Releases;

/// <summary>One way to write a guard: a metric, the limits it takes, and how the limit's value is written.</summary>
/// <param name="Words">What the value has to be, for the error.</param>
/// <param name="Example">A value that is taken.</param>
/// <param name="Parse">The value in the units of <see cref="GuardLimit"/>; null when it is not one.</param>
internal sealed record GuardForm(
    IReadOnlyList<GuardMetric> Metrics,
    GuardLimit Limit,
    string Words,
    string Pattern,
    string Example,
    string Meaning,
    Func<string, double?> Parse
)
{
    private const string PercentPattern = @"[0-9]{1,5}(\.[0-9]{1,4})?%";
    private const string RatioPattern = @"[0-9]{1,4}(\.[0-9]{1,4})?";

    private static readonly IReadOnlyList<GuardMetric> Errors = [GuardMetric.ErrorRate];

    private static readonly IReadOnlyList<GuardMetric> Latency =
    [
        GuardMetric.LatencyP50,
        GuardMetric.LatencyP90,
        GuardMetric.LatencyP95,
        GuardMetric.LatencyP99,
    ];

    public static readonly IReadOnlyList<GuardForm> All =
    [
        new(
            Errors,
            GuardLimit.MaxIncrease,
            "a percentage from 0% to 100%",
            PercentPattern,
            "0.5%",
            "the new version's share of failed answers minus the old one's",
            Fraction
        ),
        new(
            Errors,
            GuardLimit.Max,
            "a percentage from 0% to 100%",
            PercentPattern,
            "1%",
            "the new version's share of failed answers",
            Fraction
        ),
        new(
            Latency,
            GuardLimit.MaxRatio,
            "a plain number from 1 to 100",
            RatioPattern,
            "1.3",
            "the new version's time to answer divided by the old one's",
            Ratio
        ),
        new(
            Latency,
            GuardLimit.Max,
            "a duration from 1ms to 1h",
            Duration.Pattern,
            "250ms",
            "the new version's time to answer",
            Milliseconds
        ),
        new(
            [GuardMetric.Cpu],
            GuardLimit.Max,
            "a percentage of one core, above 0%",
            PercentPattern,
            "90%",
            "the busiest instance's share of one core",
            Percent
        ),
        new(
            [GuardMetric.Memory],
            GuardLimit.Max,
            "a size of at least 1MB",
            ByteSize.Pattern,
            "512MiB",
            "the largest instance's memory",
            Bytes
        ),
    ];

    public static string WordOf(GuardMetric metric) => ManifestShape.WordOf(typeof(GuardMetric), metric.ToString());

    public static string WordOf(GuardLimit limit) => ManifestShape.WordOf(typeof(GuardLimit), limit.ToString());

    private static double? Fraction(string text) => Number(text, "%") is { } percent and >= 0 and <= 100 ? percent / 100 : null;

    private static double? Percent(string text) => Number(text, "%") is { } percent and > 0 ? percent : null;

    private static double? Ratio(string text) => Number(text, "") is { } ratio and >= 1 and <= 100 ? ratio : null;

    private static double? Milliseconds(string text) =>
        Duration.TryParse(text, out var time) && time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromHours(1)
            ? time.TotalMilliseconds
            : null;

    private static double? Bytes(string text) => ByteSize.TryParse(text, out var bytes) && bytes >= 1_000_000 ? bytes : null;

    private static double? Number(string text, string unit)
    {
        const NumberStyles plain = NumberStyles.AllowDecimalPoint;
        return
            text.Length <= 12
            && text.EndsWith(unit, StringComparison.Ordinal)
            && char.IsAsciiDigit(text.FirstOrDefault())
            && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), plain, CultureInfo.InvariantCulture, out var number)
            ? (double)number
            : null;
    }
}
