using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Teal.Wire;

namespace Teal.Tests.Real.Cli;

/// <summary>A server of canned answers on a unix socket: it speaks the wire records and knows nothing of releases.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private static readonly PlanView Harmless = new(
        1,
        "shop",
        "v1",
        "v2",
        [new PlanLineView(1, "start v2", "instant", "v1 keeps the traffic", null, 900)],
        null,
        [],
        true,
        ["teal deploy"]
    );

    private readonly WebApplication _app;

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The event streams that are answered one after the other; after the last the stream stays open and silent.</summary>
    public IReadOnlyList<IReadOnlyList<EventView>> Streams { get; init; } = [];

    public DeployAnswer? Answer { get; init; }
    public StatusView Status { get; init; } = Story.Status(Story.Running);
    public ProblemView? Refusal { get; init; }
    public PlanView Plan { get; init; } = Harmless;
    public string Logs { get; init; } = "";
    public int VersionStatus { get; init; } = 404;

    /// <summary>How much of an upload is read; then nothing more is read or said.</summary>
    public long? ReadsOnly { get; init; }
    public long Uploaded { get; private set; }
    public string? LastRequest { get; private set; }
    public string SocketPath { get; }

    private int _streams;

    private FakeServer(string folder)
    {
        SocketPath = Path.Combine(folder, "teal.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public static FakeServer In(
        string folder,
        IReadOnlyList<IReadOnlyList<EventView>> streams,
        DeployAnswer? answer = null,
        int versionStatus = 404,
        PlanView? plan = null,
        ProblemView? refusal = null,
        string logs = "",
        long? readsOnly = null
    ) =>
        new(folder)
        {
            Streams = streams,
            Answer = answer,
            VersionStatus = versionStatus,
            Plan = plan ?? Harmless,
            Refusal = refusal,
            Logs = logs,
            ReadsOnly = readsOnly,
        };

    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        Asked.Enqueue($"{http.Request.Method} {path}{http.Request.QueryString}");
        return (http.Request.Method, path) switch
        {
            ("GET", "/api/v1/server") => JsonAsync(
                http,
                new ServerView(1, "0.1.0", 1, "/h", [], null, Story.Start, 7, 1, 1),
                WireJson.Default.ServerView
            ),
            ("GET", "/api/v1/events") => EventsAsync(http),
            ("GET", "/api/v1/services") => JsonAsync(http, new ServicesView(1, [Status]), WireJson.Default.ServicesView),
            ("HEAD", _) => HeadAsync(http),
            ("PUT", _) when path.Contains("/versions/", StringComparison.Ordinal) => UploadAsync(http),
            ("POST", _) when path.EndsWith("/plan", StringComparison.Ordinal) => JsonAsync(http, Plan, WireJson.Default.PlanView),
            ("POST", _) when path.EndsWith("/releases", StringComparison.Ordinal) => JsonAsync(
                http,
                Answer!,
                WireJson.Default.DeployAnswer,
                202
            ),
            ("GET", _) when path.EndsWith("/logs", StringComparison.Ordinal) => http.Response.WriteAsync(Logs),
            ("GET", _) when path.EndsWith("/history", StringComparison.Ordinal) => JsonAsync(
                http,
                new HistoryView(1, "shop", "v2", "v1", [Story.Done], []),
                WireJson.Default.HistoryView
            ),
            ("POST" or "PUT", _) => CommandAsync(http),
            ("GET", "/api/v1/services/shop") => JsonAsync(http, Status, WireJson.Default.StatusView),
            _ => ProblemAsync(
                http,
                new ProblemView("about:blank", "No such service.", 404, "it was never released", "TEAL4001", null, ["teal status"])
            ),
        };
    }

    private Task HeadAsync(HttpContext http)
    {
        http.Response.StatusCode = VersionStatus;
        return Task.CompletedTask;
    }

    private async Task UploadAsync(HttpContext http)
    {
        if (ReadsOnly is { } most)
        {
            await http.Request.Body.ReadExactlyAsync(new byte[most]);
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Uploaded = body.Length;
        await JsonAsync(http, new VersionView("shop", "v2", "abc", body.Length, 3, false), WireJson.Default.VersionView);
    }

    private async Task CommandAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        LastRequest = await reader.ReadToEndAsync();
        await (Refusal is null ? JsonAsync(http, Status, WireJson.Default.StatusView) : ProblemAsync(http, Refusal));
    }

    private async Task EventsAsync(HttpContext http)
    {
        var number = Interlocked.Increment(ref _streams) - 1;
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(": hello\n\n");
        foreach (var happened in number < Streams.Count ? Streams[number] : [])
        {
            var id = happened.Sequence.ToString(CultureInfo.InvariantCulture);
            await http.Response.WriteAsync(
                $"id: {id}\nevent: {happened.Kind}\ndata: {JsonSerializer.Serialize(happened, WireJson.Default.EventView)}\n\n"
            );
        }
        await http.Response.Body.FlushAsync();
        if (number >= Streams.Count - 1)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static Task ProblemAsync(HttpContext http, ProblemView problem) =>
        JsonAsync(http, problem, WireJson.Default.ProblemView, problem.Status);

    private static async Task JsonAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type));
    }
}
