using CsCheck;
using Teal.Client;

namespace Teal.Tests.Fast.Client;

public sealed class BackoffTests
{
    [Fact]
    public void It_doubles_from_half_a_second_to_half_a_minute()
    {
        var whole = Enumerable.Range(1, 9).Select(failures => Backoff.After(failures, null, chance: 1).TotalSeconds);
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], whole);
    }

    [Fact]
    public void It_lies_between_a_fifth_and_the_whole_of_its_step_however_many_failures()
    {
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Double[0, 1])
            .Sample(
                (failures, chance) =>
                {
                    var wait = Backoff.After(failures, null, chance);
                    return wait >= Backoff.First * 0.2 && wait <= Backoff.Longest;
                }
            );
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(86_400, 300)]
    public void A_server_that_asks_for_time_gets_it_within_reason_and_not_from_all_at_once(int asked, int least)
    {
        var waits = new[] { 0, 0.5, 1 }.Select(chance => Backoff.After(1, TimeSpan.FromSeconds(asked), chance).TotalSeconds);
        Assert.Equal([least, least + 0.25, least + 0.5], waits);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1_000)]
    public void A_server_that_asks_for_nothing_does_not_make_it_sooner(int asked) =>
        Assert.Equal(Backoff.After(3, null, 0.5), Backoff.After(3, TimeSpan.FromSeconds(asked), 0.5));
}
