namespace Teal.Traffic;

/// <summary>What stays of a service from table to table: its ledgers, and the doors that were retired and are not quiet yet.</summary>
internal sealed class ServiceLane
{
    private readonly Lock _gate = new();
    private readonly List<(string Slot, InstanceClaims Claims)> _retired = [];

    public TrafficLedger Ledger { get; } = new();

    /// <summary>Requests by preview: they are nobody's evidence, and a drain waits for them too.</summary>
    public TrafficLedger PreviewLedger { get; } = new();

    public void KeepLatenciesOf(ServiceRoute route) =>
        Ledger.KeepLatencies(
            route.UserPools.Append(route.Preview).OfType<PoolRoute>().Select(static pool => pool.Pool.Version).ToHashSet()
        );

    public void Remember(string slot, InstanceClaims claims)
    {
        lock (_gate)
        {
            _retired.RemoveAll(static retired => retired.Claims.Quiet.IsCompleted);
            _retired.Add((slot, claims));
        }
    }

    /// <summary>The retired doors of a slot, or of all slots when it is null, that may still have somebody inside.</summary>
    public InstanceClaims[] Retired(string? slot)
    {
        lock (_gate)
        {
            return [.. _retired.Where(retired => slot is null || retired.Slot == slot).Select(static retired => retired.Claims)];
        }
    }
}
