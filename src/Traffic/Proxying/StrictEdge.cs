using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Teal.Traffic.Proxying;

/// <summary>Refuses what could be read in two ways, before anything of it is looked up or forwarded.</summary>
internal static class StrictEdge
{
    /// <summary>RFC 9110, 5789, 4918, 3253, 5323, 10008. What is not here is not forwarded.</summary>
    private static readonly FrozenSet<string> Methods = FrozenSet.ToFrozenSet(
        [
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "QUERY",
            "PROPFIND",
            "PROPPATCH",
            "MKCOL",
            "COPY",
            "MOVE",
            "LOCK",
            "UNLOCK",
            "REPORT",
            "SEARCH",
            "PURGE",
        ],
        StringComparer.Ordinal
    );

    /// <summary>What may stand in a target; # and \ may not, nor what is not printable ASCII.</summary>
    private static readonly SearchValues<char> TargetChars = SearchValues.Create([
        .. Enumerable.Range('!', '~' - '!' + 1).Select(static c => (char)c).Where(static c => c is not ('#' or '\\')),
    ]);

    /// <summary>Null: fine. The request's Upgrade header is gone unless it asks for a WebSocket.</summary>
    public static Refusal? Inspect(HttpContext context)
    {
        var request = context.Request;
        return OfMethod(context, request.Method)
            ?? OfTarget(RawTarget(context))
            ?? OfHost(request.Host.Value)
            ?? OfFraming(request)
            ?? OfHeaders(request.Headers)
            ?? OfUpgrade(request);
    }

    /// <summary>Path and query as the client wrote them, from whichever form of target. Matching and forwarding both start here.</summary>
    public static ReadOnlySpan<char> RawTarget(HttpContext context)
    {
        ReadOnlySpan<char> target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.Length == 0 || target[0] == '/' || target.IndexOf("://", StringComparison.Ordinal) is var scheme && scheme < 0)
        {
            return target;
        }
        var authority = target[(scheme + 3)..];
        var start = authority.IndexOfAny('/', '?');
        return start < 0 ? "/" : authority[start..];
    }

    private static Refusal? OfMethod(HttpContext context, string method)
    {
        if (Methods.Contains(method))
        {
            return null;
        }
        if (
            HttpMethods.IsConnect(method)
            && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }
        )
        {
            return null;
        }
        return HttpMethods.IsConnect(method) || HttpMethods.IsTrace(method)
            ? new Refusal(405, "TEAL4004", "This method is not allowed here.", Closes: true)
            : new Refusal(501, "TEAL4005", "This method is not known here.", Closes: true);
    }

    private static Refusal? OfTarget(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        var isPlain = path.Length > 0 && path[0] == '/' && !target.ContainsAnyExcept(TargetChars) && !IsAmbiguous(path);
        return isPlain ? null : new Refusal(400, "TEAL4003", "The path can be read in more than one way.", Closes: true);
    }

    /// <summary>Dot segments in any spelling, encoded backslashes and control bytes, and broken escapes.</summary>
    private static bool IsAmbiguous(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.Split('/'))
        {
            if (IsDots(path[segment]))
            {
                return true;
            }
        }
        for (var rest = path; rest.IndexOf('%') is var at and >= 0; rest = rest[(at + 3)..])
        {
            if (at + 2 >= rest.Length || !char.IsAsciiHexDigit(rest[at + 1]) || !char.IsAsciiHexDigit(rest[at + 2]))
            {
                return true;
            }
            var value = (Hex(rest[at + 1]) << 4) | Hex(rest[at + 2]);
            if (value is < 0x20 or 0x7f or '\\')
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Kestrel has looked at the letters; a port is digits up to 65535.</summary>
    private static Refusal? OfHost(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        var hasPort = colon >= 0 && host[^1] != ']';
        return hasPort && !ushort.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? new Refusal(400, "TEAL4002", "The port of the host is not one.", Closes: true)
            : null;
    }

    private static int Hex(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>. or .. also as %2e, also with ;parameters, which some servers cut off.</summary>
    private static bool IsDots(ReadOnlySpan<char> segment)
    {
        var dots = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] == '.')
            {
                dots++;
            }
            else if (segment[i] == '%' && segment[i..].StartsWith("%2e", StringComparison.OrdinalIgnoreCase))
            {
                dots++;
                i += 2;
            }
            else
            {
                return dots is 1 or 2 && segment[i] == ';';
            }
        }
        return dots is 1 or 2;
    }

    private static Refusal? OfFraming(HttpRequest request)
    {
        var encoding = request.Headers.TransferEncoding;
        if (encoding.Count == 0)
        {
            return null;
        }
        // Kestrel moves the length away when both came.
        var hasLength = request.Headers.ContainsKey("X-Content-Length") || request.Headers.ContentLength is not null;
        var isChunked = encoding.Count == 1 && string.Equals(encoding[0], "chunked", StringComparison.OrdinalIgnoreCase);
        return hasLength || !isChunked || request.Protocol != "HTTP/1.1"
            ? new Refusal(400, "TEAL4001", "The length of the body can be read in more than one way.", Closes: true)
            : null;
    }

    private static Refusal? OfHeaders(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            if (!HeaderRules.IsToken(name) && name[0] != ':')
            {
                return BadHeader();
            }
            for (var i = 0; i < values.Count; i++)
            {
                if (HeaderRules.HasControl(values[i]))
                {
                    return BadHeader();
                }
            }
        }
        var expect = headers.Expect;
        return expect.Count == 0 || string.Equals(expect.ToString(), "100-continue", StringComparison.OrdinalIgnoreCase)
            ? null
            : new Refusal(417, "TEAL4006", "This expectation cannot be met.", Closes: true);

        static Refusal BadHeader() => new(400, "TEAL4002", "A header has a byte that it may not have.", Closes: true);
    }

    private static Refusal? OfUpgrade(HttpRequest request)
    {
        var upgrade = request.Headers.Upgrade;
        if (upgrade.Count > 0 && !(HttpMethods.IsGet(request.Method) && IsWebSocket(upgrade.ToString())))
        {
            request.Headers.Upgrade = default;
        }
        return null;
    }

    private static bool IsWebSocket(string upgrade) => upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase);
}
