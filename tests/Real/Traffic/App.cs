using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Teal.Tests.Real.Traffic;

/// <summary>An application of a version: a Kestrel of its own that counts what reaches it.</summary>
internal sealed class App : IAsyncDisposable
{
    private readonly WebApplication _web;
    private long _requests;

    private App(WebApplication web, string version)
    {
        _web = web;
        Version = version;
    }

    public string Version { get; }
    public Uri Address => new(_web.Urls.Single());
    public long Requests => Interlocked.Read(ref _requests);
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>Answers that wait for this; complete unless a test sets it.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<App> StartAsync(
        string version,
        Func<App, HttpContext, Task>? handle = null,
        Action<KestrelServerOptions>? configure = null,
        HttpProtocols protocols = HttpProtocols.Http1
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
            configure?.Invoke(options);
        });
        var web = builder.Build();
        var app = new App(web, version);
        handle ??= static (app, context) => app.AnswerAsync(context);
        web.Run(context =>
        {
            Interlocked.Increment(ref app._requests);
            return handle(app, context);
        });
        await web.StartAsync();
        return app;
    }

    /// <summary>Says its version; keeps the body; /slow waits for the gate.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            using var reader = new StreamReader(context.Request.Body);
            Bodies.Enqueue(await reader.ReadToEndAsync());
        }
        if (context.Request.Path == "/slow")
        {
            await Gate.Task;
        }
        await context.Response.WriteAsync(Version);
    }

    public async ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _web.StopAsync(now.Token);
        await _web.DisposeAsync();
    }
}
