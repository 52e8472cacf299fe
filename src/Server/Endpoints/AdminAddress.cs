using System.Collections.Frozen;
using System.Net;

namespace Teal.Server.Endpoints;

/// <summary>The TCP address of the admin API.</summary>
public static class AdminAddress
{
    /// <exception cref="ArgumentException">Not <c>http://127.0.0.1:PORT</c>: beyond loopback the admin API needs TLS, which this version does not have.</exception>
    public static IPEndPoint Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            throw new ArgumentException($"TEAL8214: --admin {text} is not an address like http://127.0.0.1:9900.");
        }
        var address =
            uri.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) ? ip
            : null;
        return address is not null && IPAddress.IsLoopback(address)
            ? new IPEndPoint(address, uri.Port)
            : throw new ArgumentException(
                $"TEAL8215: --admin {text} is not on loopback: the admin API is never served beyond it without TLS."
            );
    }

    /// <summary>The Host headers that name it.</summary>
    public static FrozenSet<string> Hosts(string text)
    {
        var port = Parse(text).Port;
        return new[] { $"127.0.0.1:{port}", $"localhost:{port}", $"[::1]:{port}" }.ToFrozenSet(StringComparer.Ordinal);
    }
}
