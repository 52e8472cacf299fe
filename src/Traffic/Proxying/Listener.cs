using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Teal.Traffic.Proxying;

/// <summary>Kestrel and a handler, and nothing between them: no host, no middleware, no routing.</summary>
internal sealed class Listener : IAsyncDisposable, IHttpApplication<Listener.Exchange>
{
    private readonly KestrelServer _server;
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly Func<HttpContext, Task> _handle;
    private volatile bool _isLameDuck;

    public Listener(EdgeLimits limits, Func<HttpContext, Task> handle, IReadOnlyList<ListenAddress> addresses)
    {
        // Read once per process by Kestrel: a line ends with CR LF, never with LF alone.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        _handle = handle;
        var options = new KestrelServerOptions { ApplicationServices = _services };
        limits.Apply(options);
        foreach (var address in addresses)
        {
            options.Listen(address.EndPoint, listen => listen.Protocols = address.Protocols);
        }
        var sockets = new SocketTransportOptions { UnsafePreferInlineScheduling = IsInline, NoDelay = true };
        var transport = new SocketTransportFactory(Options.Create(sockets), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Where it listens, with the ports that were given for 0.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(static a => new Uri(a))];

    /// <summary>Runs a request on the thread that read it: worth it when socket completions are inline too.</summary>
    private static bool IsInline => Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";

    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(this, cancellation);

    /// <summary>From now on each answer asks its client to close.</summary>
    public void BeLameDuck() => _isLameDuck = true;

    /// <summary>Refuses connections, closes idle ones, waits for requests until cancelled, then closes all.</summary>
    public Task StopAsync(CancellationToken drained) => _server.StopAsync(drained);

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<Exchange> container)
        {
            return new Exchange(contextFeatures);
        }
        if (container.HostContext is { } used)
        {
            used.Context.Initialize(contextFeatures);
            return used;
        }
        return container.HostContext = new Exchange(contextFeatures);
    }

    public Task ProcessRequestAsync(Exchange context)
    {
        if (_isLameDuck)
        {
            SayGoodbye(context.Context);
        }
        return _handle(context.Context);
    }

    private static void SayGoodbye(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
        else
        {
            // A stream is open: Kestrel sends GOAWAY for stream 2^31-1 now, and another with the last one's number when all are answered.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    public void DisposeContext(Exchange context, Exception? exception) => context.Context.Uninitialize();

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _services.DisposeAsync();
    }

    /// <summary>One per connection, used for each of its requests.</summary>
    internal sealed class Exchange(IFeatureCollection features)
    {
        public DefaultHttpContext Context { get; } = new(features);
    }
}

/// <param name="Protocols">h2c:// speaks cleartext HTTP/2 by prior knowledge only: without TLS one port cannot tell the two apart.</param>
internal sealed record ListenAddress(IPEndPoint EndPoint, HttpProtocols Protocols)
{
    /// <exception cref="FormatException">Not <c>http://HOST:PORT</c> or <c>h2c://HOST:PORT</c> with an address, localhost or *.</exception>
    public static ListenAddress Parse(string url)
    {
        var isHttp2 = url.StartsWith("h2c://", StringComparison.OrdinalIgnoreCase);
        if (!isHttp2 && !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException($"{url} is not http://HOST:PORT or h2c://HOST:PORT.");
        }
        var authority = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        var host = authority.StartsWith('*')
            ? "[::]" + authority[1..]
            : authority.Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase);
        return IPEndPoint.TryParse(host, out var endPoint) && host.LastIndexOf(':') > host.LastIndexOf(']')
            ? new ListenAddress(endPoint, isHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1)
            : throw new FormatException($"{url} has no address and port to listen on.");
    }
}
