using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Teal.Client;

/// <summary>Starts the client with the host, before it serves anybody; flags that do not come in time do not hold up the start.</summary>
internal sealed class TealClientHost(TealClient client, TealClientOptions options, ILogger<TealClient> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        client.Start();
        try
        {
            await client.WaitUntilReadyAsync(cancellationToken).WaitAsync(options.StartTimeout, options.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            logger.LogWarning(
                "TEAL9451: no flags after {Seconds} s: the application starts by its own defaults. {Why}",
                options.StartTimeout.TotalSeconds,
                client.Status.LastError
            );
        }
    }

    /// <summary>The container disposes the client after everybody who evaluates by it.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
