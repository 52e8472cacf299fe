using Teal.Flags;

namespace Teal.Traffic;

/// <summary>Makes the next table of a service from the last one and a wish. Doors of instances that stay are kept.</summary>
internal static class TablePlanner
{
    public static ServiceRoute Plan(ServiceTraffic traffic, ServiceRoute? last, ServiceLane lane)
    {
        var isOpen = traffic.Gate == TrafficGate.Open;
        var canaryShare = traffic.Canary is null ? Share.None : traffic.CanaryShare;
        var mainShare = traffic.Main is null ? Share.None : new Share(Share.Whole - canaryShare.Parts);
        var main = Pool(traffic.Main, mainShare, isOpen && mainShare > Share.None, last?.UserPools, lane.Ledger);
        var isCanaryReached = isOpen && (canaryShare > Share.None || traffic.Targets.Count > 0);
        var canary = Pool(traffic.Canary, canaryShare, isCanaryReached, last?.UserPools, lane.Ledger);
        var lastPreview = last?.Preview is { } pool ? new[] { pool } : null;
        var preview = Pool(traffic.Preview, Share.None, isReached: true, lastPreview, lane.PreviewLedger);
        return new ServiceRoute(traffic, lane, Hold(traffic, last), main, canary, preview);
    }

    /// <summary>The doors of <paramref name="last"/> that <paramref name="next"/> no longer leads to, with their slots.</summary>
    public static IEnumerable<(string Slot, InstanceClaims Claims)> Leaving(ServiceRoute last, ServiceRoute? next)
    {
        var kept = next is null ? [] : Doors(next).Select(static door => door.Claims).ToHashSet();
        return Doors(last).Where(door => !kept.Contains(door.Claims));
    }

    private static IEnumerable<(string Slot, InstanceClaims Claims)> Doors(ServiceRoute route) =>
        new[] { route.Main, route.Canary, route.Preview }
            .OfType<PoolRoute>()
            .Where(static pool => pool.IsReached)
            .SelectMany(static pool => pool.Instances.Select(instance => (pool.Pool.Slot, instance.Claims)));

    private static HoldQueue? Hold(ServiceTraffic traffic, ServiceRoute? last) =>
        traffic.Gate == TrafficGate.Held ? last?.Hold ?? new HoldQueue(traffic.Limits.HeldRequests) : null;

    private static PoolRoute? Pool(VersionPool? pool, Share share, bool isReached, IEnumerable<PoolRoute>? last, TrafficLedger ledger)
    {
        if (pool is null)
        {
            return null;
        }
        var instances = pool.Instances.Select(instance => new InstanceRoute(
            instance.Id,
            instance.Address.GetLeftPart(UriPartial.Authority),
            instance.IsHealthy,
            Claims(pool, instance, isReached, last)
        ));
        return new PoolRoute(pool, share, isReached, ledger.TallyOf(pool.Version), [.. instances]);
    }

    /// <summary>The same instance of the same version in the same slot keeps its door, unless it was retired meanwhile.</summary>
    private static InstanceClaims Claims(VersionPool pool, InstanceAddress instance, bool isReached, IEnumerable<PoolRoute>? last)
    {
        var prefix = instance.Address.GetLeftPart(UriPartial.Authority);
        var before = last
            ?.Where(other => other.Pool.Slot == pool.Slot && other.Pool.Version == pool.Version)
            .SelectMany(static other => other.Instances)
            .FirstOrDefault(other => other.Id == instance.Id && other.Prefix == prefix)
            ?.Claims;
        if (before is not null && (!isReached || !before.IsRetired))
        {
            return before;
        }
        var fresh = new InstanceClaims();
        if (!isReached)
        {
            fresh.Retire();
        }
        return fresh;
    }
}
