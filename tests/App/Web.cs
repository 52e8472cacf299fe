using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Teal.Tests.App;

/// <summary>
/// The app's addresses: <c>/</c> (version and instance), <c>/healthz</c>, <c>/slow?ms=</c>, <c>/gate</c>, <c>/stream</c> (SSE),
/// <c>/ws</c> (echo), <c>/bytes?n=</c>, <c>/crash?code=</c>, <c>/pid</c>, <c>/hits</c> (requests without probes), <c>/print?text=</c>,
/// <c>/folder</c>, <c>/variables</c> (names), <c>/header?name=</c>, <c>/variable?name=</c>, POST <c>/echo</c> and <c>/count</c> (bytes received).
/// </summary>
internal static class Web
{
    private static int _requests;
    private static int _probes;

    public static async Task RunAsync(Modes modes, string version, string instance, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(
                IPAddress.Loopback,
                port,
                listen => listen.Protocols = modes.Has("h2") ? HttpProtocols.Http2 : HttpProtocols.Http1
            );
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        var app = builder.Build();
        app.UseWebSockets();
        app.Use((context, next) => BeforeAsync(modes, context, next, version));
        app.MapGet("/", (HttpContext context) => Answer(modes, version, instance, context.Request.Headers["teal-flags"].ToString()));
        app.MapGet("/header", (HttpContext context, string name) => context.Request.Headers[name].ToString());
        app.MapGet("/healthz", () => HealthAsync(modes));
        app.MapGet(
            "/slow",
            async (int ms) =>
            {
                await Task.Delay(ms);
                return version;
            }
        );
        app.MapGet(
            "/gate",
            async (CancellationToken gone) =>
            {
                await GateAsync(modes.Text("gate")!, gone);
                return version;
            }
        );
        app.MapGet("/bytes", (int n) => Results.Bytes(new byte[n], "application/octet-stream"));
        app.MapGet("/crash", (int code) => Environment.Exit(code));
        app.MapGet("/variable", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
        app.MapGet("/variables", () => string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order()));
        app.MapGet("/folder", Directory.GetCurrentDirectory);
        app.MapGet("/print", (string text) => Console.Out.WriteLine(text));
        app.MapGet("/hits", () => _requests.ToString(CultureInfo.InvariantCulture));
        app.MapGet("/pid", () => Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        app.MapPost("/echo", (HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body));
        app.MapPost("/count", (Stream body) => CountAsync(body));
        app.MapGet("/stream", (HttpContext context) => StreamAsync(context, version));
        app.Map("/ws", EchoAsync);
        if (modes.Has("sigterm-ignore"))
        {
            await app.StartAsync();
            await Task.Delay(Timeout.Infinite);
        }
        await app.RunAsync();
    }

    private static Task BeforeAsync(Modes modes, HttpContext context, RequestDelegate next, string version)
    {
        context.Response.Headers["x-app-version"] = version;
        var isProbe = context.Request.Path == "/healthz";
        var requests = isProbe ? _requests : Interlocked.Increment(ref _requests);
        if (!isProbe && modes.Number("exit-requests") is { } limit && requests > limit)
        {
            Environment.Exit(10);
        }
        return next(context);
    }

    private static IResult Answer(Modes modes, string version, string instance, string flags)
    {
        if (modes.Text("fails-with") is { } bad && flags == bad)
        {
            return Results.Text($"error with {flags}", statusCode: 500);
        }
        if (modes.Number("errors") is { } percent && _requests % 100 < percent)
        {
            return Results.Text($"error in {version}", statusCode: 500);
        }
        return Results.Text($"{version} {instance}\n");
    }

    private static async Task<IResult> HealthAsync(Modes modes)
    {
        if (modes.Seconds("health-secs") is { } seconds)
        {
            await Task.Delay(seconds);
        }
        if (modes.Has("health-flap"))
        {
            return Health(Interlocked.Increment(ref _probes) % 2 == 0 ? 200 : 503);
        }
        if (modes.Text("health-file") is { } file)
        {
            return Health(File.Exists(file) ? 200 : 503);
        }
        return Health(modes.Number("health") ?? 200);
    }

    private static IResult Health(int status) => Results.Text(status == 200 ? "fine" : "the app says it is not well", statusCode: status);

    private static async Task GateAsync(string file, CancellationToken gone)
    {
        while (!File.Exists(file))
        {
            await Task.Delay(10, gone);
        }
    }

    private static async Task<string> CountAsync(Stream body)
    {
        var buffer = new byte[64 << 10];
        long sum = 0;
        while (await body.ReadAsync(buffer) is > 0 and var count)
        {
            sum += count;
        }
        return sum.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task StreamAsync(HttpContext context, string version)
    {
        context.Response.ContentType = "text/event-stream";
        for (var i = 1; !context.RequestAborted.IsCancellationRequested; i++)
        {
            await context.Response.WriteAsync($"id: {i}\ndata: {version} {i}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(50, context.RequestAborted);
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = 426;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64 << 10];
        while (true)
        {
            var message = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (message.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(message.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
        }
    }
}
