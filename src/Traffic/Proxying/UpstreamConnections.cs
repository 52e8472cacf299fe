using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Teal.Traffic.Proxying;

/// <summary>Thrown when a request provably never reached an instance: it could not be connected, or it had closed before a byte was written.</summary>
internal sealed class UnsentException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>Makes the two clients that talk to instances: plain HTTP, nothing added, nothing followed.</summary>
internal static class UpstreamConnections
{
    /// <param name="idle">A pooled connection unused for this long is closed: it has to be below the applications' own keep-alive.</param>
    public static HttpMessageInvoker Open(UpstreamLimits limits, bool isHttp2) =>
        new(
            new BodilessRequests(
                new SocketsHttpHandler
                {
                    UseProxy = false,
                    AllowAutoRedirect = false,
                    AutomaticDecompression = DecompressionMethods.None,
                    UseCookies = false,
                    ActivityHeadersPropagator = null,
                    PooledConnectionIdleTimeout = limits.Idle,
                    ConnectTimeout = limits.Connect,
                    MaxResponseHeadersLength = limits.HeadKilobytes,
                    ResponseDrainTimeout = TimeSpan.Zero,
                    EnableMultipleHttp2Connections = true,
                    // Bytes of values go through as they came.
                    RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                    ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                    ConnectCallback = isHttp2 ? ConnectPlainAsync : ConnectWatchedAsync,
                }
            ),
            disposeHandler: true
        );

    private static async ValueTask<Stream> ConnectPlainAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) =>
        new NetworkStream(await ConnectAsync(context.DnsEndPoint, cancellation), ownsSocket: true);

    private static async ValueTask<Stream> ConnectWatchedAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) =>
        new WatchedStream(await ConnectAsync(context.DnsEndPoint, cancellation));

    private static async ValueTask<Socket> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellation)
    {
        var address = IPAddress.Parse(endPoint.Host.Trim('[', ']'));
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, endPoint.Port), cancellation);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw new UnsentException($"No connection to {endPoint.Host}:{endPoint.Port}.", e);
        }
    }
}

/// <param name="Idle">Below the applications' own keep-alive; common ones are 5 s (Node) and 2 min (Kestrel).</param>
/// <param name="Connect">Time for a TCP connection on loopback.</param>
/// <param name="HeadKilobytes">Largest head of an answer.</param>
public sealed record UpstreamLimits(TimeSpan Idle, TimeSpan Connect, int HeadKilobytes)
{
    public static UpstreamLimits Default { get; } = new(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5), 64);
}
