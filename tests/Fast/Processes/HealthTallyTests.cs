using CsCheck;
using Teal.Server.Processes;

namespace Teal.Tests.Fast.Processes;

public sealed class HealthTallyTests
{
    [Theory]
    [InlineData("+", false)]
    [InlineData("++", true)]
    [InlineData("+-+", false)]
    [InlineData("+-+-+-+-", false)]
    [InlineData("++--", true)]
    [InlineData("++--+--", true)]
    [InlineData("++---", false)]
    [InlineData("++---+", false)]
    [InlineData("++---++", true)]
    public void Two_good_probes_in_a_row_rise_and_three_bad_ones_fall(string probes, bool isHealthy) =>
        Assert.Equal(isHealthy, Fold(probes.Select(probe => probe == '+'), rise: 2, fall: 3).IsHealthy);

    [Fact]
    public void It_is_healthy_when_the_last_long_enough_run_was_good() =>
        Gen.Select(Gen.Bool.List[0, 40], Gen.Int[1, 5], Gen.Int[1, 5])
            .Sample(
                (probes, rise, fall) =>
                {
                    var isHealthy = false;
                    for (var end = 1; end <= probes.Count; end++)
                    {
                        var run = probes.Take(end).Reverse().TakeWhile(probe => probe == probes[end - 1]).Count();
                        isHealthy = probes[end - 1] ? isHealthy || run >= rise : isHealthy && run < fall;
                    }
                    return Fold(probes, rise, fall).IsHealthy == isHealthy;
                }
            );

    private static HealthTally Fold(IEnumerable<bool> probes, int rise, int fall) =>
        probes.Aggregate(default(HealthTally), (tally, isGood) => tally.After(isGood, rise, fall));
}
