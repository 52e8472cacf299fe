using Teal.Client;
using Teal.Wire;

namespace Teal.Tests.Fast.Client;

public sealed class ReportQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void What_finds_no_room_is_counted_and_told_once()
    {
        var queue = new ReportQueue(most: 3);
        for (var number = 0; number < 10; number++)
        {
            queue.Add(new OutcomeEvent($"u{number}", Now));
        }
        Assert.Equal((3, 7L), (queue.Waiting, queue.Dropped));
        var batch = queue.Take("c", 1, 100, 100_000)!;
        Assert.Equal(["u0", "u1", "u2"], batch.Outcomes.Select(outcome => outcome.Unit));
        Assert.Equal(7, batch.Dropped);
        queue.Add(new OutcomeEvent("u10", Now));
        Assert.Equal(0, queue.Take("c", 2, 100, 100_000)!.Dropped);
        Assert.Equal((0, 7L), (queue.Waiting, queue.Dropped));
        Assert.Null(queue.Take("c", 3, 100, 100_000));
    }

    [Fact]
    public void A_batch_ends_at_its_events_or_its_bytes()
    {
        var queue = new ReportQueue(most: 100);
        for (var number = 0; number < 20; number++)
        {
            queue.Add(new ExposureEvent(new string('f', 100), "on", "u", Now));
        }
        Assert.Equal(5, queue.Take("c", 1, 5, 100_000)!.Exposures.Count);
        Assert.Equal(3, queue.Take("c", 2, 100, 2_000)!.Exposures.Count);
        Assert.Equal(12, queue.Take("c", 3, 100, 100_000)!.Exposures.Count);
    }

    [Fact]
    public void Whoever_adds_at_once_nothing_is_lost_uncounted_and_no_more_waits_than_may()
    {
        var queue = new ReportQueue(most: 1_000);
        Parallel.For(0, 10_000, number => queue.Add(new OutcomeEvent("u", Now)));
        Assert.Equal((1_000, 9_000L), (queue.Waiting, queue.Dropped));
        Assert.Equal(1_000, queue.Take("c", 1, 10_000, int.MaxValue)!.Outcomes.Count);
    }
}
