using System.Net;

namespace Teal.Traffic.Proxying;

/// <summary>The public listeners.</summary>
public sealed class Edge : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly EdgeLimits _limits;
    private readonly TimeProvider _time;

    /// <param name="listen"><c>http://HOST:PORT</c>, or <c>h2c://HOST:PORT</c> for cleartext HTTP/2; port 0 takes a free one.</param>
    /// <exception cref="FormatException">An address is neither.</exception>
    public Edge(TrafficPlane plane, EdgeLimits limits, IEnumerable<string> listen, TimeProvider time)
    {
        _limits = limits;
        _time = time;
        _listener = new Listener(limits, plane.HandleAsync, [.. listen.Select(ListenAddress.Parse)]);
    }

    /// <summary>In the order given, with the ports that are really used.</summary>
    public IReadOnlyList<Uri> Addresses => _listener.Addresses;

    /// <exception cref="IOException">A port is taken.</exception>
    public Task StartAsync(CancellationToken cancellation) => _listener.StartAsync(cancellation);

    /// <summary>
    /// Lame duck first: still accepts, and each answer asks its client to close. Then refuses connections, closes idle ones and waits for
    /// requests; after <paramref name="drain"/> in all, closes what is left.
    /// </summary>
    public async Task StopAsync(TimeSpan drain)
    {
        var lameDuck = drain < _limits.LameDuck ? drain : _limits.LameDuck;
        _listener.BeLameDuck();
        await Task.Delay(lameDuck, _time);
        using var over = new CancellationTokenSource(drain - lameDuck, _time);
        await _listener.StopAsync(over.Token);
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}

/// <summary>One service's preview address on loopback: whoever can reach it sees the version that waits.</summary>
public sealed class PreviewListener : IAsyncDisposable
{
    private readonly Listener _listener;

    /// <param name="endPoint">On loopback; port 0 takes a free one.</param>
    public PreviewListener(TrafficPlane plane, string service, EdgeLimits limits, IPEndPoint endPoint)
    {
        if (!IPAddress.IsLoopback(endPoint.Address))
        {
            throw new ArgumentException("A preview address is on loopback.", nameof(endPoint));
        }
        var address = new ListenAddress(endPoint, Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        _listener = new Listener(limits, context => plane.HandlePreviewAsync(context, service), [address]);
    }

    public Uri Address => _listener.Addresses[0];

    /// <exception cref="IOException">The port is taken.</exception>
    public Task StartAsync(CancellationToken cancellation) => _listener.StartAsync(cancellation);

    /// <summary>Waits for requests until <paramref name="cancellation"/>, then closes all.</summary>
    public Task StopAsync(CancellationToken cancellation) => _listener.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
