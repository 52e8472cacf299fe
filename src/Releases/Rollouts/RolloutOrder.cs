using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <summary>Where a rollout goes when a guard is broken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BreachShare>))]
public enum BreachShare
{
    /// <summary>Nobody keeps the new variant.</summary>
    [JsonStringEnumMemberName("off")]
    Off,

    /// <summary>The share that was watched last before the one that broke.</summary>
    [JsonStringEnumMemberName("previous")]
    Previous,
}

/// <param name="Share">Of all users, those who get the new variant.</param>
/// <param name="Hold">How long it is watched before the next step; zero: not at all.</param>
public sealed record RolloutStep(Share Share, TimeSpan Hold);

/// <summary>What was asked for: who moves from which variant to which, in which steps, and what must not happen meanwhile.</summary>
/// <param name="From">The variant that users come from; what the guards compare with.</param>
/// <param name="Steps">With rising shares.</param>
public sealed record RolloutOrder(
    string From,
    string To,
    IReadOnlyList<RolloutStep> Steps,
    IReadOnlyList<Guard> Guards,
    BreachShare OnBreach
)
{
    public const int MostSteps = 20;
    public const int MostGuards = 20;

    /// <summary>The longest hold of one step.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromDays(7);
}
