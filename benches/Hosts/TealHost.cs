using Teal.Flags;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Bench.Hosts;

/// <summary>Teal's edge in the middle of a release: two versions, a share, cohorts, evidence and ledger all on.</summary>
internal static class TealHost
{
    public static async Task RunAsync(string listen, string upstream)
    {
        using var plane = new TrafficPlane(new TrafficPlaneOptions(static (_, _) => false, []), TimeProvider.System);
        plane.Publish(
            new ServiceTraffic(
                "shop",
                [new RouteRule("*", "/")],
                TrafficGate.Open,
                new VersionPool("blue", "v1", IsHttp2: false, [new InstanceAddress("v1.1", new Uri(upstream), IsHealthy: true)]),
                new VersionPool("green", "v2", IsHttp2: false, [new InstanceAddress("v2.1", new Uri(upstream), IsHealthy: true)]),
                new Share(2500),
                Preview: null,
                [],
                [new IdentitySource.Cookie("teal-cohort")],
                "shop-2",
                new TrafficLimits(1L << 30, TimeSpan.FromSeconds(100), 1000, TimeSpan.FromSeconds(30))
            )
        );
        await using var edge = new Edge(plane, EdgeLimits.Default, [listen], TimeProvider.System);
        await edge.StartAsync(CancellationToken.None);
        var stopped = new TaskCompletionSource();
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM,
            context =>
            {
                context.Cancel = true;
                stopped.TrySetResult();
            }
        );
        await stopped.Task;
    }
}
