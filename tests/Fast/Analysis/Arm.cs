using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

/// <summary>Evidence written short.</summary>
internal static class Arm
{
    public static ArmEvidence Of(long requests, long errors = 0) => new(requests, errors, new LatencyHistogram());

    public static ArmEvidence Times(params (int Count, double Milliseconds)[] answers)
    {
        var latency = new LatencyHistogram();
        foreach (var (count, milliseconds) in answers)
        {
            for (var i = 0; i < count; i++)
            {
                latency.Record(milliseconds);
            }
        }
        return new ArmEvidence(latency.Count, 0, latency);
    }

    public static Verdict Judged(Guard guard, ArmEvidence fresh, ArmEvidence? old) =>
        Judge.Decide([guard], new Evidence(fresh, old, TimeSpan.FromMinutes(1)));
}
