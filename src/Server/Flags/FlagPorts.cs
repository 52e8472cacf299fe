using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Teal.Server.Access;
using Teal.Server.Flags.Clients;
using Teal.Server.Flags.Flagd;
using Teal.Server.Flags.Ofrep;

namespace Teal.Server.Flags;

/// <param name="Ofrep">For pages and SDKs: HTTP/1.1, always with a key. Null: not served.</param>
/// <param name="Origins">The pages that browsers may read answers from.</param>
/// <param name="Flagd">For flagd's providers: gRPC without TLS, loopback only. Null: not served.</param>
public sealed record FlagPortOptions(string? Ofrep, IReadOnlyList<string> Origins, string? Flagd)
{
    /// <summary>Requests of one key in one second, on each of the two.</summary>
    public int MostRequestsASecond { get; init; } = 20_000;
}

/// <summary>What the ports serve, and to whom.</summary>
/// <param name="Reports">Where evaluations for somebody elsewhere are remembered.</param>
/// <param name="Events">Where applications report.</param>
public sealed record FlagPortParts(FlagBoard Board, FlagAudience Audience, RolloutReports Reports, ClientEvents Events);

/// <summary>The two ports that flags are served at, where asked: OFREP for pages and SDKs, flagd's services for its providers.</summary>
public sealed class FlagPorts : IAsyncDisposable
{
    private const int MostConnections = 20_000;
    private const long MostBodyBytes = 1 << 17;
    private const int MostMessageBytes = 65 * 1024;
    private static readonly TimeSpan PreflightIsGoodFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private readonly WebApplication? _ofrep;
    private readonly WebApplication? _flagd;

    private FlagPorts(WebApplication? ofrep, WebApplication? flagd) => (_ofrep, _flagd) = (ofrep, flagd);

    /// <summary>Where OFREP is served; null when it is not, or not yet.</summary>
    public Uri? Ofrep => AddressOf(_ofrep);

    /// <summary>Where flagd's services are; null when they are not, or not yet.</summary>
    public Uri? Flagd => AddressOf(_flagd);

    /// <exception cref="ArgumentException">An address or an origin that is none, or that is not allowed.</exception>
    public static FlagPorts Build(FlagPortOptions options, FlagPortParts parts, TimeProvider time) =>
        new(
            options.Ofrep is { } ofrep ? BuildOfrep(FlagAddress.Ofrep(ofrep), options, parts, time) : null,
            options.Flagd is { } flagd ? BuildFlagd(FlagAddress.Flagd(flagd), options, parts, time) : null
        );

    public async Task StartAsync(CancellationToken ct)
    {
        await (_ofrep?.StartAsync(ct) ?? Task.CompletedTask);
        await (_flagd?.StartAsync(ct) ?? Task.CompletedTask);
    }

    /// <summary>Close the board first: its streams end then, and nothing has to be waited for.</summary>
    public async Task StopAsync()
    {
        await (_ofrep?.StopAsync() ?? Task.CompletedTask);
        await (_flagd?.StopAsync() ?? Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        await (_ofrep?.DisposeAsync() ?? default);
        await (_flagd?.DisposeAsync() ?? default);
    }

    private static WebApplication BuildOfrep(IPEndPoint address, FlagPortOptions options, FlagPortParts parts, TimeProvider time)
    {
        string[] origins = [.. options.Origins.Select(FlagAddress.Origin)];
        var builder = Builder(address, HttpProtocols.Http1);
        builder.Services.AddCors(cors =>
            cors.AddDefaultPolicy(policy =>
                policy
                    .WithOrigins(origins)
                    .WithMethods("GET", "POST")
                    .WithHeaders("content-type", "authorization", FlagKeyGate.ApiKeyHeader, "if-none-match", FlagSelector.Header)
                    .WithExposedHeaders("etag", "retry-after")
                    .SetPreflightMaxAge(PreflightIsGoodFor)
            )
        );
        var app = builder.Build();
        app.UseRouting();
        if (origins.Length > 0)
        {
            app.UseCors();
        }
        var gate = new FlagKeyGate(parts.Audience, time, isKeyNeeded: true, options.MostRequestsASecond);
        var evaluations = new OfrepEvaluations(parts.Board, parts.Audience, parts.Reports, time);
        new OfrepEndpoints(evaluations, new OfrepEvents(parts.Board, time), http => Judge(gate, http)).Map(app);
        // A channel is for a page's event stream, not for rules: the key itself has to come.
        new ClientEndpoints(parts.Board, time, http => gate.Judge(http, Role.Sdk)).Map(app);
        new ClientEventEndpoints(parts.Board, parts.Events, time, http => gate.Judge(http, Role.Sdk)).Map(app);
        return app;
    }

    /// <summary>A browser's EventSource sends no header: its address says on which channel it listens.</summary>
    private static FlagReaderAnswer Judge(FlagKeyGate gate, HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.Request.Query["channel"] is [{ } channel]
            ? gate.JudgeChannel(http, channel)
            : gate.Judge(http, Role.Page);

    private static WebApplication BuildFlagd(IPEndPoint address, FlagPortOptions options, FlagPortParts parts, TimeProvider time)
    {
        var builder = Builder(address, HttpProtocols.Http2);
        var gate = new FlagKeyGate(parts.Audience, time, isKeyNeeded: false, options.MostRequestsASecond);
        var readers = new FlagdReaders(parts.Board, gate, parts.Reports, time);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MostMessageBytes;
            // The document may be as large as a document may be.
            grpc.MaxSendMessageSize = null;
        });
        builder.Services.AddSingleton(readers).AddSingleton(new FlagdStreams(parts.Board, readers, new FlagChanges(), time));
        var app = builder.Build();
        app.MapGrpcService<FlagdSync>();
        app.MapGrpcService<FlagdEvaluationV1>();
        app.MapGrpcService<FlagdEvaluationV2>();
        return app;
    }

    private static WebApplicationBuilder Builder(IPEndPoint address, HttpProtocols protocols)
    {
        // Empty: what lies in the current folder, or in the environment of the application, configures nothing here.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestStop);
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
                kestrel.Limits.MaxConcurrentConnections = MostConnections;
                // A client that went without a word is found out, and its stream is let go.
                kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
                kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
                kestrel.Listen(address, listen => listen.Protocols = protocols);
            });
        return builder;
    }

    private static Uri? AddressOf(WebApplication? app) =>
        app?.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
            ? new Uri(address)
            : null;
}
