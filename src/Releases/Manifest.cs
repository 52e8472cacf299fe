using System.ComponentModel;
using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>
/// <c>teal.yaml</c>, read and checked. Keys are these names in snake_case; the reader, the JSON Schema and the reference page all
/// follow these records, their descriptions and their limits.
/// </summary>
public sealed record Manifest
{
    [Description("Name of the service: lower-case letters, digits and dashes, starting with a letter, at most 40.")]
    [Form(TextForm.ServiceName)]
    public required string Service { get; init; }

    [Description("How an instance is started.")]
    public required RunSection Run { get; init; }

    [Description("Which requests belong to the service.")]
    [Count(1, 64)]
    public IReadOnlyList<RouteSection> Routes { get; init; } = [new RouteSection()];

    [Description("When an instance counts as healthy.")]
    public HealthSection Health { get; init; } = new();

    [Description("How a version replaces another.")]
    public ReleaseSection Release { get; init; } = new();

    [Description("Limits on what clients send and wait for.")]
    public LimitsSection Limits { get; init; } = new();

    [Description("Flags that the proxy evaluates for each request and hands to the instances in the header teal-flags.")]
    public FlagsSection? Flags { get; init; }

    [Description("Who is told of a release. A message never holds a release up.")]
    [Count(0, 8)]
    // A journal from before there was this key leaves it out, and what reads journals then sets nothing.
    public IReadOnlyList<NotifySection> Notify
    {
        get;
        init => field = value ?? [];
    } = [];
}

public sealed record RunSection
{
    [Description("The program and its arguments: a list, never a shell string. A first part with a slash is taken from the stored folder.")]
    [Count(1, 256)]
    [Form(TextForm.Argument)]
    public required IReadOnlyList<string> Command { get; init; }

    [Description("auto: a free port is given to each instance as PORT and ASPNETCORE_URLS.")]
    [Form(TextForm.Port)]
    public string Port { get; init; } = "auto";

    [Description("The HTTP version that the instances speak: http1, or h2 (cleartext HTTP/2, needed for gRPC).")]
    public UpstreamProtocol Protocol { get; init; } = UpstreamProtocol.Http1;

    [Description("Instances of a version.")]
    [Within("1", "32")]
    public int Instances { get; init; } = 1;

    [Description("Time between SIGTERM and SIGKILL.")]
    [Within("0s", "1h")]
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Environment of the instances. A value env:NAME or file:PATH is read when an instance starts and never stored.")]
    [Count(0, 256)]
    [Form(TextForm.EnvValue)]
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();
}

[JsonConverter(typeof(JsonStringEnumConverter<UpstreamProtocol>))]
public enum UpstreamProtocol
{
    [JsonStringEnumMemberName("http1")]
    Http1,

    [JsonStringEnumMemberName("h2")]
    H2,
}

public sealed record RouteSection
{
    [Description("Host name, or *.example.com, or * for every host.")]
    [Form(TextForm.Host)]
    public string Host { get; init; } = "*";

    [Description("Path prefix; the longest match wins, whole segments only.")]
    [Form(TextForm.RoutePath)]
    public string Path { get; init; } = "/";
}

public sealed record HealthSection
{
    [Description("Asked with GET; a 2xx answer is healthy.")]
    [Form(TextForm.RequestPath)]
    public string Path { get; init; } = "/healthz";

    [Description("Time between two probes of one instance.")]
    [Within("100ms", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);

    [Description("A probe that takes longer has failed.")]
    [Within("10ms", "5m")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    [Description("Good probes in a row before an instance counts as healthy.")]
    [Within("1", "20")]
    public int Rise { get; init; } = 2;

    [Description("Bad probes in a row before a healthy instance counts as unhealthy.")]
    [Within("1", "20")]
    public int Fall { get; init; } = 3;

    [Description("A new version that is not healthy by then is given up.")]
    [Within("1s", "1h")]
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);
}

public sealed record ReleaseSection
{
    [Description("Requests sent to each new instance before the first user.")]
    public WarmUpSection? WarmUp { get; init; }

    [Description(
        "A program run in the stored folder against the idle slot's preview address (TEAL_PREVIEW_URL) before any user reaches it; exit 0 passes."
    )]
    [Count(0, 256)]
    [Form(TextForm.Argument)]
    public IReadOnlyList<string> Smoke { get; init; } = [];

    [Description("A smoke test that takes longer has failed.")]
    [Within("1s", "1h")]
    public TimeSpan SmokeTimeout { get; init; } = TimeSpan.FromSeconds(60);

    [Description("The stages, with rising shares, the last at 100%.")]
    [Count(1, 20)]
    public IReadOnlyList<StageSection> Steps { get; init; } = [new StageSection { Share = Share.All }];

    [Description("What keeps a client with one version.")]
    public CohortSection Cohort { get; init; } = new();

    [Description(
        "Who sees the new version from the first stage on, whatever the share: segment:NAME (of the flags), header:NAME=VALUE, cookie:NAME=VALUE or address:CIDR; one, or a list."
    )]
    [Count(0, 32)]
    [Form(TextForm.Target)]
    [OneOrMany]
    public IReadOnlyList<string> Target { get; init; } = [];

    [Description("Time that requests inside the old version have to end once the new one has all the traffic.")]
    [Within("0s", "1h")]
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Time over which WebSockets and event streams are asked to reconnect when their version is drained.")]
    [Within("0s", "1h")]
    public TimeSpan DrainConnections { get; init; } = TimeSpan.FromSeconds(10);

    [Description("The window of instant rollback: how long the old version is kept running.")]
    [Within("0s", "7d")]
    public TimeSpan KeepPrevious { get; init; } = TimeSpan.FromHours(1);

    [Description("Limits that the new version must keep, or traffic goes back. An empty list means none.")]
    [Count(0, 16)]
    public IReadOnlyList<Guard> Guard { get; init; } =
    [new Guard(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.01), new Guard(GuardMetric.LatencyP99, GuardLimit.MaxRatio, 2)];

    [Description("What a broken guard does: rollback, or pause and ask a person.")]
    public BreachAction OnBreach { get; init; } = BreachAction.Rollback;

    [Description("The preview address on loopback; port 0 takes a free one.")]
    [Form(TextForm.LoopbackAddress)]
    public string Preview { get; init; } = "127.0.0.1:0";
}

public sealed record WarmUpSection
{
    [Description("Asked in turn, with GET.")]
    [Count(1, 20)]
    [Form(TextForm.RequestPath)]
    public IReadOnlyList<string> Paths { get; init; } = ["/"];

    [Description("Requests to each path of each instance.")]
    [Within("1", "10000")]
    public int Requests { get; init; } = 10;
}

public sealed record StageSection
{
    [Description("Share of the traffic that goes to the new version: 0.01% to 100%, or 0% for a stage of targets only.")]
    public required Share Share { get; init; }

    [Description("How long the stage is watched before the next one.")]
    [Within("0s", "7d")]
    public TimeSpan Hold { get; init; } = TimeSpan.Zero;
}

[Short(nameof(With))]
public sealed record CohortSection
{
    [Description(
        "Where a client's identity is read, first found first: header:NAME, cookie:NAME, address. A named cookie that is missing is set."
    )]
    [Count(1, 8)]
    [Form(TextForm.Identity)]
    public IReadOnlyList<string> By { get; init; } = ["cookie:teal-cohort"];

    [Description(
        "Whose users come first: same-as flag:KEY, those who get the flag first; disjoint-from flag:KEY, nobody who has it. Left out: users of this release's own. A cohort that says nothing else may be this text alone."
    )]
    [Form(TextForm.CohortTie)]
    public string? With { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<BreachAction>))]
public enum BreachAction
{
    [JsonStringEnumMemberName("rollback")]
    Rollback,

    [JsonStringEnumMemberName("pause")]
    Pause,
}

public sealed record LimitsSection
{
    [Description("Largest request body.")]
    [Within("0B", "1TiB")]
    [InBytes]
    public long Body { get; init; } = 1L << 30;

    [Description("A request whose answer has not begun by then is ended with 504.")]
    [Within("100ms", "1h")]
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(100);

    [Description("Requests that may wait while the service is held.")]
    [Within("0", "100000")]
    public int HeldRequests { get; init; } = 1000;

    [Description("Longest time that a request waits while the service is held.")]
    [Within("0s", "10m")]
    public TimeSpan HeldTime { get; init; } = TimeSpan.FromSeconds(30);
}

public sealed record FlagsSection
{
    [Description(
        "Keys of the flags. One that does not exist, or has no variant for a request, is left out of its header. Left out: none, and the section says of whom a segment in release.target is asked."
    )]
    [Count(1, 16)]
    [Form(TextForm.FlagKey)]
    public IReadOnlyList<string> Evaluate { get; init; } = [];

    [Description(
        "true: beside teal-flags the instance gets teal-flags-signature, and in TEAL_FLAGS_KEY what to check it with: for an app that others than Teal can reach."
    )]
    public bool Sign { get; init; }

    [Description("Whose flags: an environment of the flags. Left out: the server's default, which is the last of its list.")]
    [Form(TextForm.FlagEnvironment)]
    public string? Environment { get; init; }

    [Description(
        "What rules may ask for besides the targeting key, which is the identity of release.cohort.by: each attribute and where a request has it."
    )]
    [Count(0, 16)]
    [Form(TextForm.Identity, Names = TextForm.AttributeName)]
    public IReadOnlyDictionary<string, string> Context { get; init; } = new Dictionary<string, string>();
}

public sealed record NotifySection
{
    [Description(
        "The address that gets a POST with JSON, by reference: where it is written is read when a message is sent, and never stored."
    )]
    [Form(TextForm.SecretReference)]
    public required string Webhook { get; init; }

    [Description("What it is told of: the ways a release ends, and that one needs a person.")]
    [Count(1, 6)]
    public required IReadOnlyList<NoticeKind> On { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<NoticeKind>))]
public enum NoticeKind
{
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>The new version never became healthy or failed its smoke test; users saw nothing.</summary>
    [JsonStringEnumMemberName("not_switched")]
    NotSwitched,

    /// <summary>Users are back on the older version, by itself or by a person's word.</summary>
    [JsonStringEnumMemberName("rolled_back")]
    RolledBack,

    [JsonStringEnumMemberName("aborted")]
    Aborted,

    [JsonStringEnumMemberName("superseded")]
    Superseded,

    /// <summary>An automatic step was refused; the release waits, or may wait, for somebody.</summary>
    [JsonStringEnumMemberName("needs_person")]
    NeedsPerson,
}
