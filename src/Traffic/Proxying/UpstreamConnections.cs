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

    /// <summary>
    /// Looks, just before the first write of a request, whether the instance has closed the connection meanwhile. SocketsHttpHandler learns
    /// that only when its read-ahead is scheduled, which on a busy machine is milliseconds later, and then a POST is lost.
    /// </summary>
    private sealed class WatchedStream : NetworkStream
    {
        private bool _isBetweenRequests = true;

        public WatchedStream(Socket socket)
            : base(socket, ownsSocket: true) => socket.Blocking = false;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isBetweenRequests)
            {
                _isBetweenRequests = false;
                if (IsClosedByPeer())
                {
                    return ValueTask.FromException(new UnsentException("The instance closed the idle connection."));
                }
            }
            return base.WriteAsync(buffer, cancellationToken);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Reads come with each answer; the next write after one begins a request. A write of the same request that follows an early
            // answer is looked at too: harmless, because then the caller knows that the request's body was touched.
            _isBetweenRequests = true;
            return base.ReadAsync(buffer, cancellationToken);
        }

        private bool IsClosedByPeer()
        {
            Span<byte> one = stackalloc byte[1];
            var read = Socket.Receive(one, SocketFlags.Peek, out var error);
            return error == SocketError.Success ? read == 0 : error is not (SocketError.WouldBlock or SocketError.IOPending);
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
