using System.Collections.Concurrent;
using System.Net;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Server.Driving;

/// <summary>One loopback address a service, at which its idle slot can be looked at before any user reaches it.</summary>
public sealed class PreviewAddresses(TrafficPlane plane) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (string Asked, PreviewListener Listener)> _listeners = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _opening = new(1, 1);

    public string? Of(string service) => _listeners.TryGetValue(service, out var open) ? open.Listener.Address.ToString() : null;

    /// <summary>Opens it, or returns the one that is open. A changed address in the manifest moves it.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task<Uri> OpenAsync(string service, string asked, CancellationToken ct)
    {
        await _opening.WaitAsync(ct);
        try
        {
            if (_listeners.TryGetValue(service, out var open))
            {
                if (open.Asked == asked)
                {
                    return open.Listener.Address;
                }
                _listeners.TryRemove(service, out _);
                await open.Listener.DisposeAsync();
            }
            var listener = new PreviewListener(plane, service, EdgeLimits.Default, IPEndPoint.Parse(asked));
            await listener.StartAsync(ct);
            _listeners[service] = (asked, listener);
            return listener.Address;
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, open) in _listeners)
        {
            await open.Listener.DisposeAsync();
        }
        _opening.Dispose();
    }
}
