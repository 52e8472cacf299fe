using System.Net;

namespace Teal.Traffic;

/// <summary>Looks at a wish before it becomes a table: all or nothing.</summary>
internal static class TrafficCheck
{
    /// <summary>One bit of a word marks an instance as tried.</summary>
    public const int MostInstances = 32;

    /// <summary>Null: fine.</summary>
    /// <param name="isOwnPort">True for the ports that Teal itself listens on.</param>
    public static PublishResult? Refusal(ServiceTraffic traffic, RouteTable table, Func<int, bool> isOwnPort) =>
        (PublishResult?)OfRoutes(traffic.Routes)
        ?? OfLimits(traffic.Limits)
        ?? (PublishResult?)OfPools(traffic, isOwnPort)
        ?? Taken(traffic, table);

    private static PublishResult.Refused? OfRoutes(IReadOnlyList<RouteRule> routes)
    {
        foreach (var route in routes)
        {
            var name = route.Host.StartsWith("*.", StringComparison.Ordinal) ? route.Host[2..] : route.Host;
            if (route.Host != "*" && Uri.CheckHostName(name) == UriHostNameType.Unknown)
            {
                return new("TEAL4042", $"The host '{route.Host}' is neither a name, nor *.example.com, nor *.");
            }
            if (
                !route.Path.StartsWith('/')
                || route.Path.AsSpan().ContainsAny("?#%\\*")
                || route.Path.Contains("/.", StringComparison.Ordinal)
            )
            {
                return new("TEAL4042", $"The path '{route.Path}' is not a plain prefix that begins with /.");
            }
        }
        return null;
    }

    private static PublishResult.Refused? OfLimits(TrafficLimits limits) =>
        limits.BodyBytes < 0 || limits.Answer <= TimeSpan.Zero || limits.HeldRequests < 0 || limits.HeldTime < TimeSpan.Zero
            ? new("TEAL4043", "A limit is negative, or the time to answer is zero.")
            : null;

    private static PublishResult.Refused? OfPools(ServiceTraffic traffic, Func<int, bool> isOwnPort)
    {
        foreach (var pool in new[] { traffic.Main, traffic.Canary, traffic.Preview }.OfType<VersionPool>())
        {
            if (pool.Instances.Count is 0 or > MostInstances)
            {
                return new("TEAL4043", $"Version {pool.Version} has {pool.Instances.Count} instances; 1 to {MostInstances} can be served.");
            }
            foreach (var instance in pool.Instances)
            {
                if (OfAddress(instance.Address, isOwnPort) is { } refused)
                {
                    return refused;
                }
            }
        }
        return traffic.Main is { } main && traffic.Canary is { } canary && main.Slot == canary.Slot
            ? new("TEAL4043", $"Main and canary are both in slot {main.Slot}.")
            : null;
    }

    private static PublishResult.Refused? OfAddress(Uri address, Func<int, bool> isOwnPort)
    {
        var isPlain =
            address is { IsAbsoluteUri: true, PathAndQuery: "/", Fragment: "", UserInfo: "" } && address.Scheme == Uri.UriSchemeHttp;
        var isLoopback = isPlain && IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);
        if (!isLoopback)
        {
            return new("TEAL4040", $"{address} is not http://LOOPBACK-ADDRESS:PORT.");
        }
        return isOwnPort(address.Port) ? new("TEAL4041", $"{address} is an address of Teal itself.") : null;
    }

    private static PublishResult.HostTaken? Taken(ServiceTraffic traffic, RouteTable table)
    {
        foreach (var other in table.Services.Where(other => other.Traffic.Service != traffic.Service))
        {
            foreach (var route in traffic.Routes)
            {
                if (other.Traffic.Routes.Any(taken => IsSame(taken, route)))
                {
                    return new(route.Host, route.Path, other.Traffic.Service);
                }
            }
        }
        return null;
    }

    private static bool IsSame(RouteRule one, RouteRule other) =>
        string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase) && one.Path.TrimEnd('/') == other.Path.TrimEnd('/');
}
