using Teal.Traffic;

namespace Teal.Tests.Fast.Traffic;

public sealed class HoldQueueTests
{
    [Fact]
    public async Task Waiting_ends_in_order_and_the_oldest_is_shed_first()
    {
        var queue = new HoldQueue(2);
        var requests = Enumerable.Range(0, 3).Select(i => queue.TryJoin(i)!).ToArray();
        Assert.Equal(HoldEnd.Overflow, await requests[0].Ended);
        queue.ShedOlderThan(1);
        Assert.Equal(HoldEnd.TooOld, await requests[1].Ended);
        Assert.False(requests[2].Ended.IsCompleted);
        queue.Release();
        Assert.Equal(HoldEnd.Released, await requests[2].Ended);
        // Who comes after the release reads the table again instead of waiting for ever.
        Assert.Null(queue.TryJoin(4));
    }

    [Fact]
    public async Task Who_leaves_makes_room_and_no_room_at_all_sheds_at_once()
    {
        var queue = new HoldQueue(1);
        var first = queue.TryJoin(0)!;
        queue.Leave(first);
        Assert.Equal(HoldEnd.Gone, await first.Ended);
        Assert.False(queue.TryJoin(1)!.Ended.IsCompleted);
        Assert.Equal(HoldEnd.Overflow, await new HoldQueue(0).TryJoin(0)!.Ended);
    }
}
