using System.Text.Json.Serialization;

namespace Teal.Analysis;

/// <summary>What the guards say of the new version, all taken together.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VerdictKind>))]
public enum VerdictKind
{
    /// <summary>A guard could not be answered. Never a pass: it holds the stage.</summary>
    NoData,

    /// <summary>Every guard is within its limit.</summary>
    Continue,

    /// <summary>Something is not right and not proved wrong: the stage does not advance.</summary>
    Hold,

    /// <summary>A guard is broken: the release goes back.</summary>
    Rollback,

    /// <summary>Not only is nothing wrong: it is shown that the new version is not twice as bad. A stage need not wait for its time.</summary>
    Safe,
}

[JsonConverter(typeof(JsonStringEnumConverter<GuardAnswer>))]
public enum GuardAnswer
{
    Healthy,
    Unhealthy,
    Inconclusive,
}

/// <summary>One guard's answer, ready to be read by a person.</summary>
/// <param name="Guard">As written in the manifest: <c>error_rate max_increase 0.5%</c>.</param>
/// <param name="Figure">What was measured, with its unit; <c>no data</c> when nothing was.</param>
/// <param name="Limit">What was allowed, with its unit.</param>
/// <param name="Requests">Answers of the new version behind the figure.</param>
/// <param name="Words">The evidence as a sentence.</param>
public sealed record GuardFinding(string Guard, GuardAnswer Answer, string Figure, string Limit, long Requests, string Words)
{
    /// <summary>The route that the evidence points at; null when it is all of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Route { get; init; }

    /// <summary>About so many more requests to the new version would show that it is safe; null when that cannot be said or is shown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RequestsToSafe { get; init; }
}

/// <summary>All guards' findings and what follows from them.</summary>
public sealed record Verdict(VerdictKind Kind, IReadOnlyList<GuardFinding> Findings);
