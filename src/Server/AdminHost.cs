using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Teal.Server.Endpoints;
using Teal.Server.Journal;
using Teal.Wire;

namespace Teal.Server;

/// <summary>The admin API: on the unix socket always, on loopback TCP where asked.</summary>
public static class AdminHost
{
    private const long MostBodyBytes = 1 << 20;

    public static WebApplication Build(ServerOptions options, StateFolder folder, Action<IServiceCollection> parts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, folder));
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.MaxDepth = 32;
        });
        builder.Services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        parts(builder.Services);
        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync, SuppressDiagnosticsCallback = _ => true });
        app.UseRouting();
        app.Use((context, next) => context.RequestServices.GetRequiredService<AdminGate>().InvokeAsync(context, () => next(context)));
        var api = app.MapGroup("/api/v1");
        ServiceEndpoints.Map(api);
        ReleaseEndpoints.Map(api);
        VersionEndpoints.Map(api);
        LogEndpoints.Map(api);
        EventEndpoints.Map(api);
        ServerEndpoints.Map(api);
        MetricsEndpoints.Map(app);
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options, StateFolder folder)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = 1_000;
        File.Delete(folder.Socket);
        kestrel.ListenUnixSocket(folder.Socket);
        if (options.Admin is { } admin)
        {
            kestrel.Listen(AdminAddress.Parse(admin));
        }
    }

    /// <summary>The last door: what a request could not be read for, or a bug. Details of a bug stay inside.</summary>
    private static Task AnswerAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var problem = failure switch
        {
            Microsoft.AspNetCore.Http.BadHttpRequestException { StatusCode: 413 } => Problems.Of(
                413,
                "TEAL8212",
                "Too large",
                "A request's body is at most 1 MiB here."
            ),
            Microsoft.AspNetCore.Http.BadHttpRequestException bad => Problems.Of(
                bad.StatusCode,
                "TEAL8213",
                "The request could not be read",
                bad.InnerException is System.Text.Json.JsonException json ? $"{json.Path}: {json.Message}" : bad.Message
            ),
            JournalException journal => Problems.Of(
                503,
                journal.Code,
                "The journal cannot be written",
                journal.Message,
                null,
                ["teal doctor"]
            ),
            _ => Problems.Of(500, "TEAL8299", "Internal error", failure?.GetType().Name ?? "unknown"),
        };
        return problem.ExecuteAsync(context);
    }
}
