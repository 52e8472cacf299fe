namespace Teal.Wire;

/// <summary>What <c>status</c>, <c>deploy</c> and the release commands answer. Keys on the wire are snake_case.</summary>
/// <param name="Version">Of this format: 1.</param>
/// <param name="Live">The version users are on.</param>
/// <param name="Warm">The version that a rollback returns to at once.</param>
/// <param name="Next">Commands that make sense now.</param>
/// <param name="Warnings">Of the server itself: what a person should look at.</param>
public sealed record StatusView(
    int Version,
    string Service,
    string? Live,
    string? Warm,
    string Gate,
    string? PreviewUrl,
    ReleaseView? Release,
    IReadOnlyList<string> Waiting,
    IReadOnlyList<SlotView> Slots,
    IReadOnlyList<string> Next,
    long Sequence,
    IReadOnlyList<string>? Warnings = null
);

/// <param name="Outcome">running · done · not_switched · rolled_back · aborted · superseded</param>
/// <param name="Kind">deploy · rollback</param>
/// <param name="Stage">From 1; 0 before the first.</param>
/// <param name="Share">Of the new version now: <c>25%</c>.</param>
/// <param name="HoldMs">Length of the present stage's hold.</param>
public sealed record ReleaseView(
    string Id,
    long Number,
    string Kind,
    string? From,
    string To,
    string Outcome,
    string Phase,
    int Stage,
    int Stages,
    string Share,
    long HoldMs,
    bool Paused,
    bool TrafficMoved,
    string? NeedsPerson,
    string Actor,
    string? Reason,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<StepView> Steps,
    IReadOnlyList<VerdictView> Verdicts,
    FailureView? Failure,
    ReceiptView? Receipt
);

public sealed record StepView(DateTimeOffset At, string What, string Share, string Words);

public sealed record VerdictView(DateTimeOffset At, int Stage, string Kind, IReadOnlyList<FindingView> Findings);

public sealed record FindingView(string Guard, string Answer, string Figure, string Limit, long Requests, string Words);

public sealed record FailureView(string Code, string What, string Why, string? LastResponse, IReadOnlyList<string> LogLines);

public sealed record ReceiptView(
    long CarriedIn,
    long Accepted,
    IReadOnlyDictionary<string, long> Served,
    long ClientGone,
    IReadOnlyDictionary<string, long> Shed,
    IReadOnlyDictionary<string, long> Failed,
    IReadOnlyList<CutView> Cut,
    long CutCount,
    long Open,
    long Dropped,
    bool AddsUp,
    DateTimeOffset Since
);

public sealed record CutView(string Method, string Path, string Version, long AgeMs);

/// <param name="Phase">empty · starting · ready · serving · warm · stopping</param>
public sealed record SlotView(string Slot, string? Version, string Phase, string Share, IReadOnlyList<InstanceView> Instances);

public sealed record InstanceView(
    string Id,
    int Pid,
    int Port,
    bool Healthy,
    int Restarts,
    double? CpuPercent,
    long? MemoryBytes,
    int InFlight,
    string? LastProbe
);

/// <param name="Warnings">Of the server itself: what a person should look at.</param>
public sealed record ServicesView(int Version, IReadOnlyList<StatusView> Services, IReadOnlyList<string>? Warnings = null);

public sealed record HistoryView(
    int Version,
    string Service,
    string? Live,
    string? Warm,
    IReadOnlyList<ReleaseView> Releases,
    IReadOnlyList<string> Next
);

/// <summary>One line of the audit trail, straight from the journal.</summary>
/// <param name="Fence">The number of the server that wrote it; a newer server's is higher.</param>
public sealed record AuditEntryView(
    long Sequence,
    DateTimeOffset At,
    string Service,
    string Kind,
    string Actor,
    string From,
    string? Reason,
    string Body,
    long Fence,
    string Hash
);

public sealed record AuditView(int Version, IReadOnlyList<AuditEntryView> Entries);

/// <summary>What reading the whole journal against its chain of hashes found.</summary>
/// <param name="Entries">Good entries from the first on.</param>
/// <param name="Hash">Of the last good entry: noted elsewhere, it proves later that nothing before it was changed.</param>
public sealed record JournalCheckView(
    int Version,
    bool Ok,
    string Journal,
    long Entries,
    long? FirstBadSequence,
    string? Why,
    string Hash,
    IReadOnlyList<string> Next
);

/// <summary>The body that a webhook of <c>notify</c> gets. Keys are only ever added.</summary>
/// <param name="Id">The same at every attempt: a message may come twice.</param>
/// <param name="Event">done · not_switched · rolled_back · aborted · superseded · needs_person</param>
/// <param name="Actor">Who began the release.</param>
/// <param name="Code">Of what went wrong, <c>TEAL3021</c>; null when nothing did.</param>
public sealed record NoticeView(
    int Version,
    string Id,
    string Event,
    string Service,
    string Release,
    string? From,
    string To,
    DateTimeOffset At,
    string Actor,
    string? Code,
    string? What,
    string? Why
);

/// <summary>A live event on <c>/api/v1/events</c>; its SSE id is <see cref="Sequence"/>.</summary>
/// <param name="Status">The service after the event.</param>
public sealed record EventView(
    long Sequence,
    DateTimeOffset At,
    string Service,
    string Kind,
    string Actor,
    string? Reason,
    StatusView Status
);

/// <summary>The plan of a deploy, line by line.</summary>
/// <param name="StaleWhen">The plan holds only while the service is in this state; handed back with the deploy.</param>
public sealed record PlanView(
    int Version,
    string Service,
    string? From,
    string To,
    IReadOnlyList<PlanLineView> Lines,
    int? PointOfNoReturn,
    IReadOnlyList<string> Notes,
    bool Changes,
    IReadOnlyList<string> Next
);

/// <param name="Back">instant · minutes · none</param>
public sealed record PlanLineView(int Number, string What, string Back, string Why, string? Guard, long? TakesMs);

public sealed record VersionView(string Service, string Version, string Hash, long Bytes, int Files, bool Already);

public sealed record RoutesView(int Version, long Table, IReadOnlyList<RouteView> Routes);

public sealed record RouteView(string Host, string Path, string Service, string Gate, IReadOnlyList<RouteTargetView> Targets);

public sealed record RouteTargetView(string Slot, string Version, string Share, string Address, bool Healthy, int InFlight);

public sealed record ServerView(
    int Version,
    string Teal,
    int Pid,
    string Home,
    IReadOnlyList<string> Listen,
    string? Admin,
    DateTimeOffset StartedAt,
    long JournalSequence,
    long JournalBytes,
    long MemoryBytes
);

public sealed record TokenView(
    string Id,
    string Role,
    string? Service,
    DateTimeOffset CreatedAt,
    DateTimeOffset? Expires,
    string? Secret,
    string? Environment = null
);

public sealed record TokensView(int Version, IReadOnlyList<TokenView> Tokens);
