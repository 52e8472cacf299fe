using Microsoft.Extensions.Logging;
using Teal.Releases;
using Teal.Server.Processes;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Server.Driving;

/// <summary>
/// Keeps the route table what the state and the instances' health say. Two hands push it, the driver's and the supervisor's, so
/// publishing happens under one lock and always from the newest state.
/// </summary>
public sealed class RoutePublisher(TrafficPlane plane, InstanceSupervisor supervisor, ILogger<RoutePublisher> logger)
{
    private readonly Lock _publishing = new();
    private volatile ServerState _state = ServerState.Empty;

    public ServerState State => _state;

    public void Follow(ServerState state)
    {
        lock (_publishing)
        {
            var before = _state;
            _state = state;
            foreach (var (service, after) in state.Services)
            {
                if (
                    !ReferenceEquals(before.Services.GetValueOrDefault(service), after)
                    || GateOf(before, service) != GateOf(state, service)
                )
                {
                    Publish(after, GateOf(state, service));
                }
            }
        }
    }

    /// <summary>Instances came, went or changed their health.</summary>
    public void InstancesChanged(string service)
    {
        lock (_publishing)
        {
            if (_state.Services.TryGetValue(service, out var state))
            {
                Publish(state, GateOf(_state, service));
            }
        }
    }

    private void Publish(ServiceState state, Gate gate)
    {
        var result = plane.Publish(TrafficPlanner.Plan(state, gate, slot => AddressesOf(state.Service, slot)));
        // DeployChecks refuses both before a deploy is taken; the table in force stays, and MoveTraffic reads back that it did.
        if (result is PublishResult.HostTaken taken)
        {
            logger.LogError(
                "TEAL8207: {Service} cannot have {Host}{Path}: {Other} has it",
                state.Service,
                taken.Host,
                taken.Path,
                taken.ByService
            );
        }
        else if (result is PublishResult.Refused refused)
        {
            logger.LogError("{Code}: the routes of {Service} were refused: {Why}", refused.Code, state.Service, refused.Why);
        }
    }

    private static Gate GateOf(ServerState state, string service) => state.Gates.GetValueOrDefault(service);

    private IReadOnlyList<InstanceAddress> AddressesOf(string service, SlotName slot) =>
        [
            .. supervisor
                .Instances(service, slot)
                // One that waits to be started again has no door to knock at.
                .Where(instance => instance.Pid != 0)
                .Select(instance => new InstanceAddress(instance.Id, instance.Address, instance.IsHealthy)),
        ];
}
