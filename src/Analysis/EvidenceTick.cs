using System.Text.Json.Serialization;

namespace Teal.Analysis;

/// <summary>How requests come to a side: what may be taken for chance.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Placement>))]
public enum Placement
{
    /// <summary>Anyhow: a hash of something, a balancer outside, counters that were scraped. Only the counts of a tick are compared.</summary>
    [JsonStringEnumMemberName("counted")]
    Counted,

    /// <summary>Each request by a coin of its own, with the share as its chance.</summary>
    [JsonStringEnumMemberName("coin")]
    Coin,

    /// <summary>Each user by a coin, and all requests of the user with it: <see cref="ArmTick.BadUsers"/> is compared, not the requests.</summary>
    [JsonStringEnumMemberName("user")]
    User,
}

/// <summary>What one side did during a tick, or since a server's start: counters that only grow can be taken apart by <see cref="Since"/>.</summary>
/// <param name="Requests">Answered requests that count: a client that left is not one.</param>
/// <param name="Bad">Of those: 5xx, resets, timeouts, outcomes that the application called bad.</param>
/// <param name="Latency">In milliseconds; null when none was measured.</param>
/// <param name="BadUsers">Users with a bad event, each once in its window (<see cref="FirstEvents"/>); for <see cref="Placement.User"/>.</param>
public sealed record ArmTick(long Requests, long Bad, LatencyHistogram? Latency = null, long BadUsers = 0)
{
    public static ArmTick None { get; } = new(0, 0);

    /// <summary>What came since an earlier reading of the same counters; null when they went back, for then nobody knows.</summary>
    public ArmTick? Since(ArmTick earlier) =>
        Requests < earlier.Requests || Bad < earlier.Bad || BadUsers < earlier.BadUsers
            ? null
            : new ArmTick(
                Requests - earlier.Requests,
                Bad - earlier.Bad,
                earlier.Latency is null ? Latency : Latency?.Since(earlier.Latency),
                BadUsers - earlier.BadUsers
            );

    public ArmTick Plus(ArmTick other) =>
        new(
            Requests + other.Requests,
            Bad + other.Bad,
            Latency is null ? other.Latency
                : other.Latency is null ? Latency
                : Latency.Plus(other.Latency),
            BadUsers + other.BadUsers
        );

    /// <summary>Of one side in one tick. What says more is no counter, and would take long to weigh.</summary>
    public const long MostRequests = 2_000_000;

    /// <summary>Counts that can be: none below zero, no more bad ones than there were.</summary>
    internal bool CanBe => Requests is >= 0 and <= MostRequests && Bad >= 0 && Bad <= Requests && BadUsers >= 0 && BadUsers <= Bad;
}

/// <summary>Both sides on one route over the same time.</summary>
/// <param name="Route">As the verdict is to name it: <c>GET /checkout</c>. Empty when routes are not told apart.</param>
public sealed record RouteTick(string Route, ArmTick New, ArmTick Old);

/// <summary>A short time of a release, at one share: what a monitor feeds the judge and what is journaled for a replay.</summary>
/// <param name="At">The end of the tick, since <see cref="JudgeOrder.Since"/>.</param>
/// <param name="Share">Of the traffic (or the users) that goes to the new side, 0 to 1. A tick ends where the share changes.</param>
/// <param name="Routes">Each route once. None is a tick without traffic.</param>
/// <param name="New">The new side's processes; null when nothing was read.</param>
public sealed record EvidenceTick(
    TimeSpan At,
    double Share,
    Placement Placement,
    IReadOnlyList<RouteTick> Routes,
    ResourceReading? New = null,
    ResourceReading? Old = null
)
{
    /// <summary>Null when the tick can be weighed, or why it cannot.</summary>
    internal string? Fault =>
        !(Share >= 0 && Share <= 1) ? "the share is not between 0 and 1"
        : Routes.Any(route => !route.New.CanBe || !route.Old.CanBe) ? "counters went back or do not fit together"
        : null;
}

/// <summary>What the judge of a release is told before it begins.</summary>
/// <param name="New">The new side's name in sentences: <c>v42</c>.</param>
/// <param name="Old">The old side's; null on a first release.</param>
/// <param name="Since">When the new side first had a share.</param>
/// <param name="Before">
/// What the old side did in the minute before, route by route: it says which routes are judged by themselves, what slow means at first, and
/// stands for the old side where there is none to compare with.
/// </param>
/// <param name="Alpha">The chance that a release without a regression is taken back, at any time of its life, all its guards together.</param>
public sealed record JudgeOrder(
    string New,
    string? Old,
    DateTimeOffset Since,
    IReadOnlyList<Guard> Guards,
    IReadOnlyList<RouteTick> Before,
    double Alpha = 0.01
);
