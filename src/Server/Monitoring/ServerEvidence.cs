using Teal.Analysis;
using Teal.Releases;
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

/// <summary>Samples every live version once a second into <see cref="RecentPast"/>.</summary>
public sealed class PastSampler(IEvidenceSource source, RecentPast past, Func<ServerState> state, TimeProvider time)
{
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            foreach (var (service, known) in state().Services)
            {
                if (known.Live is { } live && known.Traffic.ShareOf(live) > Teal.Flags.Share.None && source.Read(service, live) is { } seen)
                {
                    past.Add(service, known[live].Deployed!.Version, seen);
                }
            }
        }
    }
}
