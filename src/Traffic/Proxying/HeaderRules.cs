using System.Buffers;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Teal.Traffic.Proxying;

/// <summary>Which header names pass, which are Teal's own business, and which only pretend to be something else.</summary>
internal static class HeaderRules
{
    public const string Preview = "X-Teal-Preview";

    private const int LongestGuarded = 64;

    /// <summary>RFC 9110, 5.6.2.</summary>
    private static readonly SearchValues<char> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    );

    /// <summary>C0 without tab, and DEL. Bytes above are opaque (RFC 9110, 5.5) and go through as they came.</summary>
    private static readonly SearchValues<char> Controls = SearchValues.Create([
        .. Enumerable.Range(0, 32).Where(static c => c != '\t').Append(127).Select(static c => (char)c),
    ]);

    /// <summary>Between two hops only, or said anew by Teal.</summary>
    private static readonly FrozenSet<string> Hop = FrozenSet.ToFrozenSet(
        [
            "Connection",
            "Keep-Alive",
            "Proxy-Connection",
            "Proxy-Authenticate",
            "Proxy-Authorization",
            "Proxy-Features",
            "Transfer-Encoding",
            "TE",
            "Trailer",
            "Upgrade",
            "HTTP2-Settings",
            "Expect",
            "X-Content-Length",
            ":authority",
            ":method",
            ":path",
            ":scheme",
            ":protocol",
        ],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Believed from trusted proxies only.</summary>
    private static readonly FrozenSet<string> Forwarding = FrozenSet.ToFrozenSet(
        ["Forwarded", "Via", "X-Real-IP", "Remote-User", "Client-IP", "True-Client-IP", "X-Original-URL", "X-Rewrite-URL"],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>May not be named in Connection to make them disappear.</summary>
    private static readonly FrozenSet<string> EndToEnd = FrozenSet.ToFrozenSet(
        ["Host", "Content-Length", "Content-Type", "Cookie", "Authorization", "Cache-Control"],
        StringComparer.OrdinalIgnoreCase
    );

    public static bool IsToken(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Token);

    public static bool HasControl(string? value) => value is not null && value.AsSpan().ContainsAny(Controls);

    /// <summary>False: the application must not see it.</summary>
    public static bool Passes(string name, bool isPeerTrusted)
    {
        if (Hop.Contains(name) || IsTeals(name))
        {
            return false;
        }
        if (IsForwarding(name))
        {
            // X-Forwarded-For, -Proto and -Host are written by Teal in any case.
            return isPeerTrusted && !IsWrittenByTeal(name);
        }
        return !IsAlias(name);
    }

    /// <summary>
    /// The names that Connection adds to what is between two hops only; null in the usual cases. Kestrel reduces a value with close to
    /// close alone: what was named beside it passes.
    /// </summary>
    public static HashSet<string>? Nominated(IHeaderDictionary headers)
    {
        var connection = headers.Connection;
        if (connection.Count == 0 || (connection.Count == 1 && IsUsual(connection[0])))
        {
            return null;
        }
        return connection
            .SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(static name => !EndToEnd.Contains(name) && !IsForwarding(name))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsUsual(string? value) =>
        value is null
        || value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || value.Equals("close", StringComparison.OrdinalIgnoreCase)
        || value.Equals("upgrade", StringComparison.OrdinalIgnoreCase);

    private static bool IsTeals(string name) =>
        name.StartsWith("Teal-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Teal-", StringComparison.OrdinalIgnoreCase);

    private static bool IsForwarding(string name) =>
        name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || Forwarding.Contains(name);

    private static bool IsWrittenByTeal(string name) =>
        name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Forwarded-Proto", StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Forwarded-Host", StringComparison.OrdinalIgnoreCase);

    /// <summary>X_Forwarded_For and Content.Length are read as the real ones by many applications (CGI, WSGI).</summary>
    private static bool IsAlias(string name)
    {
        if (name.Length > LongestGuarded || !name.AsSpan().ContainsAny('_', '.'))
        {
            return false;
        }
        var plain = name.Replace('_', '-').Replace('.', '-');
        return Hop.Contains(plain) || EndToEnd.Contains(plain) || IsForwarding(plain) || IsTeals(plain);
    }
}
