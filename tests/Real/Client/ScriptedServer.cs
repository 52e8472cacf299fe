using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Teal.Wire;

namespace Teal.Tests.Real.Client;

/// <summary>What answers a client here does what a test says: no server of Teal's would.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>One connection to the stream; the next one is given its number, from 1.</summary>
    public Func<HttpContext, int, Task> Stream { get; set; } = (context, _) => HoldAsync(context);

    /// <summary>The status for a batch of reports.</summary>
    public Func<ClientEventsRequest, int> Events { get; set; } = _ => 200;

    public ConcurrentQueue<ClientHeardRequest> Heard { get; } = [];

    public ConcurrentQueue<ClientEventsRequest> Batches { get; } = [];

    public static async Task<ScriptedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        var connections = 0;
        app.MapGet("/client/v1/flags", (RequestDelegate)(context => server.Stream(context, Interlocked.Increment(ref connections))));
        app.MapPost("/client/v1/heard", (RequestDelegate)server.HearAsync);
        app.MapPost("/client/v1/events", (RequestDelegate)server.TakeAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>One event as the server writes it.</summary>
    public static string Message(string document, long revision, long connection = 1) =>
        $"event: flags\nid: {revision}\ndata: {{\"version\":1,\"connection\":{connection},\"environment\":\"production\",\"revision\":{revision},\"document\":{document}}}\n\n";

    /// <summary>A flag named headline.</summary>
    public static string Headline(string text) =>
        "{\"flags\":{\"headline\":{\"state\":\"ENABLED\",\"variants\":{\"plain\":\"" + text + "\"},\"defaultVariant\":\"plain\"}}}";

    public static async Task SendAsync(HttpContext context, string text)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }
        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Until the client leaves, or this server does.</summary>
    public static async Task HoldAsync(HttpContext context)
    {
        var lifetime = context.RequestServices.GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>();
        var left = new TaskCompletionSource();
        await using var aborted = context.RequestAborted.Register(() => left.TrySetResult());
        await using var stopping = lifetime.ApplicationStopping.Register(() => left.TrySetResult());
        await left.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task HearAsync(HttpContext context)
    {
        Heard.Enqueue((await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.ClientHeardRequest))!);
        context.Response.StatusCode = 204;
    }

    private async Task TakeAsync(HttpContext context)
    {
        var batch = (await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.ClientEventsRequest))!;
        Batches.Enqueue(batch);
        context.Response.StatusCode = Events(batch);
    }
}
