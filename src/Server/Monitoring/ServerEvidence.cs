using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Processes;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Server.Monitoring;

/// <summary>Evidence from the proxy (answers) and from the processes (CPU, memory, restarts).</summary>
public sealed class ServerEvidence(TrafficPlane plane, InstanceSupervisor supervisor, Func<ServerState> state) : IEvidenceSource
{
    public ArmEvidence? Read(string service, SlotName slot)
    {
        if (state().Services.GetValueOrDefault(service)?[slot].Deployed is not { } deployed)
        {
            return null;
        }
        var seen = plane.Evidence(service, deployed.Version);
        var instances = supervisor.Instances(service, slot);
        return new ArmEvidence(
            seen.Requests,
            seen.Errors,
            seen.Latency,
            instances.Max(instance => instance.CpuPercent),
            instances.Max(instance => instance.MemoryBytes),
            instances.Sum(instance => instance.Restarts)
        );
    }
}

/// <summary>Evidence of variants from the proxy alone: answers to requests for which it evaluated the flag.</summary>
public sealed class EdgeVariantEvidence(TrafficPlane plane) : IVariantEvidence
{
    public ArmEvidence? Read(string environment, string flag, string variant) => plane.Evidence(environment, flag, variant);
}

/// <summary>Samples once a second into <see cref="RecentPast"/>: every live version, and what users of a flag that rolls out come from.</summary>
public sealed class PastSampler(
    IEvidenceSource source,
    VariantSources variants,
    RecentPast past,
    Func<ServerState> state,
    TimeProvider time
)
{
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            var now = state();
            foreach (var (service, known) in now.Services)
            {
                Sample(service, known);
            }
            foreach (var known in now.Rollouts.Values)
            {
                Sample(known);
            }
        }
    }

    private void Sample(string service, ServiceState known)
    {
        if (known.Live is { } live && known.Traffic.ShareOf(live) > Share.None && source.Read(service, live) is { } seen)
        {
            past.Add(service, known[live].Deployed!.Version, seen);
        }
    }

    private void Sample(RolloutState known)
    {
        if (known.Rollout is { IsRunning: true } rollout && rollout.Share < Share.All)
        {
            variants.Sample(known.Key, rollout.Order.From, past);
        }
    }
}
