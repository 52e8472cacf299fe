using System.Buffers;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Shop;

internal sealed record Home(string Service, string Version, string Color);

internal sealed record Product(string Id, string Name, decimal Price);

internal sealed record NewOrder(string Id, string Product, int Quantity);

internal sealed record TakenOrder(string Id, long Seen, string Version);

/// <param name="Way">express or usual.</param>
internal sealed record CheckoutPage(string Way, string Version);

internal sealed record OrderCount(long Orders, long Doubled);

internal sealed record Upload(long Bytes, string Sha256, string Version);

/// <summary>What the shop answers.</summary>
internal static class ShopEndpoints
{
    private const int LongestSlowMs = 60_000;
    private const int LongestText = 200;
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(200);

    private static readonly Product[] _products =
    [
        new("kettle", "Kettle", 39.00m),
        new("pot", "Tea pot", 24.50m),
        new("cup", "Cup", 8.00m),
        new("oolong", "Oolong, 100 g", 12.75m),
    ];

    public static void MapShop(this WebApplication app, ShopSettings settings)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        app.MapGet("/healthz", context => AnswerHealth(context, settings.Faults));
        app.MapGet("/", () => Json(new Home("shop", settings.Version, settings.Color)));
        app.MapGet("/products", AnswerProducts);
        app.MapGet("/checkout", (HttpContext context, Checkout checkout) => ShowCheckout(context, checkout, settings.Version));
        app.MapPost("/orders", (HttpContext context, Checkout checkout) => TakeOrderAsync(context, checkout, settings.Version));
        app.MapGet("/orders/count", (Orders orders) => Json(orders.Count()));
        app.MapGet("/slow", context => AnswerSlowlyAsync(context, settings.Version));
        app.MapPost("/upload", context => TakeUploadAsync(context, settings.Version));
        app.MapGet("/ws", context => EchoAsync(context, settings.Version, stopping));
        app.MapGet("/events", context => TellTicksAsync(context, settings.Version, stopping));
    }

    private static IResult Json<T>(T answer) => Results.Json(answer, ShopJson.Default);

    private static IResult AnswerProducts(HttpContext context)
    {
        if (!Recommendations.TryRecommend(context.Request, out var product))
        {
            return Results.Text("no recommendation\n", statusCode: StatusCodes.Status500InternalServerError);
        }
        context.Response.Headers["X-Recommended"] = product;
        return Json(_products);
    }

    private static Task AnswerHealth(HttpContext context, FaultSettings faults)
    {
        context.Response.StatusCode = faults.IsUnhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return context.Response.WriteAsync(faults.IsUnhealthy ? "no: the shop has a fault\n" : "ok\n");
    }

    private static IResult ShowCheckout(HttpContext context, Checkout checkout, string version) =>
        Json(new CheckoutPage(checkout.IsExpress(CustomerOf(context.Request) ?? "") ? "express" : "usual", version));

    /// <summary>Teal's proxy gives every browser this cookie; an app of your own knows who has signed in.</summary>
    private static string? CustomerOf(HttpRequest request) => request.Cookies["teal-cohort"];

    private static async Task<IResult> TakeOrderAsync(HttpContext context, Checkout checkout, string version)
    {
        var order = await context.Request.ReadFromJsonAsync(ShopJson.Default.NewOrder, context.RequestAborted);
        if (order is not { Id.Length: > 0 and <= LongestText, Product.Length: > 0 and <= LongestText, Quantity: > 0 and <= 1000 })
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }
        // A customer without the cookie is known by the order.
        return checkout.Take(order, CustomerOf(context.Request) ?? order.Id, version) is { } seen
            ? Results.Json(new TakenOrder(order.Id, seen, version), ShopJson.Default, statusCode: StatusCodes.Status201Created)
            : Results.Text("the order was not taken\n", statusCode: StatusCodes.Status500InternalServerError);
    }

    private static async Task AnswerSlowlyAsync(HttpContext context, string version)
    {
        if (!int.TryParse(context.Request.Query["ms"], NumberStyles.None, CultureInfo.InvariantCulture, out var ms) || ms > LongestSlowMs)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        await Task.Delay(ms, context.RequestAborted);
        await context.Response.WriteAsync($"{version} after {ms} ms\n", context.RequestAborted);
    }

    private static async Task TakeUploadAsync(HttpContext context, string version)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        long bytes = 0;
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                bytes += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        var upload = new Upload(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()), version);
        await context.Response.WriteAsJsonAsync(upload, ShopJson.Default.Upload, cancellationToken: context.RequestAborted);
    }

    /// <summary>Every text message comes back with the version before it; a stop says 1012, "come again".</summary>
    private static async Task EchoAsync(HttpContext context, string version, CancellationToken stopping)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var prefix = Encoding.UTF8.GetBytes(version + " ");
        var buffer = new byte[4096];
        prefix.CopyTo(buffer, 0);
        // Only the close is sent from here, while the loop below may be reading: one reader and one writer at a time are allowed.
        await using var goodbye = stopping.Register(() => _ = SayGoodbyeAsync(socket));
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(prefix.Length), context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                break;
            }
            if (socket.State == WebSocketState.Open)
            {
                var echo = buffer.AsMemory(0, prefix.Length + received.Count);
                await socket.SendAsync(echo, WebSocketMessageType.Text, received.EndOfMessage, context.RequestAborted);
            }
        }
        if (socket.State == WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
    }

    private static async Task SayGoodbyeAsync(WebSocket socket)
    {
        const WebSocketCloseStatus serviceRestart = (WebSocketCloseStatus)1012;
        try
        {
            await socket.CloseOutputAsync(serviceRestart, "the shop restarts", CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or IOException or OperationCanceledException)
        {
            // The client was faster.
        }
    }

    /// <summary>Counts on from the client's Last-Event-ID, so that a client that comes back misses nothing.</summary>
    private static Task TellTicksAsync(HttpContext context, string version, CancellationToken stopping)
    {
        _ = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        return TypedResults.ServerSentEvents(TicksAsync(last, version, stopping, context.RequestAborted)).ExecuteAsync(context);
    }

    private static async IAsyncEnumerable<SseItem<string>> TicksAsync(
        long last,
        string version,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken aborted
    )
    {
        using var timer = new PeriodicTimer(_tick);
        while (!stopping.IsCancellationRequested && await timer.WaitForNextTickAsync(aborted))
        {
            last++;
            yield return new SseItem<string>(version, "tick") { EventId = last.ToString(CultureInfo.InvariantCulture) };
        }
    }
}
