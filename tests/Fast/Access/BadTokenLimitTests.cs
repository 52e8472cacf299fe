using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Teal.Server.Access;

namespace Teal.Tests.Fast.Access;

public sealed class BadTokenLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BadTokenLimit _limit;

    public BadTokenLimitTests() => _limit = new BadTokenLimit(_time, most: 3, mostAddresses: 2, window: TimeSpan.FromMinutes(1));

    [Fact]
    public void An_address_with_too_many_bad_tokens_waits_for_the_rest_of_the_window()
    {
        Refuse(1, times: 2);
        Assert.Null(_limit.ShutOutFor(Address(1)));
        _time.Advance(TimeSpan.FromSeconds(20));
        Refuse(1);
        Assert.Equal(TimeSpan.FromSeconds(40), _limit.ShutOutFor(Address(1)));
        Assert.Null(_limit.ShutOutFor(Address(2)));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(_limit.ShutOutFor(Address(1)));
        Refuse(1);
        Assert.Null(_limit.ShutOutFor(Address(1)));
    }

    [Fact]
    public void More_addresses_than_places_share_one_count_and_the_counted_ones_are_not_forgotten()
    {
        Refuse(1, times: 3);
        Refuse(2);
        for (var address = 3; address < 200; address++)
        {
            Refuse(address);
        }
        Assert.NotNull(_limit.ShutOutFor(Address(1)));
        Assert.Null(_limit.ShutOutFor(Address(2)));
        Assert.NotNull(_limit.ShutOutFor(Address(250)));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_limit.ShutOutFor(Address(250)));
        Refuse(5);
        Assert.Null(_limit.ShutOutFor(Address(5)));
    }

    private void Refuse(int address, int times = 1)
    {
        for (; times > 0; times--)
        {
            _limit.Refused(Address(address));
        }
    }

    private static IPAddress Address(int last) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"10.0.0.{last}"));
}
