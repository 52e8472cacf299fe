using Teal.Server.Flags.Clients;

namespace Teal.Tests.Fast.Flags.Clients;

public sealed class ExposureBookTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly ExposureBook _book = new() { Most = 100 };

    [Theory]
    [InlineData(-6, null)]
    [InlineData(-5, "on")]
    [InlineData(0, "on")]
    [InlineData(3600, "on")]
    [InlineData(3601, null)]
    public void What_a_unit_does_counts_for_an_hour_after_it_was_given_the_variant(int seconds, string? expected)
    {
        Expose(1, "on", 0);
        Assert.Equal(expected, _book.VariantOf(1, At(seconds)));
        Assert.Null(_book.VariantOf(2, At(seconds)));
    }

    [Fact]
    public void The_hour_begins_anew_with_each_exposure()
    {
        Expose(1, "on", 0);
        Expose(1, "on", 3000);
        Assert.Equal("on", _book.VariantOf(1, At(6600)));
        Assert.Null(_book.VariantOf(1, At(6601)));
    }

    [Fact]
    public void What_was_done_before_a_change_of_variant_counts_for_neither()
    {
        Expose(1, "off", 0);
        Expose(1, "on", 60);
        Assert.Null(_book.VariantOf(1, At(30)));
        Assert.Equal("on", _book.VariantOf(1, At(61)));
        Assert.Equal((0, 1), (_book.UnitsOf("off"), _book.UnitsOf("on")));
    }

    [Fact]
    public void An_exposure_that_arrives_late_does_not_undo_a_later_one()
    {
        _book.Expose(1, "on", At(60), TimeSpan.FromSeconds(61));
        _book.Expose(1, "off", At(10), TimeSpan.FromSeconds(62));
        Assert.Equal("on", _book.VariantOf(1, At(61)));
    }

    [Fact]
    public void Beyond_the_most_whoever_was_not_heard_of_for_longest_makes_room_and_is_counted()
    {
        _book.Most = 3;
        Expose(1, "on", 1);
        Expose(2, "off", 2);
        Expose(3, "on", 3);
        Expose(1, "on", 4);
        Expose(4, "on", 5);
        Assert.Null(_book.VariantOf(2, At(5)));
        Assert.Equal("on", _book.VariantOf(1, At(5)));
        Assert.Equal((1, 0, 3), (_book.Forgotten, _book.UnitsOf("off"), _book.UnitsOf("on")));
        _book.Most = 1;
        Expose(5, "off", 6);
        Assert.Equal((4, 1, 0), (_book.Forgotten, _book.UnitsOf("off"), _book.UnitsOf("on")));
    }

    [Fact]
    public void It_says_what_a_look_at_the_whole_history_says()
    {
        var seed = Environment.GetEnvironmentVariable("TEAL_SEED") is { } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"TEAL_SEED={seed}");
        var random = new Random(seed);
        for (var history = 0; history < 40; history++)
        {
            var (most, now) = (random.Next(1, 15), 0);
            var book = new ExposureBook { Most = most };
            var log = new List<(UInt128 Unit, string Variant, int Second)>();
            for (var step = 0; step < 300; step++)
            {
                now += random.Next(5) == 0 ? random.Next(2000) : random.Next(20);
                var unit = (UInt128)random.Next(20);
                if (random.Next(3) > 0)
                {
                    var variant = random.Next(2) == 0 ? "on" : "off";
                    log.Add((unit, variant, now));
                    book.Expose(unit, variant, At(now), TimeSpan.FromSeconds(now));
                }
                var asked = now - random.Next(30);
                var (expected, actual) = (Plainly(log, most, unit, asked), book.VariantOf(unit, At(asked)));
                Assert.True(expected == actual, $"TEAL_SEED={seed}: history {history}, step {step}: {actual} instead of {expected}");
            }
        }
    }

    /// <summary>By the log alone: the last run of the same variant of the unit, if the unit is among those heard of last.</summary>
    private static string? Plainly(List<(UInt128 Unit, string Variant, int Second)> log, int most, UInt128 unit, int asked)
    {
        var known = log.AsEnumerable().Reverse().Select(it => it.Unit).Distinct().Take(most);
        if (!known.Contains(unit))
        {
            return null;
        }
        var own = Enumerable.Range(0, log.Count).Where(i => log[i].Unit == unit).Reverse().ToList();
        var (last, first, newer) = (log[own[0]], log[own[0]].Second, own[0]);
        // A unit that was forgotten in between, for its silence or for others, began anew.
        foreach (var i in own.TakeWhile(i => log[i].Variant == last.Variant))
        {
            if (first - log[i].Second > 4200 || log[i..newer].Select(it => it.Unit).Where(it => it != unit).Distinct().Count() >= most)
            {
                break;
            }
            (first, newer) = (log[i].Second, i);
        }
        return asked >= first - 5 && asked <= last.Second + 3600 ? last.Variant : null;
    }

    private void Expose(int unit, string variant, int second) =>
        _book.Expose((UInt128)unit, variant, At(second), TimeSpan.FromSeconds(second));

    private static DateTimeOffset At(int second) => Noon.AddSeconds(second);
}
