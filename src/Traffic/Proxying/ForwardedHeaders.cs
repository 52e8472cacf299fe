using System.Net;
using Microsoft.AspNetCore.Http;

namespace Teal.Traffic.Proxying;

/// <summary>Says who the client is: X-Forwarded-For, -Proto and -Host. What a client says of itself is believed from trusted proxies only.</summary>
internal sealed class ForwardedHeaders(IReadOnlyList<IPNetwork> trustedProxies)
{
    public bool IsTrusted(IPAddress? peer)
    {
        if (peer is null || trustedProxies.Count == 0)
        {
            return false;
        }
        var address = Plain(peer);
        for (var i = 0; i < trustedProxies.Count; i++)
        {
            if (trustedProxies[i].Contains(address))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The peer, or behind trusted proxies the last address that none of them has.</summary>
    public IPAddress? ClientOf(HttpContext context)
    {
        var client = context.Connection.RemoteIpAddress is { } peer ? Plain(peer) : null;
        if (!IsTrusted(client))
        {
            return client;
        }
        var chain = context.Request.Headers["X-Forwarded-For"].ToString();
        for (var rest = chain.AsSpan(); rest.Length > 0 && IsTrusted(client); )
        {
            var comma = rest.LastIndexOf(',');
            if (!IPAddress.TryParse(rest[(comma + 1)..].Trim(), out var hop))
            {
                break;
            }
            client = Plain(hop);
            rest = comma < 0 ? default : rest[..comma];
        }
        return client;
    }

    public static void Write(HttpContext context, HttpRequestMessage message, bool isPeerTrusted)
    {
        var request = context.Request;
        var peer = context.Connection.RemoteIpAddress is { } address ? Plain(address).ToString() : "unknown";
        var before = isPeerTrusted ? request.Headers["X-Forwarded-For"].ToString() : "";
        message.Headers.TryAddWithoutValidation("X-Forwarded-For", before.Length == 0 ? peer : $"{before}, {peer}");
        message.Headers.TryAddWithoutValidation("X-Forwarded-Proto", Said(request, "X-Forwarded-Proto", isPeerTrusted) ?? request.Scheme);
        message.Headers.TryAddWithoutValidation("X-Forwarded-Host", Said(request, "X-Forwarded-Host", isPeerTrusted) ?? request.Host.Value);
    }

    private static string? Said(HttpRequest request, string name, bool isPeerTrusted) =>
        isPeerTrusted && request.Headers[name] is { Count: 1 } said ? said[0] : null;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
