using Teal.Server.Processes;

namespace Teal.Tests.Fast.Processes;

public sealed class RestartBackoffTests
{
    private static readonly BackoffLimits Limits = new();

    [Fact]
    public void The_wait_doubles_up_to_half_a_minute()
    {
        var backoff = default(RestartBackoff);
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            backoff = backoff.After(TimeSpan.FromSeconds(1), Limits);
            waits.Add(backoff.Wait.TotalSeconds);
        }
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Fact]
    public void An_instance_that_ran_a_minute_starts_over()
    {
        var late = new RestartBackoff(TimeSpan.FromSeconds(16));
        Assert.Equal(TimeSpan.FromSeconds(0.5), late.After(TimeSpan.FromSeconds(60), Limits).Wait);
        Assert.Equal(TimeSpan.FromSeconds(30), late.After(TimeSpan.FromSeconds(59), Limits).Wait);
    }
}
