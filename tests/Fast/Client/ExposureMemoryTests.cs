using Teal.Client;

namespace Teal.Tests.Fast.Client;

public sealed class ExposureMemoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly ExposureMemory _memory = new(seed: 7);

    [Fact]
    public void Somebody_is_told_once_in_an_hour()
    {
        Assert.True(_memory.IsNew("u1", "checkout", "on", 1, Now));
        Assert.False(_memory.IsNew("u1", "checkout", "on", 1, Now));
        Assert.False(_memory.IsNew("u1", "checkout", "on", 1, Now.AddMinutes(53)));
        Assert.True(_memory.IsNew("u1", "checkout", "on", 1, Now.AddMinutes(54)));
    }

    [Fact]
    public void Another_user_another_flag_and_every_other_variant_are_told()
    {
        Assert.True(_memory.IsNew("u1", "checkout", "on", 1, Now));
        Assert.True(_memory.IsNew("u2", "checkout", "on", 1, Now));
        Assert.True(_memory.IsNew("u1", "search", "on", 1, Now));
        Assert.True(_memory.IsNew("u1c", "heckout", "on", 1, Now));
        Assert.True(_memory.IsNew("u1", "checkout", "off", 1, Now));
        // Taken back: what somebody does now counts for what they have now.
        Assert.True(_memory.IsNew("u1", "checkout", "on", 1, Now));
        Assert.False(_memory.IsNew("u1", "checkout", "on", 1, Now));
    }

    [Fact]
    public void Under_another_flag_or_connection_everybody_is_told_once_more()
    {
        string[] users = [.. Enumerable.Range(0, 5_000).Select(number => $"user-{number}")];
        for (var under = 1ul; under <= 3; under++)
        {
            // One in 2^15 is taken for told.
            Assert.InRange(users.Count(user => _memory.IsNew(user, "checkout", "on", under, Now)), users.Length - 5, users.Length);
            Assert.InRange(users.Count(user => _memory.IsNew(user, "checkout", "on", under, Now)), 0, users.Length / 100);
        }
    }

    [Fact]
    public void Tens_of_thousands_are_told_apart_and_remembered()
    {
        string[] users = [.. Enumerable.Range(0, 20_000).Select(number => $"user-{number}")];
        Assert.Equal(users.Length, users.Count(user => _memory.IsNew(user, "checkout", "on", 1, Now)));
        var again = users.Count(user => _memory.IsNew(user, "checkout", "on", 1, Now));
        Assert.InRange(again, 0, users.Length / 100);
    }

    [Fact]
    public void Of_many_who_ask_at_once_one_tells()
    {
        var told = 0;
        Parallel.For(0, 1_000, _ => Interlocked.Add(ref told, _memory.IsNew("u1", "checkout", "on", 1, Now) ? 1 : 0));
        Assert.Equal(1, told);
    }
}
