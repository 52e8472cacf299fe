using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Flags;
using Teal.Server.Notifying;

namespace Teal.Server;

/// <summary>What a journal entry's body holds: a release event of a service, or something the server itself has to remember.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReleaseHappened), "release")]
[JsonDerivedType(typeof(RolloutHappened), "rollout")]
[JsonDerivedType(typeof(InstanceStarted), "instance_started")]
[JsonDerivedType(typeof(InstanceExited), "instance_exited")]
[JsonDerivedType(typeof(GateChanged), "gate_changed")]
[JsonDerivedType(typeof(TokenCreated), "token_created")]
[JsonDerivedType(typeof(TokenRevoked), "token_revoked")]
[JsonDerivedType(typeof(FlagsChanged), "flags_changed")]
[JsonDerivedType(typeof(FlagDocumentTaken), "flag_document_taken")]
[JsonDerivedType(typeof(FlagDocumentLeft), "flag_document_left")]
[JsonDerivedType(typeof(FlagFileTaken), "flag_file_taken")]
[JsonDerivedType(typeof(NoticeDelivered), "notice_delivered")]
[JsonDerivedType(typeof(NoticeFailed), "notice_failed")]
public abstract record ServerEvent;

/// <param name="Effects">The intents decided with it, for the audit trail; the fold decides them again.</param>
public sealed record ReleaseHappened(ReleaseEvent Event, IReadOnlyList<OutstandingEffect> Effects) : ServerEvent;

/// <param name="Effects">As of <see cref="ReleaseHappened"/>.</param>
public sealed record RolloutHappened(string Environment, string Flag, RolloutEvent Event, IReadOnlyList<WantedRolloutEffect> Effects)
    : ServerEvent;

/// <summary>An instance process exists. Written right after its start; one that started without this line is found by its environment.</summary>
public sealed record InstanceStarted(InstanceRecord Instance) : ServerEvent;

public sealed record InstanceExited(string Id, string Why) : ServerEvent;

/// <summary>A person closed or opened the service's gate.</summary>
public sealed record GateChanged(Gate Gate) : ServerEvent;

/// <param name="Hash">SHA-256 of the token, in hex: the token itself is never stored.</param>
/// <param name="Environment">Of an SDK's key: the environment whose flags it is told.</param>
public sealed record TokenCreated(string Id, string Hash, string Role, string? Service, DateTimeOffset? Expires, string? Environment = null)
    : ServerEvent
{
    public DateTimeOffset CreatedAt { get; init; }
}

public sealed record TokenRevoked(string Id) : ServerEvent;

/// <summary>A message of <c>notify</c> reached its webhook; should this line be lost, it is sent again.</summary>
public sealed record NoticeDelivered(string Notice, int Attempts) : ServerEvent;

/// <summary>A message was given up.</summary>
/// <param name="Why">A code and a sentence, without the address: that is a secret.</param>
public sealed record NoticeFailed(string Notice, int Attempts, string Why) : ServerEvent;

/// <summary>Flags were changed, all of these changes or none. The fold makes them again, as of the entry's time.</summary>
public sealed record FlagsChanged(IReadOnlyList<FlagChange> Changes) : ServerEvent;

/// <summary>The file that flags come from was read anew.</summary>
/// <param name="Patch">Against what the file said before; of the first one, against the set there was.</param>
public sealed record FlagFileTaken(string From, FlagPatch Patch) : ServerEvent;

/// <summary>An environment is served from a flagd document as it is, instead of from the flags written for it.</summary>
/// <param name="From">Where it came from, for people: a path.</param>
public sealed record FlagDocumentTaken(string Environment, string Json, string From) : ServerEvent;

/// <summary>The environment is served from the flags written for it again.</summary>
public sealed record FlagDocumentLeft(string Environment) : ServerEvent;

[JsonConverter(typeof(JsonStringEnumConverter<Gate>))]
public enum Gate
{
    Open,
    Held,
    Maintenance,
}

/// <param name="Id">Unique over all time: <c>shop.green.17.2-4f1c…</c>; in the process's environment as TEAL_INSTANCE.</param>
/// <param name="StartTime">Field 22 of <c>/proc/PID/stat</c>: with the pid it names one process of one boot.</param>
public sealed record InstanceRecord(string Id, string Service, SlotName Slot, string Version, int Index, int Port, int Pid, long StartTime);

/// <summary>The fold of the whole journal: immutable, published behind one reference.</summary>
public sealed record ServerState(
    long Sequence,
    ImmutableSortedDictionary<string, ServiceState> Services,
    ImmutableSortedDictionary<string, ServiceHistory> Histories,
    ImmutableSortedDictionary<string, InstanceRecord> Instances,
    ImmutableSortedDictionary<string, Gate> Gates,
    ImmutableSortedDictionary<string, TokenCreated> Tokens
)
{
    /// <summary>Messages that are due and not told of yet, oldest first: the intent, kept by the entry that caused them.</summary>
    // A snapshot from before there were any leaves them out, and what reads snapshots then sets nothing.
    public ImmutableList<Notice> Notices
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Messages that were due and dropped, because too many waited.</summary>
    public long DroppedNotices { get; init; }

    // A snapshot from before there were any leaves them out, and what reads snapshots then sets nothing.
    public FlagBook Flags
    {
        get;
        init => field = value ?? FlagBook.Empty;
    } = FlagBook.Empty;

    /// <summary>By environment and flag: <c>production/checkout</c>.</summary>
    // A snapshot from before there were any leaves them out, and what reads snapshots then sets nothing.
    public ImmutableSortedDictionary<string, RolloutState> Rollouts
    {
        get;
        init => field = value ?? NoRollouts;
    } = NoRollouts;

    public ImmutableSortedDictionary<string, RolloutHistory> RolloutHistories
    {
        get;
        init => field = value ?? NoStories;
    } = NoStories;

    private static ImmutableSortedDictionary<string, RolloutState> NoRollouts =>
        ImmutableSortedDictionary<string, RolloutState>.Empty.WithComparers(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, RolloutHistory> NoStories =>
        ImmutableSortedDictionary<string, RolloutHistory>.Empty.WithComparers(StringComparer.Ordinal);

    public static readonly ServerState Empty = new(
        0,
        ImmutableSortedDictionary<string, ServiceState>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableSortedDictionary<string, ServiceHistory>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableSortedDictionary<string, InstanceRecord>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableSortedDictionary<string, Gate>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableSortedDictionary<string, TokenCreated>.Empty.WithComparers(StringComparer.Ordinal)
    );

    /// <summary>The same state, ordered as here: what was read from JSON has the order of the reader's culture.</summary>
    internal ServerState Ordered() =>
        this with
        {
            Services = Services.WithComparers(StringComparer.Ordinal),
            Histories = Histories.WithComparers(StringComparer.Ordinal),
            Instances = Instances.WithComparers(StringComparer.Ordinal),
            Gates = Gates.WithComparers(StringComparer.Ordinal),
            Tokens = Tokens.WithComparers(StringComparer.Ordinal),
            Flags = Flags.Ordered(),
            Rollouts = Rollouts.WithComparers(StringComparer.Ordinal),
            RolloutHistories = RolloutHistories.WithComparers(StringComparer.Ordinal),
        };
}
