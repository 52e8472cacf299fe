using System.Collections.Frozen;
using Teal.Flags;

namespace Teal.Traffic;

/// <summary>The whole world of a request: routes, gates, shares and instances, as one value that never changes.</summary>
public sealed class RouteTable
{
    private readonly FrozenDictionary<string, ServiceRoute> _services;
    private readonly RouteIndex<ServiceRoute> _index;

    internal RouteTable(long version, IEnumerable<ServiceRoute> services)
    {
        Version = version;
        _services = services.ToFrozenDictionary(static service => service.Traffic.Service, StringComparer.Ordinal);
        _index = new RouteIndex<ServiceRoute>(
            _services.Values.SelectMany(static service => service.Traffic.Routes.Select(rule => (rule, service)))
        );
    }

    /// <summary>Rises by one with each publish.</summary>
    public long Version { get; }

    public IReadOnlyCollection<ServiceRoute> Services => _services.Values;

    public ServiceRoute? Of(string service) => _services.GetValueOrDefault(service);

    /// <param name="host">As in the Host header.</param>
    /// <param name="path">Decoded.</param>
    public ServiceRoute? Find(ReadOnlySpan<char> host, ReadOnlySpan<char> path) => _index.Find(host, path);

    internal RouteTable With(ServiceRoute service) =>
        new(Version + 1, _services.Values.Where(other => other.Traffic.Service != service.Traffic.Service).Append(service));

    internal RouteTable Without(string service) => new(Version + 1, _services.Values.Where(other => other.Traffic.Service != service));
}

/// <summary>One service in the table.</summary>
public sealed class ServiceRoute
{
    internal ServiceRoute(ServiceTraffic traffic, ServiceLane lane, HoldQueue? hold, PoolRoute? main, PoolRoute? canary, PoolRoute? preview)
    {
        Traffic = traffic;
        Lane = lane;
        Hold = hold;
        Main = main;
        Canary = canary;
        Preview = preview;
    }

    public ServiceTraffic Traffic { get; }
    public PoolRoute? Main { get; }
    public PoolRoute? Canary { get; }
    public PoolRoute? Preview { get; }

    internal ServiceLane Lane { get; }

    /// <summary>Where requests wait while the gate is held; null otherwise.</summary>
    internal HoldQueue? Hold { get; }

    /// <summary>The pools that users can reach through this table.</summary>
    internal IEnumerable<PoolRoute> UserPools => new[] { Main, Canary }.OfType<PoolRoute>();
}

/// <summary>The instances of one version, behind one role.</summary>
public sealed class PoolRoute
{
    private int _turn;
    private long _panics;

    internal PoolRoute(VersionPool pool, Share share, bool isReached, VersionTally tally, InstanceRoute[] instances)
    {
        Pool = pool;
        Share = share;
        IsReached = isReached;
        Tally = tally;
        Instances = instances;
        HasHealthy = Array.Exists(instances, static instance => instance.IsHealthy);
    }

    public VersionPool Pool { get; }

    /// <summary>Of the users' traffic; targets aside.</summary>
    public Share Share { get; }

    public IReadOnlyList<InstanceRoute> Instances { get; }

    /// <summary>Times that an instance was chosen though none was healthy.</summary>
    public long Panics => Interlocked.Read(ref _panics);

    /// <summary>False: no request can come here through this table, so its doors are retired.</summary>
    public bool IsReached { get; }

    internal VersionTally Tally { get; }
    private bool HasHealthy { get; }

    /// <summary>
    /// The healthy instance with the fewest requests inside, in turn among equals. When none is healthy all are tried: the last one is
    /// never left out silently. Null when every instance was tried.
    /// </summary>
    /// <param name="tried">One bit for each instance that already failed this request.</param>
    internal int Choose(uint tried)
    {
        var instances = (InstanceRoute[])Instances;
        var turn = instances.Length == 1 ? 0 : (int)((uint)Interlocked.Increment(ref _turn) % (uint)instances.Length);
        var best = Fewest(instances, turn, tried, HasHealthy);
        if (best < 0 && HasHealthy)
        {
            best = Fewest(instances, turn, tried, onlyHealthy: false);
        }
        if (best >= 0 && !HasHealthy)
        {
            Interlocked.Increment(ref _panics);
        }
        return best;
    }

    private static int Fewest(InstanceRoute[] instances, int turn, uint tried, bool onlyHealthy)
    {
        var best = -1;
        var fewest = int.MaxValue;
        for (var step = 0; step < instances.Length; step++)
        {
            var index = (turn + step) % instances.Length;
            var instance = instances[index];
            if ((tried & (1u << index)) == 0 && (instance.IsHealthy || !onlyHealthy) && instance.Claims.Inside < fewest)
            {
                best = index;
                fewest = instance.Claims.Inside;
            }
        }
        return best;
    }
}

/// <summary>One instance and its door.</summary>
/// <param name="Prefix">Scheme, host and port, without a last slash.</param>
public sealed record InstanceRoute(string Id, string Prefix, bool IsHealthy, InstanceClaims Claims)
{
    /// <summary>Requests inside now.</summary>
    public int InFlight => Claims.Inside;
}
