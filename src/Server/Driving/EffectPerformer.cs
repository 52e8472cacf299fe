using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Server.Monitoring;
using Teal.Server.Processes;
using Teal.Server.Versions;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Server.Driving;

/// <summary>Does what the machine named. Returns the outcome, or null when the effect has none of its own.</summary>
public sealed class EffectPerformer(EffectTools tools, RoutePublisher routes, TimeProvider time)
{
    public async Task<ReleaseEvent?> PerformAsync(
        string service,
        OutstandingEffect outstanding,
        Action<ReleaseEvent> report,
        CancellationToken ct
    )
    {
        var id = outstanding.Id;
        switch (outstanding.Effect)
        {
            case StartSlot start:
                return await StartAsync(service, start, ct) is { } failed ? new SlotFailed(id, failed) : new SlotReady(id);
            case SmokeSlot smoke:
                return await SmokeAsync(service, smoke, ct) is { } bad ? new SmokeFailed(id, bad) : new SmokePassed(id);
            case MoveTraffic move:
                return new TrafficMoved(id, ReadBack(service, move.Shape));
            case Observe observe:
                await ObserveAsync(service, observe, verdict => report(new VerdictReached(id, verdict)), ct);
                return null;
            case Wait wait:
                await Task.Delay(wait.For, time, ct);
                return new TimerElapsed(id);
            case DrainSlot drain:
                var drained = await tools.Plane.DrainAsync(service, SlotNames.Wire(drain.Slot), drain.Deadline, drain.Connections, ct);
                return new SlotDrained(id, drained.CutCount);
            case StopSlot stop:
                await tools.Supervisor.StopAsync(service, stop.Slot, ct);
                return new SlotStopped(id);
            case WriteReceipt write:
                return new ReceiptWritten(id, tools.Receipts.Write(service, write.Release));
            default:
                throw new NotSupportedException($"No way to perform {outstanding.Effect.GetType().Name}.");
        }
    }

    private async Task<Failure?> StartAsync(string service, StartSlot start, CancellationToken ct) =>
        tools.Versions.OrderOf(service, start.Slot, start.Deployed) switch
        {
            SlotOrderResult.Refused refused => refused.Failure,
            SlotOrderResult.Ready ready => await tools.Supervisor.StartAsync(ready.Order, ct),
            _ => throw new NotSupportedException(),
        };

    private async Task<Failure?> SmokeAsync(string service, SmokeSlot smoke, CancellationToken ct)
    {
        switch (tools.Versions.OrderOf(service, smoke.Slot, smoke.Deployed))
        {
            case SlotOrderResult.Refused refused:
                return refused.Failure;
            case SlotOrderResult.Ready ready:
                var preview = await tools.Previews.OpenAsync(service, smoke.Deployed.Manifest.Release.Preview, ct);
                return await tools.Supervisor.SmokeAsync(ready.Order, preview, ct);
            default:
                throw new NotSupportedException();
        }
    }

    /// <summary>The shape was published when the state was; here the data plane is read, not told.</summary>
    private long ReadBack(string service, TrafficShape shape)
    {
        var table = tools.Plane.Current;
        foreach (var slot in Enum.GetValues<SlotName>())
        {
            var expected = shape.ShareOf(slot);
            var actual = ShareIn(table.Of(service), SlotNames.Wire(slot));
            if (actual != expected)
            {
                throw new InvalidOperationException($"The route table gives {slot} {actual} where {expected} was asked.");
            }
        }
        return table.Version;
    }

    private static Share ShareIn(ServiceRoute? route, string slot) =>
        new[] { route?.Main, route?.Canary }.FirstOrDefault(pool => pool?.Pool.Slot == slot)?.Share ?? Share.None;

    private Task ObserveAsync(string service, Observe observe, Action<Verdict> report, CancellationToken ct)
    {
        var state = routes.State.Services[service];
        var deployed = state[observe.New].Deployed ?? throw new InvalidOperationException("Observing an empty slot.");
        var oldSlot = OtherDeployed(state, observe.New);
        var hasTraffic = state.Traffic.ShareOf(observe.New) < Share.All;
        var baseline = !hasTraffic && oldSlot is { } slot && state[slot].Deployed is { } old ? tools.Past.Of(service, old.Version) : null;
        return tools.Monitor.WatchAsync(
            service,
            observe.New,
            hasTraffic ? oldSlot : null,
            baseline,
            deployed.Manifest.Release.Guard,
            observe.Stage == 0 ? ReleaseMonitor.ColdStart : TimeSpan.Zero,
            report,
            ct
        );
    }

    private static SlotName? OtherDeployed(ServiceState state, SlotName slot)
    {
        var other = ServiceState.Other(slot);
        return state[other].Deployed is null ? null : other;
    }
}

/// <summary>What effects are performed with.</summary>
public sealed record EffectTools(
    TrafficPlane Plane,
    InstanceSupervisor Supervisor,
    SlotOrders Versions,
    PreviewAddresses Previews,
    ReleaseMonitor Monitor,
    ReceiptLedger Receipts,
    RecentPast Past
);
