namespace Teal.Flags;

/// <summary>All flags of a server: never changed, only replaced by the next one.</summary>
public sealed record FlagSet
{
    public static readonly FlagSet Empty = new();

    /// <summary>Names in the order in which changes travel, the one that matters most last: <c>staging, production</c>.</summary>
    public IReadOnlyList<string> Environments { get; init; } = ["production"];

    public IReadOnlyDictionary<string, Segment> Segments { get; init; } = new Dictionary<string, Segment>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Holdout> Holdouts { get; init; } = new Dictionary<string, Holdout>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Flag> Flags { get; init; } = new Dictionary<string, Flag>(StringComparer.Ordinal);

    /// <summary>Counts the changes of the whole set, from 0.</summary>
    public long Version { get; init; }
}

/// <summary>
/// A named group of users: those who are listed and those of whom the condition holds. The list is personal data and is never part
/// of a document that leaves the server; so is the condition of a segment that says of itself that it is personal.
/// </summary>
public sealed record Segment
{
    public string Description { get; init; } = "";

    /// <summary>Targeting keys.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];
    public Condition? If { get; init; }
    public bool IsPersonal { get; init; }
}

/// <summary>A share of users who never get anything new, by a salt of its own; many flags may keep the same ones out.</summary>
public sealed record Holdout(Share Share, string Salt, string By = Serve.Split.TargetingKey);
