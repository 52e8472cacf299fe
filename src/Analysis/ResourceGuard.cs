namespace Teal.Analysis;

/// <summary>Hard limits on the processes: the first reading above one breaks it, there is no luck in it.</summary>
internal static class ResourceGuard
{
    public static Opinion Max(Guard guard, Evidence evidence)
    {
        var fresh = evidence.New;
        double? read = guard.Metric == GuardMetric.Cpu ? fresh.CpuPercent : fresh.MemoryBytes;
        if (read is not { } figure || double.IsNaN(figure))
        {
            return Say.TooFew(guard, Say.NoData, fresh.Requests, $"No instance of the new {evidence.What} could be measured yet.");
        }
        var what = guard.Metric == GuardMetric.Cpu ? "busiest instance uses" : "largest instance holds";
        var unit = guard.Metric == GuardMetric.Cpu ? " of a core" : "";
        var text = Figures.Of(guard.Metric, figure);
        var words = $"The new {evidence.What}'s {what} {text}{unit}; {guard.LimitText} is allowed.";
        return figure > guard.Value ? Say.Broken(guard, text, fresh.Requests, words) : Say.Healthy(guard, text, fresh.Requests, words);
    }
}
