using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Teal.Flags;
using Teal.Server.Access;
using Teal.Server.Endpoints;
using Teal.Server.Flags;
using Teal.Server.Flags.Clients;
using Teal.Server.Flags.Ofrep;
using Teal.Server.Journal;
using Teal.Wire;

namespace Teal.Server;

/// <summary>The admin API: on the unix socket always, on loopback TCP where asked.</summary>
public static class AdminHost
{
    private const long MostBodyBytes = 1 << 20;

    public static WebApplication Build(ServerOptions options, StateFolder folder, Action<IServiceCollection> parts)
    {
        // Empty: an appsettings.json that happens to lie in the current folder is the application's, and opens no door here.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options, folder));
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, FlagJson.Default);
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.MaxDepth = 64;
        });
        builder.Services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        ApiDocument.Describe(builder.Services);
        parts(builder.Services);
        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync, SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(bare => Bare(bare.HttpContext.Response.StatusCode).ExecuteAsync(bare.HttpContext));
        app.UseRouting();
        app.Use((context, next) => context.RequestServices.GetRequiredService<AdminGate>().InvokeAsync(context, () => next(context)));
        var api = app.MapGroup("/api/v1");
        // Routing must not choose by content type: a body of a wrong one would reach no endpoint, and the gate would not know whose it is.
        ((IEndpointConventionBuilder)api).Finally(WithoutContentTypes);
        ServiceEndpoints.Map(api);
        AuditEndpoints.Map(api);
        ReleaseEndpoints.Map(api);
        FlagEndpoints.Map(api);
        RolloutEndpoints.Map(api);
        VersionEndpoints.Map(api);
        LogEndpoints.Map(api);
        EventEndpoints.Map(api);
        ServerEndpoints.Map(api);
        MetricsEndpoints.Map(app);
        MapFlags(app);
        ApiDocument.Map(app);
        RequireOneRowEach(((IEndpointRouteBuilder)app).DataSources);
        return app;
    }

    private static void MapFlags(WebApplication app)
    {
        var audience = app.Services.GetRequiredService<FlagAudience>();
        new OfrepEndpoints(
            app.Services.GetRequiredService<OfrepEvaluations>(),
            app.Services.GetRequiredService<OfrepEvents>(),
            http => ReaderOf(audience, http)
        ).Map(app);
        new ClientEndpoints(
            app.Services.GetRequiredService<FlagBoard>(),
            app.Services.GetRequiredService<TimeProvider>(),
            http => ReaderOf(audience, http)
        ).Map(app);
        new ClientEventEndpoints(
            app.Services.GetRequiredService<FlagBoard>(),
            app.Services.GetRequiredService<ClientEvents>(),
            app.Services.GetRequiredService<TimeProvider>(),
            http => ReaderOf(audience, http)
        ).Map(app);
    }

    private static FlagReaderAnswer ReaderOf(FlagAudience audience, HttpContext http)
    {
        var selector = http.Request.Headers[FlagSelector.Header].FirstOrDefault() ?? http.Request.Query["environment"];
        var answer = audience.Of(http.Items[Asking.CallerKey] as Caller, selector);
        return answer with { Reader = answer.Reader is { Caller: not null } known ? known with { IsSentToEvents = false } : answer.Reader };
    }

    /// <summary>The table of permissions and what is mapped are the same set: nothing is served that the table does not know.</summary>
    private static void RequireOneRowEach(IEnumerable<EndpointDataSource> sources)
    {
        var mapped = sources
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods, NameOf)
            .Order(StringComparer.Ordinal);
        var rows = Permissions.All.Select(row => $"{row.Method} {row.Pattern}").Order(StringComparer.Ordinal);
        if (!mapped.SequenceEqual(rows, StringComparer.Ordinal))
        {
            throw new InvalidOperationException(
                "Endpoints and permissions differ: " + string.Join(", ", mapped.Except(rows).Union(rows.Except(mapped)))
            );
        }
    }

    private static void WithoutContentTypes(EndpointBuilder endpoint)
    {
        foreach (var accepts in endpoint.Metadata.OfType<IAcceptsMetadata>().ToList())
        {
            endpoint.Metadata.Remove(accepts);
        }
    }

    private static string NameOf(RouteEndpoint endpoint, string method) => $"{method} /{endpoint.RoutePattern.RawText?.TrimStart('/')}";

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
            Microsoft.AspNetCore.Http.BadHttpRequestException { StatusCode: 413 } => TooLarge(),
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

    /// <summary>What the framework itself answers with a number alone.</summary>
    private static IResult Bare(int status) =>
        status switch
        {
            413 => TooLarge(),
            404 => Unread(404, "No such address", "There is nothing at this path."),
            405 => Unread(405, "Not this method", "The address is there, and does not take this method: the Allow header says which."),
            _ => Unread(status, "The request could not be read", $"The server answered {status}."),
        };

    private static IResult TooLarge() => Problems.Of(413, "TEAL8212", "Too large", "A request's body is at most 1 MiB here.");

    private static IResult Unread(int status, string title, string detail) => Problems.Of(status, "TEAL8213", title, detail);
}
