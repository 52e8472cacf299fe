using CsCheck;
using Teal.Flags;
using Teal.Traffic;

namespace Teal.Tests.Fast.Traffic;

public sealed class ClaimsTests
{
    [Fact]
    public void A_door_is_quiet_exactly_when_it_is_retired_and_empty() =>
        Gen.Int[0, 2]
            .List[0, 40]
            .Sample(steps =>
            {
                var door = new InstanceClaims();
                var (inside, retired) = (0, false);
                foreach (var step in steps)
                {
                    switch (step)
                    {
                        case 0:
                            Assert.Equal(!retired, door.TryEnter());
                            inside += retired ? 0 : 1;
                            break;
                        case 1 when inside > 0:
                            door.Leave();
                            inside--;
                            break;
                        case 2:
                            door.Retire();
                            retired = true;
                            break;
                    }
                    Assert.Equal((inside, retired), (door.Inside, door.IsRetired));
                    Assert.Equal(retired && inside == 0, door.Quiet.IsCompleted);
                }
            });

    [Fact]
    public void Nobody_is_inside_a_quiet_door_however_threads_race()
    {
        for (var round = 0; round < 200; round++)
        {
            var door = new InstanceClaims();
            var entered = 0;
            var afterQuiet = 0;
            Parallel.For(
                0,
                8,
                i =>
                {
                    if (i == 4)
                    {
                        door.Retire();
                        return;
                    }
                    for (var turn = 0; turn < 100 && door.TryEnter(); turn++)
                    {
                        Interlocked.Increment(ref entered);
                        Interlocked.Add(ref afterQuiet, door.Quiet.IsCompleted ? 1 : 0);
                        door.Leave();
                    }
                }
            );
            Assert.True(door.Quiet.IsCompleted);
            Assert.Equal((0, 0), (door.Inside, afterQuiet));
            Assert.False(door.TryEnter());
        }
    }

    /// <summary>Whatever is published, only doors that lead somewhere are open, and every door that was left is retired.</summary>
    [Fact]
    public void Doors_follow_the_table() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool)
            .List[1, 12]
            .Sample(wishes =>
            {
                var lane = new ServiceLane();
                ServiceRoute? last = null;
                foreach (var (slots, share, isOpen) in wishes)
                {
                    var next = TablePlanner.Plan(Wish(slots, share, isOpen), last, lane);
                    var kept = last is null
                        ? []
                        : last.UserPools.Where(static pool => pool.IsReached).SelectMany(static pool => pool.Instances).ToList();
                    foreach (var (_, claims) in last is null ? [] : TablePlanner.Leaving(last, next))
                    {
                        claims.Retire();
                    }
                    foreach (var pool in next.UserPools)
                    {
                        Assert.All(pool.Instances, instance => Assert.Equal(!pool.IsReached, instance.Claims.IsRetired));
                        Assert.Equal(isOpen && pool.Share > Share.None, pool.IsReached);
                    }
                    var now = next
                        .UserPools.Where(static pool => pool.IsReached)
                        .SelectMany(static pool => pool.Instances)
                        .Select(static i => i.Id)
                        .ToHashSet();
                    // An instance that stays in reach keeps its door over the publish; one that left lost it.
                    Assert.All(kept, instance => Assert.Equal(!now.Contains(instance.Id), instance.Claims.IsRetired));
                    last = next;
                }
            });

    private static ServiceTraffic Wish(int slots, int share, bool isOpen)
    {
        var blue = Pool("blue");
        var green = Pool("green");
        return RouteTests.Wish("shop") with
        {
            Main = slots is 0 or 2 ? blue : green,
            Canary = slots switch
            {
                2 => green,
                3 => blue,
                _ => null,
            },
            CanaryShare = new Share(
                share switch
                {
                    0 => 0,
                    1 => 500,
                    2 => 2500,
                    _ => Share.Whole,
                }
            ),
            Gate = isOpen ? TrafficGate.Open : TrafficGate.Held,
        };
    }

    private static VersionPool Pool(string slot) =>
        new(
            slot,
            $"version-of-{slot}",
            false,
            [.. Enumerable.Range(0, 2).Select(i => new InstanceAddress($"{slot}-{i}", new Uri($"http://127.0.0.1:{5000 + i}"), true))]
        );
}
