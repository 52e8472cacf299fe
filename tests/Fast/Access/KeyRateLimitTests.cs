using Microsoft.Extensions.Time.Testing;
using Teal.Server.Access;

namespace Teal.Tests.Fast.Access;

public sealed class KeyRateLimitTests
{
    [Fact]
    public void A_key_that_asks_too_often_waits_for_the_next_second_and_nobody_else_does()
    {
        var time = new FakeTimeProvider();
        var limit = new KeyRateLimit(time, most: 3);
        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => limit.Allows("web")));
        Assert.True(limit.Allows("orders"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limit.Allows("web"));
        Assert.Equal(("TEAL9442", 429, TimeSpan.FromSeconds(1)), (limit.Refusal.Code, limit.Refusal.Status, limit.Refusal.Wait));
    }

    [Fact]
    public async Task Threads_at_once_get_no_more_than_there_is_in_a_second()
    {
        var limit = new KeyRateLimit(new FakeTimeProvider(), most: 1000);
        var allowed = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => limit.Allows("web"))))
        );
        Assert.Equal(1000, allowed.Sum());
    }
}
