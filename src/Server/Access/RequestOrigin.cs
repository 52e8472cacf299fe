namespace Teal.Server.Access;

/// <summary>What the head of a request to the admin port says of where it comes from; several values of one header are several strings.</summary>
/// <param name="Query">As sent, with or without its question mark.</param>
public sealed record RequestHead(
    string Method,
    IReadOnlyList<string> Host,
    IReadOnlyList<string> Origin,
    IReadOnlyList<string> SecFetchSite,
    IReadOnlyList<string> Authorization,
    IReadOnlyList<string> ContentType,
    string Query,
    bool HasBody
);

public abstract record OriginAnswer
{
    /// <param name="Secret">The token, to be hashed at once and kept nowhere.</param>
    public sealed record Asks(string Secret) : OriginAnswer
    {
        /// <summary>A record writes all it holds; this one holds a secret.</summary>
        public override string ToString() => "Asks";
    }

    public sealed record Refused(string Code, int Status, string Why) : OriginAnswer;
}

/// <summary>
/// Keeps web pages and borrowed names out of the admin port on TCP, whatever token a browser could be brought to send: the Host is
/// one of ours (DNS rebinding), no other site asks, the token stands in one header that no form can set, and a body is of a type
/// that no form can send. Pure. The unix socket needs none of it: its folder's mode decides.
/// </summary>
public static class RequestOrigin
{
    private const string Bearer = "Bearer ";

    private static readonly string[] FormTypes = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
    private static readonly string[] TokenKeys = ["token", "access_token", "auth", "authorization", "api_key", "apikey", "key", "secret"];

    /// <param name="hosts">Host headers that name this port: <c>127.0.0.1:9900</c>, <c>localhost:9900</c>, …</param>
    /// <param name="body">What the endpoint takes.</param>
    public static OriginAnswer Judge(RequestHead head, IReadOnlySet<string> hosts, BodyKind body) =>
        JudgeHost(head, hosts) ?? JudgeSite(head, hosts) ?? JudgeQuery(head) ?? JudgeBody(head, body) ?? JudgeToken(head);

    private static OriginAnswer.Refused? JudgeHost(RequestHead head, IReadOnlySet<string> hosts) =>
        head.Host is [var host] && hosts.Contains(host.ToLowerInvariant())
            ? null
            : new("TEAL6010", 403, $"The Host header has to name this server: {string.Join(" or ", hosts.Order(StringComparer.Ordinal))}.");

    private static OriginAnswer.Refused? JudgeSite(RequestHead head, IReadOnlySet<string> hosts)
    {
        var isOtherOrigin = head.Origin.Count > 1 || (head.Origin is [var origin] && !IsOwn(origin, hosts));
        var isOtherSite = head.SecFetchSite.Any(site => site is not ("same-origin" or "none"));
        return isOtherOrigin || isOtherSite ? new("TEAL6011", 403, "Another site asks: refused.") : null;
    }

    private static bool IsOwn(string origin, IReadOnlySet<string> hosts) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.AbsolutePath == "/"
        && hosts.Contains(uri.Authority.ToLowerInvariant());

    private static OriginAnswer.Refused? JudgeQuery(RequestHead head)
    {
        var parts = head.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries);
        var hasToken = parts.Any(part =>
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var key = Uri.UnescapeDataString(equals < 0 ? part : part[..equals]);
            return TokenKeys.Contains(key, StringComparer.OrdinalIgnoreCase)
                || Uri.UnescapeDataString(part).Contains(TokenSecret.Prefix, StringComparison.OrdinalIgnoreCase);
        });
        // A query string ends in logs, histories and referrers.
        return hasToken
            ? new(
                "TEAL6012",
                400,
                "A token in the query string is refused, and should be revoked now that it was sent so: use the Authorization header."
            )
            : null;
    }

    private static OriginAnswer.Refused? JudgeBody(RequestHead head, BodyKind body)
    {
        if (body == BodyKind.None)
        {
            return head.HasBody ? new("TEAL6014", 400, $"A {head.Method} here takes no body.") : null;
        }
        var expected = body == BodyKind.Json ? "application/json" : "application/x-tar";
        var sent = head.ContentType is [var type] ? type.Split(';')[0].Trim() : "";
        if (string.Equals(sent, expected, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        // What any page can have a browser send is an attack before it is a mistake.
        var isForm = sent.Length == 0 || FormTypes.Contains(sent, StringComparer.OrdinalIgnoreCase);
        return new("TEAL6013", isForm ? 403 : 415, $"The body has to be {expected}.");
    }

    private static OriginAnswer JudgeToken(RequestHead head)
    {
        if (head.Authorization is [])
        {
            return new OriginAnswer.Refused("TEAL6005", 401, "A token is needed: Authorization: Bearer teal_…. `teal token create`");
        }
        return
            head.Authorization is [var value]
            && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && TokenSecret.LooksLikeOne(value[Bearer.Length..])
            ? new OriginAnswer.Asks(value[Bearer.Length..])
            : new OriginAnswer.Refused("TEAL6001", 401, "The token is not known, was revoked or has expired. `teal token create`");
    }
}
