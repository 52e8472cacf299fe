using System.Text.Json;
using Teal.Analysis;

namespace Teal.Tests.Fast.Analysis;

/// <summary>The engine's figures beside those of the formulas and of published libraries.</summary>
public sealed class VectorTests
{
    private const double Digits = 1e-9;

    [Fact]
    public void The_label_test_agrees_with_its_formula()
    {
        var vectors = Vectors("engine.json", "label_logE");
        Assert.Equal(72, vectors.Length);
        foreach (var vector in vectors)
        {
            var (share, margin) = (Number(vector, "w"), Number(vector, "r0"));
            var (newBad, oldBad) = ((long)Number(vector, "x1"), (long)Number(vector, "x0"));
            Near(Number(vector, "logE"), RatioTest.LogEOf(newBad, oldBad, share, margin));
            var test = RatioTest.WorseThan(margin);
            for (var i = 0; i < newBad; i++)
            {
                test.Observe(isNew: true, share);
            }
            test.Observe(0, oldBad, share);
            // What is bet from the start, and what is kept for a late onset.
            Near(Math.Log(((1 - RatioTest.HeldBack) * Math.Exp(Number(vector, "logE"))) + RatioTest.HeldBack), test.LogE);
        }
    }

    [Fact]
    public void The_hypergeometric_tick_agrees_with_its_formula()
    {
        var vectors = Vectors("engine.json", "hypergeometric_tick");
        Assert.Equal(40, vectors.Length);
        foreach (var vector in vectors)
        {
            long Count(string name) => (long)Number(vector, name);
            Near(
                Number(vector, "log_e"),
                Hypergeometric.LogFactor(Count("n1"), Count("n0"), Count("x1"), Count("x0"), Number(vector, "r"))
            );
        }
    }

    [Fact]
    public void The_information_limit_agrees_with_its_formula()
    {
        var vectors = Vectors("engine.json", "kl_bounds");
        Assert.Equal(60, vectors.Length);
        foreach (var vector in vectors)
        {
            var (old, @new, share, alpha) = (Number(vector, "p0"), Number(vector, "p1"), Number(vector, "w"), Number(vector, "alpha"));
            Near(Number(vector, "kl_per_request"), InformationLimit.PerRequest(old, @new, share));
            Near(Number(vector, "bound_new_requests"), InformationLimit.NewRequests(old, @new, share, alpha));
            Near(Number(vector, "bound_known_baseline"), InformationLimit.NewRequestsBesideKnownRate(old, @new, alpha));
        }
    }

    [Fact]
    public void The_quantile_interval_agrees_with_the_library_of_its_authors()
    {
        var computed = Vectors("quantile-bounds.json", "computed");
        Assert.Equal(72, computed.Length);
        Assert.All(computed, vector => Near(Number(vector, "value"), Bound(vector)));
        Assert.All(Vectors("quantile-bounds.json", "unit_tests"), vector => Assert.Equal(Number(vector, "value"), Bound(vector), 1e-5));

        static double Bound(JsonElement vector) =>
            QuantileInterval.Bound(Number(vector, "quantile_p"), Number(vector, "t"), Number(vector, "alpha"), Number(vector, "t_opt"));
    }

    internal static JsonElement[] Vectors(string file, string group)
    {
        using var stream = typeof(VectorTests).Assembly.GetManifestResourceStream($"analysis/{file}")!;
        return [.. JsonDocument.Parse(stream).RootElement.GetProperty(group).EnumerateArray()];
    }

    internal static double Number(JsonElement vector, string name) => vector.GetProperty(name).GetDouble();

    /// <summary>To 1e-9, relative where the figure is large.</summary>
    private static void Near(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= Digits * Math.Max(1, Math.Abs(expected)), $"expected {expected:R}, got {actual:R}");
}
