using System.Text.Json.Serialization;

namespace Teal.Analysis;

[JsonConverter(typeof(JsonStringEnumConverter<GuardMetric>))]
public enum GuardMetric
{
    [JsonStringEnumMemberName("error_rate")]
    ErrorRate,

    [JsonStringEnumMemberName("latency_p50")]
    LatencyP50,

    [JsonStringEnumMemberName("latency_p90")]
    LatencyP90,

    [JsonStringEnumMemberName("latency_p95")]
    LatencyP95,

    [JsonStringEnumMemberName("latency_p99")]
    LatencyP99,

    [JsonStringEnumMemberName("cpu")]
    Cpu,

    [JsonStringEnumMemberName("memory")]
    Memory,
}

[JsonConverter(typeof(JsonStringEnumConverter<GuardLimit>))]
public enum GuardLimit
{
    /// <summary>New minus old, as a fraction (0.005 = 0.5 %). For <see cref="GuardMetric.ErrorRate"/>.</summary>
    [JsonStringEnumMemberName("max_increase")]
    MaxIncrease,

    /// <summary>New divided by old.</summary>
    [JsonStringEnumMemberName("max_ratio")]
    MaxRatio,

    /// <summary>New alone: a fraction (rates), milliseconds (latency), percent of a core (cpu), bytes (memory).</summary>
    [JsonStringEnumMemberName("max")]
    Max,
}

/// <summary>One limit that the new version must keep.</summary>
public sealed record Guard(GuardMetric Metric, GuardLimit Limit, double Value)
{
    /// <summary>The margin where the limit is no ratio: a regression below it holds and does not take back.</summary>
    public const double WorseMargin = 1.2;

    /// <summary>The value with its unit, as the manifest has it.</summary>
    [JsonIgnore]
    public string LimitText => Limit == GuardLimit.MaxRatio ? Figures.Number(Value) : Figures.Of(Metric, Value);

    /// <summary>How many times as bad as the old side the evidence has to exclude before this guard takes back.</summary>
    internal double Margin => Limit == GuardLimit.MaxRatio ? Value : WorseMargin;

    /// <summary>Of a latency guard: 0.95 for p95.</summary>
    internal double Quantile =>
        Metric switch
        {
            GuardMetric.LatencyP50 => 0.5,
            GuardMetric.LatencyP90 => 0.9,
            GuardMetric.LatencyP95 => 0.95,
            _ => 0.99,
        };

    /// <summary>Of a <see cref="GuardLimit.Max"/>: the share of answers that may fail or be slower than the value.</summary>
    internal double AllowedRate => Metric == GuardMetric.ErrorRate ? Value : 1 - Quantile;

    /// <summary>Of a <see cref="GuardLimit.Max"/>: how many answers failed, or were slower than the value, of how many.</summary>
    internal (long Over, long All) Over(ArmTick seen) =>
        Metric == GuardMetric.ErrorRate ? (seen.Bad, seen.Requests) : (seen.Latency?.CountAbove(Value) ?? 0, seen.Latency?.Count ?? 0);

    /// <summary>As written in the manifest: <c>error_rate max_increase 0.5%</c>.</summary>
    public override string ToString() => $"{MetricText} {LimitWord} {LimitText}";

    private string MetricText =>
        Metric switch
        {
            GuardMetric.ErrorRate => "error_rate",
            GuardMetric.LatencyP50 => "latency_p50",
            GuardMetric.LatencyP90 => "latency_p90",
            GuardMetric.LatencyP95 => "latency_p95",
            GuardMetric.LatencyP99 => "latency_p99",
            GuardMetric.Cpu => "cpu",
            _ => "memory",
        };

    private string LimitWord =>
        Limit switch
        {
            GuardLimit.MaxIncrease => "max_increase",
            GuardLimit.MaxRatio => "max_ratio",
            _ => "max",
        };
}
