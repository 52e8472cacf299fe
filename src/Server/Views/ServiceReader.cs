using System.Globalization;
using Teal.Releases;
using Teal.Server.Driving;
using Teal.Server.Flags.Files;
using Teal.Server.Notifying;
using Teal.Server.Processes;
using Teal.Traffic;
using Teal.Traffic.Proxying;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>Reads state and world together into views. Changes nothing.</summary>
public sealed class ServiceReader(
    ReleaseDriver driver,
    InstanceSupervisor supervisor,
    TrafficPlane plane,
    PreviewAddresses previews,
    FlagSources sources
)
{
    /// <summary>The newest entry that every view knows of.</summary>
    public long Sequence => driver.State.Sequence;

    public StatusView? Status(string service)
    {
        var state = driver.State;
        return state.Services.TryGetValue(service, out var found)
            ? StatusViews.Of(found, state.Histories.GetValueOrDefault(service, ServiceHistory.Empty), FactsOf(state, service))
            : null;
    }

    public ServicesView All() =>
        new(StatusViews.FormatVersion, [.. driver.State.Services.Keys.Select(service => Status(service)!)], Warnings(driver.State));

    public HistoryView? History(string service, int most)
    {
        var state = driver.State;
        return state.Services.TryGetValue(service, out var found)
            ? StatusViews.HistoryOf(found, state.Histories.GetValueOrDefault(service, ServiceHistory.Empty), most)
            : null;
    }

    public RoutesView Routes()
    {
        var table = plane.Current;
        return new RoutesView(
            StatusViews.FormatVersion,
            table.Version,
            [
                .. table.Services.SelectMany(
                    service => service.Traffic.Routes,
                    (service, rule) =>
                        new RouteView(
                            rule.Host,
                            rule.Path,
                            service.Traffic.Service,
                            StatusViews.NameOf(driver.State.Gates.GetValueOrDefault(service.Traffic.Service)),
                            [.. PoolsOf(service).SelectMany(TargetsOf)]
                        )
                ),
            ]
        );
    }

    /// <summary>Names of the services there are.</summary>
    public IEnumerable<string> Known => driver.State.Services.Keys;

    private IReadOnlyList<string> Warnings(ServerState state) =>
        state.DroppedNotices == 0
            ? sources.Warnings
            :
            [
                .. sources.Warnings,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{state.DroppedNotices} messages of notify were dropped unsent: more than {DueNotices.Most} waited. `teal audit` tells what happened."
                ),
            ];

    private static IEnumerable<PoolRoute> PoolsOf(ServiceRoute? service) => new[] { service?.Main, service?.Canary }.OfType<PoolRoute>();

    private static IEnumerable<RouteTargetView> TargetsOf(PoolRoute pool) =>
        pool.Instances.Select(instance => new RouteTargetView(
            pool.Pool.Slot,
            pool.Pool.Version,
            pool.Share.ToString(),
            instance.Prefix,
            instance.IsHealthy,
            instance.InFlight
        ));

    private LiveFacts FactsOf(ServerState state, string service)
    {
        var inFlight = PoolsOf(plane.Current.Of(service))
            .SelectMany(pool => pool.Instances)
            .ToDictionary(instance => instance.Id, instance => instance.InFlight, StringComparer.Ordinal);
        return new LiveFacts(
            state.Gates.GetValueOrDefault(service),
            previews.Of(service),
            state.Sequence,
            slot =>
                [
                    .. supervisor
                        .Instances(service, slot)
                        .Select(instance => new InstanceView(
                            instance.Id,
                            instance.Pid,
                            instance.Port,
                            instance.IsHealthy,
                            instance.Restarts,
                            instance.CpuPercent,
                            instance.MemoryBytes,
                            inFlight.GetValueOrDefault(instance.Id),
                            instance.LastProbe
                        )),
                ],
            Warnings(state)
        );
    }
}
