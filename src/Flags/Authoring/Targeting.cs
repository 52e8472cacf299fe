using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>
/// What a flag serves in one environment: off, or unmet prerequisites, or held out → <see cref="Off"/>; else the first rule whose
/// condition holds; else <see cref="Otherwise"/>.
/// </summary>
public sealed record Targeting
{
    public bool IsEnabled { get; init; } = true;

    /// <summary>Served while the flag is off. Null: the application's own default is, as if the flag did not exist.</summary>
    public string? Off { get; init; }
    public IReadOnlyList<Rule> Rules { get; init; } = [];
    public required Serve Otherwise { get; init; }

    /// <summary>The holdout whose users always get <see cref="Off"/>.</summary>
    public string? Holdout { get; init; }
    public IReadOnlyList<Scheduled> Schedule { get; init; } = [];

    /// <summary>When this was last changed; null for what a file brought.</summary>
    public DateTimeOffset? Changed { get; init; }
}

/// <param name="Name">Unique in its environment; shown when an evaluation is explained.</param>
public sealed record Rule(string Name, Condition If, Serve Serve);

/// <summary>One variant for everybody, or a split of users over several.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "serve")]
[JsonDerivedType(typeof(One), "variant")]
[JsonDerivedType(typeof(Split), "split")]
public abstract record Serve
{
    public sealed record One(string Variant) : Serve;

    /// <summary>
    /// Slices of 100 %, laid out in their order along the buckets. The last one is the rest: what other slices gain, it loses, so
    /// that whoever is in a growing first slice stays in it. Who has no value for <paramref name="By"/> is in no slice: a rule then
    /// does not match, and behind the rules the off variant is served.
    /// </summary>
    /// <param name="By">The attribute that keeps a user with one variant.</param>
    public sealed record Split(IReadOnlyList<Slice> Slices, string By = Split.TargetingKey) : Serve
    {
        public const string TargetingKey = "targetingKey";
    }
}

public sealed record Slice(string Variant, Share Share);

/// <summary>A change that comes by itself at a time on the clock of a place. What is null stays as it is.</summary>
/// <param name="At">Local time, <c>2026-12-01T09:00</c>: what the clock on the wall there shows.</param>
/// <param name="Zone">IANA name: <c>Europe/Berlin</c>.</param>
public sealed record Scheduled(DateTime At, string Zone, bool? IsEnabled, Serve? Otherwise);
