using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Teal.Traffic.Proxying;

/// <summary>Puts a <see cref="WebSocketRelay"/> where a request becomes a WebSocket: by Upgrade, or by CONNECT over HTTP/2 (RFC 8441).</summary>
internal static class WebSocketDoor
{
    public static bool WantsWebSocket(this HttpContext context) =>
        context.Request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(context.Request.Method);

    public static void Guard(HttpContext context, Passage passage)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade and not GuardedUpgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new GuardedUpgrade(upgrade, passage));
        }
        else if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect and not GuardedConnect)
        {
            context.Features.Set<IHttpExtendedConnectFeature>(new GuardedConnect(connect, passage));
        }
    }

    private static WebSocketRelay Relay(Stream client, Passage passage)
    {
        var relay = new WebSocketRelay(client);
        passage.LongLived = relay;
        return relay;
    }

    private sealed class GuardedUpgrade(IHttpUpgradeFeature inner, Passage passage) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => inner.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync() => Relay(await inner.UpgradeAsync(), passage);
    }

    private sealed class GuardedConnect(IHttpExtendedConnectFeature inner, Passage passage) : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => inner.IsExtendedConnect;
        public string? Protocol => inner.Protocol;

        public async ValueTask<Stream> AcceptAsync() => Relay(await inner.AcceptAsync(), passage);
    }
}
