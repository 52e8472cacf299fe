using System.Globalization;

namespace Teal.Analysis;

/// <summary>Figures with their units, short enough for a sentence.</summary>
internal static class Figures
{
    public static string Of(GuardMetric metric, double value) =>
        metric switch
        {
            GuardMetric.ErrorRate => Percent(value),
            GuardMetric.Cpu => Number(value) + "%",
            GuardMetric.Memory => Bytes(value),
            _ => Milliseconds(value),
        };

    public static string Percent(double fraction) => Number(fraction * 100) + "%";

    public static string Milliseconds(double milliseconds) =>
        milliseconds >= 1000 ? Number(milliseconds / 1000) + "s" : Number(milliseconds) + "ms";

    public static string Bytes(double bytes) =>
        bytes >= 1L << 30 ? Number(bytes / (1L << 30)) + "GiB"
        : bytes >= 1L << 20 ? Number(bytes / (1L << 20)) + "MiB"
        : Number(bytes / (1L << 10)) + "KiB";

    /// <summary>At most three decimals, none for what is large.</summary>
    public static string Number(double number) => number.ToString(Math.Abs(number) >= 100 ? "0" : "0.###", CultureInfo.InvariantCulture);

    /// <summary><c>1 error</c>, <c>1,200 errors</c>.</summary>
    public static string Count(long count, string one) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {one}") + (count == 1 ? "" : "s");
}
