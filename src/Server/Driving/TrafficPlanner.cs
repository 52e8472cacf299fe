using System.Net;
using Teal.Releases;
using Teal.Traffic;

namespace Teal.Server.Driving;

/// <summary>What a slot's instances look like to the route table.</summary>
public delegate IReadOnlyList<InstanceAddress> SlotAddresses(SlotName slot);

/// <summary>Turns a service's state into what its routes shall do. Pure: same state, same instances, same table.</summary>
public static class TrafficPlanner
{
    public static ServiceTraffic Plan(ServiceState state, Gate gate, SlotAddresses addresses)
    {
        var shape = state.Traffic;
        // The main slot's manifest rules the routes until the new version has all the traffic: a canary cannot take a host with it.
        var manifest = (Deployed(state, shape.Main) ?? Deployed(state, shape.Canary) ?? Deployed(state, state.Release?.Into))?.Manifest;
        var release = (Deployed(state, shape.Canary)?.Manifest ?? manifest)?.Release ?? new ReleaseSection();
        var asked = (Deployed(state, shape.Canary)?.Manifest ?? manifest)?.Flags;
        return new ServiceTraffic(
            state.Service,
            [.. (manifest?.Routes ?? []).Select(route => new RouteRule(route.Host, route.Path))],
            GateOf(gate),
            PoolOf(state, shape.Main, addresses),
            PoolOf(state, shape.Canary, addresses),
            shape.CanaryShare,
            PoolOf(state, PreviewSlot(state), addresses),
            [.. shape.Targets.Select(target => TargetOf(target, asked))],
            [.. release.Cohort.By.Select(IdentityOf)],
            shape.Salt,
            LimitsOf(manifest?.Limits ?? new LimitsSection())
        )
        {
            HealthPath = manifest?.Health.Path,
            IsFromTop = shape.IsFromTop,
        };
    }

    /// <summary>The slot that is tested: the new version's during a release, else the one kept warm.</summary>
    public static SlotName? PreviewSlot(ServiceState state) =>
        state.Release is { IsRunning: true, Kind: ReleaseKind.Deploy } release ? release.Into
        : state.Live is { } live && state[ServiceState.Other(live)].Phase == SlotPhase.Warm ? ServiceState.Other(live)
        : null;

    private static Deployed? Deployed(ServiceState state, SlotName? slot) => slot is { } named ? state[named].Deployed : null;

    /// <summary>Null as long as nothing runs in the slot: there is nowhere to send to.</summary>
    private static VersionPool? PoolOf(ServiceState state, SlotName? slot, SlotAddresses addresses) =>
        slot is { } named && state[named].Deployed is { } deployed && addresses(named) is { Count: > 0 } instances
            ? new VersionPool(SlotNames.Wire(named), deployed.Version, deployed.Manifest.Run.Protocol == UpstreamProtocol.H2, instances)
            {
                Flags = deployed.Manifest.Flags is { Evaluate.Count: > 0 } flags ? WishOf(flags) : null,
            }
            : null;

    private static FlagWish WishOf(FlagsSection flags) =>
        new(flags.Evaluate, flags.Environment, ContextOf(flags)) { IsSigned = flags.Sign };

    private static IReadOnlyList<FlagAttribute> ContextOf(FlagsSection flags) =>
        [.. flags.Context.Select(pair => new FlagAttribute(pair.Key, IdentityOf(pair.Value)))];

    private static TrafficGate GateOf(Gate gate) =>
        gate switch
        {
            Gate.Held => TrafficGate.Held,
            Gate.Maintenance => TrafficGate.Maintenance,
            _ => TrafficGate.Open,
        };

    private static TrafficLimits LimitsOf(LimitsSection limits) => new(limits.Body, limits.Answer, limits.HeldRequests, limits.HeldTime);

    // The manifest reader has checked both forms: what does not fit here is a bug.
    private static TargetRule TargetOf(string text, FlagsSection? flags)
    {
        if (FlagTies.SegmentOf(text) is { } segment)
        {
            return new TargetRule.Segment(segment, flags?.Environment, flags is null ? [] : ContextOf(flags));
        }
        var (kind, rest) = Split(text, ':');
        if (kind == "address")
        {
            return new TargetRule.Address(IPNetwork.Parse(rest));
        }
        var (name, value) = Split(rest, '=');
        return kind == "header" ? new TargetRule.Header(name, value) : new TargetRule.Cookie(name, value);
    }

    private static IdentitySource IdentityOf(string text)
    {
        var (kind, name) = Split(text, ':');
        return kind switch
        {
            "header" => new IdentitySource.Header(name),
            "cookie" => new IdentitySource.Cookie(name),
            _ => new IdentitySource.Address(),
        };
    }

    private static (string Left, string Right) Split(string text, char at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }
}

/// <summary>Slots as they are written outside the machine.</summary>
public static class SlotNames
{
    public static string Wire(SlotName slot) => slot == SlotName.Blue ? "blue" : "green";

    public static SlotName? Parse(string text) =>
        text switch
        {
            "blue" => SlotName.Blue,
            "green" => SlotName.Green,
            _ => null,
        };
}
