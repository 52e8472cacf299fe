using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;

namespace Teal.Tests.Fast.Rollouts;

/// <summary>Rollouts as people write them.</summary>
public sealed class RolloutTextTests
{
    private static readonly RolloutText _good = new("off", "on", "1%,5%,25%,100%", "10m", "error_rate:+0.5%,latency_p99:x1.3", "off");

    [Fact]
    public void The_rollout_of_the_guide_is_read()
    {
        var order = RolloutOrderReader.Read(_good).Order!;
        Assert.Equal([new Share(100), new Share(500), new Share(2500), Share.All], order.Steps.Select(step => step.Share));
        Assert.All(order.Steps, step => Assert.Equal(TimeSpan.FromMinutes(10), step.Hold));
        Assert.Equal(
            [new Guard(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005), new Guard(GuardMetric.LatencyP99, GuardLimit.MaxRatio, 1.3)],
            order.Guards
        );
        Assert.Equal(BreachShare.Previous, RolloutOrderReader.Read(_good with { OnBreach = "previous" }).Order!.OnBreach);
    }

    [Theory]
    [InlineData("error_rate:1%", GuardMetric.ErrorRate, GuardLimit.Max, 0.01)]
    [InlineData("latency_p50:250ms", GuardMetric.LatencyP50, GuardLimit.Max, 250)]
    [InlineData(" latency_p95:x2 ", GuardMetric.LatencyP95, GuardLimit.MaxRatio, 2)]
    public void A_plain_value_is_a_limit_of_its_own_and_an_x_a_multiple(string text, GuardMetric metric, GuardLimit limit, double value) =>
        Assert.Equal([new Guard(metric, limit, value)], GuardText.Read(text, []));

    [Theory]
    [InlineData("eror_rate:+0.5%", "guard:1: 'eror_rate' is not a metric", "'error_rate'")]
    [InlineData("error_rate:+0.5%,latncy_p99:x1.3", "guard:18: 'latncy_p99'", "'latency_p99'")]
    [InlineData("error_rate:x2", "guard:12: 'error_rate' is not limited so; write error_rate:+0.5% or error_rate:1%", null)]
    [InlineData("latency_p99:+5%", "guard:13: 'latency_p99' is not limited so", null)]
    [InlineData("latency_p99:x0.5", "guard:13: '0.5' is not a plain number from 1 to 100", null)]
    [InlineData("error_rate:+5", "guard:12: '5' is not a percentage from 0% to 100%", null)]
    [InlineData("error_rate:+", "guard:12: '' is not a percentage", null)]
    [InlineData("error_rate:1%,error_rate:2%", "guard:15: 'error_rate max 2%' is the second", null)]
    [InlineData("error_rate", "guard:1: 'error_rate' is not a guard", null)]
    [InlineData("error_rate:", "guard:1: 'error_rate:' is not a guard", null)]
    [InlineData(":+1%", "guard:1: ':+1%' is not a guard", null)]
    [InlineData("error_rate:+1%,", "guard:16: '' is not a guard", null)]
    [InlineData("cpu:90%", "guard:1: 'cpu' is of a process, and both variants run in the same one", null)]
    [InlineData("memory:512MiB", "guard:1: 'memory' is of a process", null)]
    [InlineData("\u001b[31m:x1", @"guard:1: '\u001b[31m' is not a metric", null)]
    public void A_wrong_guard_is_told_with_its_place_and_what_was_meant(string text, string message, string? meant)
    {
        var errors = new List<RolloutError>();
        GuardText.Read(text, errors);
        var error = Assert.Single(errors).ToString();
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.Equal(meant is not null, error.Contains("did you mean", StringComparison.Ordinal));
        Assert.Contains(meant ?? "", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "10m", "off", "steps:1: '' is not a share")]
    [InlineData("1%,5", "10m", "off", "steps:4: '5' is not a share from 0.01% to 100% (did you mean '5%'?)")]
    [InlineData("5%,5%", "10m", "off", "steps:4: 5% does not rise above 5%")]
    [InlineData("0%,5%", "10m", "off", "steps:1: 0% does not rise above 0%")]
    [InlineData("5%,101%", "10m", "off", "steps:4: '101%' is not a share")]
    [InlineData(
        "1%,2%,3%,4%,5%,6%,7%,8%,9%,10%,11%,12%,13%,14%,15%,16%,17%,18%,19%,20%,21%",
        "10m",
        "off",
        "steps:1: a rollout has at most 20"
    )]
    [InlineData("100%", "10m", "off", "steps:1: a guard that compares needs users of both variants")]
    [InlineData("1%", "10", "off", "hold:1: '10' is not a duration")]
    [InlineData("1%", "8d", "off", "hold:1: a step is held for 7d at most")]
    [InlineData("1%", "10m", "prevous", "on_breach:1: 'prevous' is neither off nor previous (did you mean 'previous'?)")]
    public void A_wrong_rollout_is_not_taken_in_part(string steps, string hold, string onBreach, string message)
    {
        var reading = RolloutOrderReader.Read(_good with { Steps = steps, Hold = hold, OnBreach = onBreach });
        Assert.Null(reading.Order);
        Assert.StartsWith(message, Assert.Single(reading.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_variant_is_not_rolled_out_over_itself() =>
        Assert.StartsWith(
            "variant:1:",
            RolloutOrderReader.Read(_good with { To = "off" }).Errors.Single().ToString(),
            StringComparison.Ordinal
        );
}
