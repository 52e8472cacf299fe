using System.Net;
using Teal.Flags;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

/// <summary>A plane with its edge on a free port, and short words to publish with.</summary>
internal sealed class Door : IAsyncDisposable
{
    public const string Service = "shop";
    public const string Token = "let-me-see";

    /// <summary>Of every wait and every limit that a test is not about: only a starved machine comes near it.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private Door(TrafficPlane plane, Edge edge)
    {
        Plane = plane;
        Edge = edge;
        Client = NewClient();
    }

    public TrafficPlane Plane { get; }
    public Edge Edge { get; }
    public HttpClient Client { get; }
    public Uri Address => Edge.Addresses[0];
    public LedgerSnapshot Ledger => Plane.Ledger(Service);

    /// <param name="time">The edge's.</param>
    public static async Task<Door> OpenAsync(
        EdgeLimits? limits = null,
        Func<TrafficPlaneOptions, TrafficPlaneOptions>? change = null,
        string listen = "http://127.0.0.1:0",
        TimeProvider? time = null
    )
    {
        var options = new TrafficPlaneOptions((token, service) => token == Token && service == Service, [])
        {
            Sweep = TimeSpan.FromMilliseconds(20),
        };
        var plane = new TrafficPlane(change?.Invoke(options) ?? options, TimeProvider.System);
        var patient = EdgeLimits.Default with { HeadTime = Bound, Grace = Bound, LameDuck = TimeSpan.FromMilliseconds(200) };
        var edge = new Edge(plane, limits ?? patient, [listen], time ?? TimeProvider.System);
        await edge.StartAsync(CancellationToken.None);
        return new Door(plane, edge);
    }

    public HttpClient NewClient() =>
        new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };

    public static VersionPool Pool(string slot, App app, bool isHttp2 = false) => Pool(slot, app.Version, isHttp2, app.Address);

    public static VersionPool Pool(string slot, string version, bool isHttp2, params Uri[] addresses) =>
        new(slot, version, isHttp2, [.. addresses.Select((address, i) => new InstanceAddress($"{version}-{i}", address, IsHealthy: true))]);

    /// <summary>Publishes, and demands that it was taken.</summary>
    public long Publish(
        VersionPool? main,
        VersionPool? canary = null,
        int canaryParts = 0,
        TrafficGate gate = TrafficGate.Open,
        VersionPool? preview = null,
        IReadOnlyList<TargetRule>? targets = null,
        IReadOnlyList<IdentitySource>? cohort = null,
        TrafficLimits? limits = null,
        string? healthPath = null
    )
    {
        var traffic = new ServiceTraffic(
            Service,
            [new RouteRule("*", "/")],
            gate,
            main,
            canary,
            new Share(canaryParts),
            preview,
            targets ?? [],
            cohort ?? [],
            "salt",
            limits ?? new TrafficLimits(1 << 20, Bound, 100, Bound)
        )
        {
            HealthPath = healthPath,
        };
        return Assert.IsType<PublishResult.Published>(Plane.Publish(traffic)).Table;
    }

    public Task<DrainReport> DrainAsync(string slot, TimeSpan? deadline = null, TimeSpan? connections = null) =>
        Plane.DrainAsync(Service, slot, deadline ?? Bound, connections ?? TimeSpan.Zero, CancellationToken.None);

    /// <summary>Polls a fact; fails loudly when it does not come true.</summary>
    public static async Task UntilAsync(Func<bool> fact, string what)
    {
        var bound = TimeProvider.System.GetTimestamp();
        while (!fact())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(bound) < Bound, $"Not true after {Bound}: {what}");
            await Task.Delay(5);
        }
    }

    /// <summary>The ledger adds up, nothing was dropped, and nothing is inside any more.</summary>
    public async Task<LedgerSnapshot> SettledAsync()
    {
        await UntilAsync(() => Ledger.Inside == 0, "the ledger is quiet");
        var ledger = Ledger;
        Assert.True(ledger.AddsUp, ledger.ToString());
        Assert.Equal(0, ledger.Dropped);
        return ledger;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Edge.StopAsync(TimeSpan.Zero);
        await Edge.DisposeAsync();
        Plane.Dispose();
    }
}
