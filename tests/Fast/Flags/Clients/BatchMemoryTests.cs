using Teal.Server.Flags.Clients;

namespace Teal.Tests.Fast.Flags.Clients;

public sealed class BatchMemoryTests(ITestOutputHelper output)
{
    [Fact]
    public void A_batch_is_new_once_in_whatever_order_batches_come()
    {
        var seed = Environment.GetEnvironmentVariable("TEAL_SEED") is { } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"TEAL_SEED={seed}");
        var random = new Random(seed);
        for (var history = 0; history < 100; history++)
        {
            var (memory, seen, newest) = (new BatchMemory(10), new HashSet<long>(), 0L);
            for (var step = 0; step < 300; step++)
            {
                var sequence = Math.Max(1, newest + random.Next(-80, random.Next(20) == 0 ? 200 : 4));
                newest = Math.Max(newest, sequence);
                var expected = sequence > newest - BatchMemory.Window && seen.Add(sequence);
                Assert.True(
                    expected == memory.IsNew("production", "c", sequence),
                    $"TEAL_SEED={seed}: history {history}, step {step}: batch {sequence} after {newest}"
                );
            }
        }
    }

    [Fact]
    public void Clients_and_environments_are_told_apart_and_the_longest_silent_client_is_forgotten()
    {
        var memory = new BatchMemory(2);
        Assert.True(memory.IsNew("production", "a", 1));
        Assert.True(memory.IsNew("staging", "a", 1));
        Assert.False(memory.IsNew("production", "a", 1));
        Assert.True(memory.IsNew("production", "b", 1));
        Assert.False(memory.IsNew("production", "a", 1));
        Assert.True(memory.IsNew("staging", "a", 1));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(64)]
    [InlineData(65)]
    public void A_leap_does_not_bring_back_what_was_counted(long leap)
    {
        var memory = new BatchMemory(2);
        Assert.True(memory.IsNew("production", "a", 1));
        Assert.True(memory.IsNew("production", "a", leap));
        Assert.False(memory.IsNew("production", "a", leap));
        Assert.False(memory.IsNew("production", "a", 1));
    }
}
