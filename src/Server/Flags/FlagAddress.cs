using System.Net;

namespace Teal.Server.Flags;

/// <summary>The addresses that flags are served at besides the admin surface. What cannot be read is an <see cref="ArgumentException"/>.</summary>
public static class FlagAddress
{
    /// <summary>OFREP: any address, for a key is always asked for.</summary>
    public static IPEndPoint Ofrep(string text) =>
        Parse(text, [Uri.UriSchemeHttp])
        ?? throw new ArgumentException($"TEAL9416: --flags {text} is not an address like http://127.0.0.1:8016.");

    /// <summary>flagd: its providers send no key by default, and the documents are whole rule sets: loopback only.</summary>
    public static IPEndPoint Flagd(string text)
    {
        var address =
            Parse(text.Contains("://", StringComparison.Ordinal) ? text : "h2c://" + text, ["h2c", Uri.UriSchemeHttp])
            ?? throw new ArgumentException($"TEAL9416: --flagd {text} is not an address like 127.0.0.1:8015.");
        return IPAddress.IsLoopback(address.Address)
            ? address
            : throw new ArgumentException(
                $"TEAL9417: --flagd {text} is not on loopback. flagd's providers send no key and no TLS is spoken here: name 127.0.0.1, and let "
                    + "a sidecar, a tunnel or a proxy with TLS bring clients of other machines."
            );
    }

    /// <summary>A page's origin, as browsers send it.</summary>
    public static string Origin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "", Fragment: "" }
        && !text.EndsWith('/')
            ? uri.GetLeftPart(UriPartial.Authority)
            : throw new ArgumentException(
                $"TEAL9418: --flags-origin {text} is not an origin like https://shop.example: a scheme and a host."
            );

    private static IPEndPoint? Parse(string text, string[] schemes)
    {
        var probe = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal);
        if (
            !Uri.TryCreate(probe, UriKind.Absolute, out var uri)
            || !schemes.Contains(uri.Scheme)
            || uri is not { AbsolutePath: "/" or "", Query: "", Fragment: "", UserInfo: "", Port: >= 0 }
        )
        {
            return null;
        }
        return uri.Host == "localhost" ? new IPEndPoint(IPAddress.Loopback, uri.Port)
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) ? new IPEndPoint(ip, uri.Port)
            : null;
    }
}
