using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>What a new version has to pass before the first user: warm-up requests, then the smoke program.</summary>
internal sealed class SmokeTest(SlotOrder order, SupervisionTools tools, TimeProvider time)
{
    private static readonly TimeSpan WarmUpAnswer = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(20);

    /// <summary>After SIGTERM, when the smoke test is out of time or no longer wanted.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);
    private readonly SlotFailures _failures = new(order, tools.Logs);

    public async Task<Failure?> RunAsync(IReadOnlyList<InstanceStatus> instances, Uri preview, CancellationToken ct)
    {
        if (order.Manifest.Release.WarmUp is { } warmUp)
        {
            var failures = await Task.WhenAll(instances.Select(instance => WarmUpAsync(warmUp, instance, ct)));
            if (failures.FirstOrDefault(failure => failure is not null) is { } failure)
            {
                return failure;
            }
        }
        return order.Manifest.Release.Smoke.Count == 0 ? null : await RunProgramAsync(instances, preview, ct);
    }

    /// <summary>
    /// A cold instance may stumble: that is what warming up is for. A path that the manifest itself names and that never once
    /// answered well is another thing: the version is broken.
    /// </summary>
    private async Task<Failure?> WarmUpAsync(WarmUpSection warmUp, InstanceStatus instance, CancellationToken ct)
    {
        foreach (var path in warmUp.Paths)
        {
            var address = new Uri($"{instance.Address.GetLeftPart(UriPartial.Authority)}/{path.TrimStart('/')}");
            ProbeResult? bad = null;
            var hasAnsweredWell = false;
            for (var i = 0; i < warmUp.Requests; i++)
            {
                var answer = await tools.Probe.AskAsync(address, order.Manifest.Run.Protocol, WarmUpAnswer, ct);
                hasAnsweredWell |= answer.Status is < 500;
                bad = answer.Status is < 500 ? bad : answer;
            }
            if (!hasAnsweredWell && bad is not null)
            {
                return _failures.WarmUpFailed(path, instance.Id, bad);
            }
        }
        return null;
    }

    private async Task<Failure?> RunProgramAsync(IReadOnlyList<InstanceStatus> instances, Uri preview, CancellationToken ct)
    {
        var id = $"{order.Service}.{order.SlotWord}.smoke-{tools.Options.NewToken()}";
        var inUse = instances.Select(instance => instance.Id).Append(id).ToHashSet(StringComparer.Ordinal);
        if (tools.Launcher.LaunchSmoke(order, preview, id, inUse, out var process) is { } failed)
        {
            return _failures.SmokeNotStarted(failed.Failure);
        }
        try
        {
            return await WaitAsync(process!, id, ct) switch
            {
                null => _failures.SmokeTimedOut(id),
                { Code: 0 } => null,
                { } exit => _failures.SmokeFailed($"{order.Manifest.Release.Smoke[0]} {exit.Words}", id),
            };
        }
        finally
        {
            await SessionEnd.EndAsync([process!], StopTimeout, time);
        }
    }

    private async Task<ExitStatus?> WaitAsync(InstanceProcess process, string id, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (process.Exit() is null && time.GetElapsedTime(began) < order.Manifest.Release.SmokeTimeout)
        {
            tools.Launcher.Log.Rotate(tools.Launcher.Log.PathOf(order.Service, order.SlotWord, id));
            await Task.Delay(Round, time, ct);
        }
        return process.Exit();
    }
}
