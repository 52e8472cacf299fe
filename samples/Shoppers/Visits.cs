using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Shoppers;

/// <summary>What visitors, strangers and uploaders do, over and over, until they are told to go.</summary>
internal static class Visits
{
    /// <summary>Every eighth visitor thinks ten times as long: a connection that rests is what a careless release breaks.</summary>
    private const int Dawdler = 8;

    public static async Task VisitAsync(ShoppersOptions options, Tally tally, int number, bool keepsAlive, CancellationToken stopping)
    {
        var random = new Random(HashCode.Combine(options.Seed, number, keepsAlive));
        using var client = new Client(options, tally, keepsAlive);
        var think = keepsAlive && number % Dawdler == Dawdler - 1 ? options.Think * 10 : options.Think;
        // Not all at once.
        await Task.Delay(think * random.NextDouble(), stopping);
        for (var visit = 0; ; visit++)
        {
            await ShopAsync(options, tally, client, random, $"{options.Seed}-{(keepsAlive ? 'v' : 's')}{number}-{visit}", stopping);
            await Task.Delay(think * (0.5 + random.NextDouble()), stopping);
        }
    }

    public static async Task UploadAsync(ShoppersOptions options, Tally tally, int number, CancellationToken stopping)
    {
        var bytes = new byte[options.UploadBytes];
        new Random(HashCode.Combine(options.Seed, number)).NextBytes(bytes);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        using var client = new Client(options, tally, keepsAlive: true);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Url, "/upload"));
            request.Content = new TrickledContent(bytes, options.UploadTime);
            var started = tally.Start();
            var (body, _) = await client.AskAsync("upload", request, stopping);
            if (body is not null && !Encoding.UTF8.GetString(body).Contains(sha256, StringComparison.Ordinal))
            {
                tally.Answered("upload", null, started, Outcome.Failed, "the shop received other bytes");
            }
            await Task.Delay(options.Think, stopping);
        }
    }

    private static async Task ShopAsync(
        ShoppersOptions options,
        Tally tally,
        Client client,
        Random random,
        string name,
        CancellationToken stopping
    )
    {
        var dice = random.Next(100);
        if (dice < 30)
        {
            await OrderAsync(options, tally, client, name, stopping);
            return;
        }
        // One in ten is slow: rare, and often enough that the slow tail of both versions is the same.
        var (kind, path) = dice < 40 ? ("slow", $"/slow?ms={options.Slow.TotalMilliseconds:0}") : ("get", "/products");
        using var request = Request(HttpMethod.Get, options, path, client);
        await client.AskAsync(kind, request, stopping);
    }

    private static async Task OrderAsync(ShoppersOptions options, Tally tally, Client client, string name, CancellationToken stopping)
    {
        var id = $"{name}-{Guid.NewGuid():n}";
        using var request = Request(HttpMethod.Post, options, "/orders", client);
        request.Content = new StringContent($$"""{"id":"{{id}}","product":"oolong","quantity":1}""", Encoding.UTF8, "application/json");
        var fate = OrderFate.Unknown;
        try
        {
            // An order that is under way is waited for, also when everybody goes home: else its fate would be unknown for no reason.
            var (body, status) = await client.AskAsync("post", request, CancellationToken.None);
            fate =
                status == (int)HttpStatusCode.Created && body is not null ? OrderFate.Acknowledged
                : status == 0 ? OrderFate.Unknown
                : OrderFate.Refused;
        }
        finally
        {
            tally.Ordered(id, fate);
        }
        stopping.ThrowIfCancellationRequested();
    }

    private static HttpRequestMessage Request(HttpMethod method, ShoppersOptions options, string path, Client client)
    {
        var request = new HttpRequestMessage(method, new Uri(options.Url, path));
        request.Headers.ConnectionClose = client.KeepsAlive ? null : true;
        return request;
    }

    /// <summary>A body that comes in sixteen parts, spread over the given time.</summary>
    private sealed class TrickledContent(byte[] bytes, TimeSpan over) : HttpContent
    {
        private const int Parts = 16;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancel)
        {
            var part = (bytes.Length + Parts - 1) / Parts;
            for (var at = 0; at < bytes.Length; at += part)
            {
                await Task.Delay(over / Parts, cancel);
                await stream.WriteAsync(bytes.AsMemory(at, Math.Min(part, bytes.Length - at)), cancel);
                await stream.FlushAsync(cancel);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
