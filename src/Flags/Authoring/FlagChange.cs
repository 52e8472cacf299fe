using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>
/// What people and schedules do to a set of flags. Pure: FlagChanger makes the next set, or says why not, so that
/// the journal may keep changes and fold them.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "change")]
[JsonDerivedType(typeof(CreateFlag), "create_flag")]
[JsonDerivedType(typeof(DescribeFlag), "describe_flag")]
[JsonDerivedType(typeof(RenameFlag), "rename_flag")]
[JsonDerivedType(typeof(ArchiveFlag), "archive_flag")]
[JsonDerivedType(typeof(EnableFlag), "enable_flag")]
[JsonDerivedType(typeof(SetOtherwise), "set_otherwise")]
[JsonDerivedType(typeof(SetShare), "set_share")]
[JsonDerivedType(typeof(SetTargeting), "set_targeting")]
[JsonDerivedType(typeof(PutRule), "put_rule")]
[JsonDerivedType(typeof(RemoveRule), "remove_rule")]
[JsonDerivedType(typeof(RunSchedule), "run_schedule")]
[JsonDerivedType(typeof(PutSegment), "put_segment")]
[JsonDerivedType(typeof(RemoveSegment), "remove_segment")]
[JsonDerivedType(typeof(PutHoldout), "put_holdout")]
[JsonDerivedType(typeof(RemoveHoldout), "remove_holdout")]
[JsonDerivedType(typeof(Promote), "promote")]
[JsonDerivedType(typeof(ReplaceAll), "replace_all")]
[JsonDerivedType(typeof(PatchSet), "patch_set")]
public abstract record FlagChange
{
    /// <summary>A change of one flag. <see cref="ExpectedVersion"/> is the flag's version that was looked at; null: whatever it is.</summary>
    public abstract record OfFlag(string Flag, int? ExpectedVersion) : FlagChange;

    /// <summary>A change of what one flag serves in one environment.</summary>
    public abstract record OfTargeting(string Flag, string Environment, int? ExpectedVersion) : OfFlag(Flag, ExpectedVersion);

    /// <summary>A change of what flags share. <see cref="ExpectedVersion"/> is the version of the set that was looked at; null: whatever it is.</summary>
    public abstract record OfSet(long? ExpectedVersion) : FlagChange;

    /// <summary>The flag's version becomes 1; an environment that it does not name serves its off variant.</summary>
    public sealed record CreateFlag(Flag Flag) : FlagChange;

    /// <summary>What is null stays as it is.</summary>
    public sealed record DescribeFlag(
        string Flag,
        FlagKind? Kind,
        string? Owner,
        string? Description,
        DateOnly? Expires,
        IReadOnlyList<string>? Tags,
        int? ExpectedVersion
    ) : OfFlag(Flag, ExpectedVersion);

    /// <summary>The salt stays, so that nobody moves; what names the flag follows.</summary>
    public sealed record RenameFlag(string Flag, string To, int? ExpectedVersion) : OfFlag(Flag, ExpectedVersion);

    public sealed record ArchiveFlag(string Flag, bool IsArchived, int? ExpectedVersion) : OfFlag(Flag, ExpectedVersion);

    /// <summary>Kill (false: everybody gets the off variant) and revive (true: as it was before).</summary>
    public sealed record EnableFlag(string Flag, string Environment, bool IsEnabled, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    public sealed record SetOtherwise(string Flag, string Environment, Serve Otherwise, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    /// <summary>
    /// The share of one variant against another, behind the rules. Monotone: whoever has the variant keeps it while its share grows.
    /// </summary>
    /// <param name="Against">Null: the other one of the present split, the variant served to all now, or the off variant.</param>
    public sealed record SetShare(string Flag, string Environment, string Variant, Share Share, string? Against, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    public sealed record SetTargeting(string Flag, string Environment, Targeting Targeting, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    /// <summary>Replaces the rule of that name where it stands, or adds it.</summary>
    /// <param name="At">Where a new rule is put, from 0; null: behind the others.</param>
    public sealed record PutRule(string Flag, string Environment, Rule Rule, int? At, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    public sealed record RemoveRule(string Flag, string Environment, string Rule, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    /// <summary>A scheduled change has come: it is made, and leaves the schedule.</summary>
    public sealed record RunSchedule(string Flag, string Environment, Scheduled Entry, int? ExpectedVersion)
        : OfTargeting(Flag, Environment, ExpectedVersion);

    public sealed record PutSegment(string Name, Segment Segment, long? ExpectedVersion = null) : OfSet(ExpectedVersion);

    public sealed record RemoveSegment(string Name, long? ExpectedVersion = null) : OfSet(ExpectedVersion);

    public sealed record PutHoldout(string Name, Holdout Holdout, long? ExpectedVersion = null) : OfSet(ExpectedVersion);

    public sealed record RemoveHoldout(string Name, long? ExpectedVersion = null) : OfSet(ExpectedVersion);

    /// <summary>What flags serve in one environment is served in another; schedules stay where they are.</summary>
    /// <param name="Flags">Null: all of them.</param>
    public sealed record Promote(string From, string To, IReadOnlyList<string>? Flags, long? ExpectedVersion = null)
        : OfSet(ExpectedVersion);

    /// <summary>A whole set out of a file. Flags that it does not change keep their version and their times.</summary>
    public sealed record ReplaceAll(FlagSet Set, long? ExpectedVersion) : OfSet(ExpectedVersion);

    /// <summary>The same, said by what is different: how the journal keeps it.</summary>
    public sealed record PatchSet(FlagPatch Patch, long? ExpectedVersion = null) : OfSet(ExpectedVersion);
}

/// <summary>The next set, or everything that stands against it.</summary>
public sealed record FlagOutcome(FlagSet? Set, IReadOnlyList<FlagProblem> Problems)
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Set))]
    public bool IsGood => Set is not null;
}
