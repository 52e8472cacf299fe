using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Teal.Client;

/// <summary>
/// For <c>AddHealthChecks().AddCheck&lt;TealClientHealth&gt;("teal")</c>: healthy by the server's newest flags, degraded by older ones,
/// unhealthy (or what the registration says) without any.
/// </summary>
public sealed class TealClientHealth(TealClient client) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = client.Status;
        var facts = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["state"] = status.State.ToString(),
            ["environment"] = status.Environment ?? "",
            ["revision"] = status.Revision,
            ["reports_dropped"] = status.Reports.Dropped,
        };
        var result = status.State switch
        {
            TealClientState.Live or TealClientState.Fixed => HealthCheckResult.Healthy(Words(status), facts),
            TealClientState.FromDisk or TealClientState.Stale => HealthCheckResult.Degraded(Words(status), null, facts),
            _ => new HealthCheckResult(context.Registration.FailureStatus, Words(status), null, facts),
        };
        return Task.FromResult(result);
    }

    private static string Words(TealClientStatus status) =>
        status.StaleSince is { } since
            ? string.Create(CultureInfo.InvariantCulture, $"{status.State} since {since:u}: {status.LastError}")
            : $"revision {status.Revision} of {status.Environment}";
}
