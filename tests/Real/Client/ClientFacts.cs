using Teal.Client;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Client;

/// <summary>A client, and waiting for what becomes of it.</summary>
internal static class ClientFacts
{
    public static TealClient Start(Uri server, string key, Action<TealClientOptions>? more = null)
    {
        var options = new TealClientOptions
        {
            Address = server,
            Key = key,
            Name = "shop-web",
            ReportEvery = TimeSpan.FromMilliseconds(100),
        };
        more?.Invoke(options);
        var client = new TealClient(options);
        client.Start();
        return client;
    }

    public static Task<TealClientStatus> WhenAsync(this TealClient client, Func<TealClientStatus, bool> fact, string what) =>
        Eventually.ReturnsAsync(
            () => Task.FromResult(client.Status is var status && fact(status) ? status : null),
            what,
            () => client.Status.ToString()
        );

    public static Task LiveAsync(this TealClient client, long revision) =>
        client.WhenAsync(status => status.State == TealClientState.Live && status.Revision == revision, $"revision {revision}");
}
