using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Teal.Traffic.Proxying;

/// <summary>What a client may do to a listener.</summary>
/// <param name="Connections">Open at once; more are closed at accept.</param>
/// <param name="HeadTime">For a whole request head.</param>
/// <param name="KeepAlive">An idle connection is closed after it.</param>
/// <param name="BytesPerSecond">Of a body, in either direction.</param>
/// <param name="Grace">Before that rate is asked for.</param>
/// <param name="LameDuck">At a stop: answers say Connection: close for so long, longer than clients' think time, before an idle connection is
/// closed.</param>
public sealed record EdgeLimits(
    int Connections,
    TimeSpan HeadTime,
    TimeSpan KeepAlive,
    double BytesPerSecond,
    TimeSpan Grace,
    TimeSpan LameDuck
)
{
    private const int HeaderCount = 100;
    private const int HeadBytes = 32 * 1024;
    private const int RequestLineBytes = 8 * 1024;
    private const int StreamsPerConnection = 128;

    public static EdgeLimits Default { get; } =
        new(20_000, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(130), 240, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1.5));

    internal void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        // Bytes of values go through as they came.
        options.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        var limits = options.Limits;
        limits.MaxConcurrentConnections = Connections;
        limits.MaxConcurrentUpgradedConnections = Connections;
        limits.RequestHeadersTimeout = HeadTime;
        limits.KeepAliveTimeout = KeepAlive;
        limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecond, Grace);
        limits.MinResponseDataRate = new MinDataRate(BytesPerSecond, Grace);
        limits.MaxRequestHeaderCount = HeaderCount;
        limits.MaxRequestHeadersTotalSize = HeadBytes;
        limits.MaxRequestLineSize = RequestLineBytes;
        limits.MaxRequestBodySize = null;
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = HeadBytes;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
    }
}
