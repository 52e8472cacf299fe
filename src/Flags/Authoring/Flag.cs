using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>What a flag is for; it decides how long it is expected to live.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlagKind>))]
public enum FlagKind
{
    [JsonStringEnumMemberName("release")]
    Release,

    [JsonStringEnumMemberName("experiment")]
    Experiment,

    [JsonStringEnumMemberName("operational")]
    Operational,

    [JsonStringEnumMemberName("permission")]
    Permission,

    [JsonStringEnumMemberName("kill-switch")]
    KillSwitch,
}

/// <summary>What all variants of a flag are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlagType>))]
public enum FlagType
{
    [JsonStringEnumMemberName("bool")]
    Bool,

    [JsonStringEnumMemberName("string")]
    String,

    [JsonStringEnumMemberName("number")]
    Number,

    [JsonStringEnumMemberName("object")]
    Object,
}

/// <summary>
/// A flag as people write it: what it is, and per environment what it serves to whom. Compared by its JSON
/// (<see cref="FlagJson"/>), for lists and maps have no value of their own.
/// </summary>
public sealed record Flag
{
    public required string Key { get; init; }
    public FlagKind Kind { get; init; } = FlagKind.Release;
    public required FlagType Type { get; init; }

    /// <summary>A team or a person. Never sent to clients.</summary>
    public required string Owner { get; init; }
    public string Description { get; init; } = "";
    public IReadOnlyList<string> Tags { get; init; } = [];
    public DateOnly? Created { get; init; }
    public DateOnly? Expires { get; init; }

    /// <summary>In the order they were written; names are unique, values are all of <see cref="Type"/>.</summary>
    public required IReadOnlyList<Variant> Variants { get; init; }

    /// <summary>Other flags that have to serve one of the named variants; where they do not, this flag serves its off variant.</summary>
    public IReadOnlyList<Prerequisite> Requires { get; init; } = [];
    public IReadOnlyList<FlagLink> Links { get; init; } = [];

    /// <summary>
    /// What splits mix with the user's key. Set when the flag is created and kept when it is renamed, so that a rename moves nobody.
    /// The same in every environment.
    /// </summary>
    public required string Salt { get; init; }

    /// <summary>Whose cohort the splits share or avoid; null: this flag's own.</summary>
    public CohortSharing? Cohort { get; init; }

    /// <summary>Archived flags are in no document and may be required by no other flag.</summary>
    public bool IsArchived { get; init; }

    /// <summary>One for each environment of the set, by its name.</summary>
    public required IReadOnlyDictionary<string, Targeting> Environments { get; init; }

    /// <summary>Counts this flag's changes, from 1. A command that names another one is refused.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When the flag was last changed in any way; null for one that a file brought.</summary>
    public DateTimeOffset? Changed { get; init; }
}

public sealed record Variant(string Name, VariantValue Value);

/// <param name="Variants">One of these has to be served.</param>
public sealed record Prerequisite(string Flag, IReadOnlyList<string> Variants);

[JsonConverter(typeof(JsonStringEnumConverter<FlagLinkKind>))]
public enum FlagLinkKind
{
    [JsonStringEnumMemberName("release")]
    Release,

    [JsonStringEnumMemberName("migration")]
    Migration,
}

/// <summary>What the flag belongs to: <c>release:shop</c>, <c>migration:0042-split-name</c>.</summary>
public sealed record FlagLink(FlagLinkKind Kind, string Name);

[JsonConverter(typeof(JsonStringEnumConverter<CohortRelation>))]
public enum CohortRelation
{
    /// <summary>The first 5 % of one are the first 5 % of the other.</summary>
    [JsonStringEnumMemberName("same-as")]
    SameAs,

    /// <summary>Nobody is in both, as long as the two shares fit into 100 %.</summary>
    [JsonStringEnumMemberName("disjoint-from")]
    DisjointFrom,
}

[JsonConverter(typeof(JsonStringEnumConverter<CohortOwner>))]
public enum CohortOwner
{
    [JsonStringEnumMemberName("flag")]
    Flag,

    /// <summary>The traffic of a service: <c>release:shop</c>.</summary>
    [JsonStringEnumMemberName("release")]
    Release,
}

/// <summary>Written <c>same-as release:shop</c> or <c>disjoint-from flag:checkout</c>.</summary>
public sealed record CohortSharing(CohortRelation Relation, CohortOwner Owner, string Name);
