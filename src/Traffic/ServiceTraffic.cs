using Teal.Flags;

namespace Teal.Traffic;

/// <summary>What the route table shall do for one service: the input of <see cref="Proxying.TrafficPlane.Publish"/>, whole every time.</summary>
/// <param name="Main">Takes what the canary does not; null: nothing to send to (503).</param>
/// <param name="Canary">Gets its share and whoever matches a target.</param>
/// <param name="Preview">The slot that only the preview address and holders of a preview token reach.</param>
public sealed record ServiceTraffic(
    string Service,
    IReadOnlyList<RouteRule> Routes,
    TrafficGate Gate,
    VersionPool? Main,
    VersionPool? Canary,
    Share CanaryShare,
    VersionPool? Preview,
    IReadOnlyList<TargetRule> Targets,
    IReadOnlyList<IdentitySource> Cohort,
    string Salt,
    TrafficLimits Limits
)
{
    /// <summary>Answered by Teal itself while the service is held, so that an outer balancer does not take the hold for a failure.</summary>
    public string? HealthPath { get; init; }

    /// <summary>The canary's share is taken from the last buckets of the salt's line: disjoint from what is taken from its first.</summary>
    public bool IsFromTop { get; init; }
}

/// <param name="Host">Exact, <c>*.example.com</c> or <c>*</c>.</param>
/// <param name="Path">Prefix in whole segments; longest wins.</param>
public sealed record RouteRule(string Host, string Path);

public enum TrafficGate
{
    Open,

    /// <summary>Requests wait, within the limits.</summary>
    Held,

    /// <summary>503 with Retry-After.</summary>
    Maintenance,
}

/// <param name="Slot">blue or green.</param>
/// <param name="IsHttp2">The instances speak cleartext HTTP/2.</param>
public sealed record VersionPool(string Slot, string Version, bool IsHttp2, IReadOnlyList<InstanceAddress> Instances)
{
    /// <summary>The flags that this version wants to be handed with each request; null: none.</summary>
    public FlagWish? Flags { get; init; }
}

/// <param name="Keys">In the order of the header.</param>
/// <param name="Environment">Null: the default one.</param>
/// <param name="Context">Attributes, no name twice, none of them <c>targetingKey</c>: that is the identity of the cohort.</param>
public sealed record FlagWish(IReadOnlyList<string> Keys, string? Environment, IReadOnlyList<FlagAttribute> Context)
{
    /// <summary>The header is signed with the service's key.</summary>
    public bool IsSigned { get; init; }
}

public sealed record FlagAttribute(string Name, IdentitySource Source);

public sealed record InstanceAddress(string Id, Uri Address, bool IsHealthy);

/// <summary>header:NAME=VALUE · cookie:NAME=VALUE · address:CIDR · segment:NAME</summary>
public abstract record TargetRule
{
    public sealed record Header(string Name, string Value) : TargetRule;

    public sealed record Cookie(string Name, string Value) : TargetRule;

    public sealed record Address(System.Net.IPNetwork Network) : TargetRule;

    /// <summary>Whoever belongs to a segment of the flags, as it is at the time of the request.</summary>
    /// <param name="Environment">Null: the default one.</param>
    /// <param name="Context">As of <see cref="FlagWish"/>.</param>
    public sealed record Segment(string Name, string? Environment, IReadOnlyList<FlagAttribute> Context) : TargetRule;
}

/// <summary>header:NAME · cookie:NAME (set when missing) · address</summary>
public abstract record IdentitySource
{
    public sealed record Header(string Name) : IdentitySource;

    public sealed record Cookie(string Name) : IdentitySource;

    public sealed record Address : IdentitySource;
}

/// <param name="BodyBytes">Largest request body.</param>
/// <param name="Answer">Time to the head of the answer.</param>
public sealed record TrafficLimits(long BodyBytes, TimeSpan Answer, int HeldRequests, TimeSpan HeldTime);
