using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Teal.Releases;

namespace Teal.Server;

/// <summary>What a journal entry's body holds: a release event of a service, or something the server itself has to remember.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReleaseHappened), "release")]
[JsonDerivedType(typeof(InstanceStarted), "instance_started")]
[JsonDerivedType(typeof(InstanceExited), "instance_exited")]
[JsonDerivedType(typeof(GateChanged), "gate_changed")]
[JsonDerivedType(typeof(TokenCreated), "token_created")]
[JsonDerivedType(typeof(TokenRevoked), "token_revoked")]
public abstract record ServerEvent;

/// <param name="Effects">The intents decided with it, for the audit trail; the fold decides them again.</param>
public sealed record ReleaseHappened(ReleaseEvent Event, IReadOnlyList<OutstandingEffect> Effects) : ServerEvent;

/// <summary>An instance process exists. Written right after its start; one that started without this line is found by its environment.</summary>
public sealed record InstanceStarted(InstanceRecord Instance) : ServerEvent;

public sealed record InstanceExited(string Id, string Why) : ServerEvent;

/// <summary>A person closed or opened the service's gate.</summary>
public sealed record GateChanged(Gate Gate) : ServerEvent;

/// <param name="Hash">SHA-256 of the token, in hex: the token itself is never stored.</param>
/// <param name="Environment">Of an SDK's key: the environment whose flags it is told.</param>
public sealed record TokenCreated(string Id, string Hash, string Role, string? Service, DateTimeOffset? Expires, string? Environment = null)
    : ServerEvent;

public sealed record TokenRevoked(string Id) : ServerEvent;

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
        };
}
