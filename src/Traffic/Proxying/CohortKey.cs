using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Teal.Flags;

namespace Teal.Traffic.Proxying;

/// <summary>Who a client is, and so its place in the cohort.</summary>
internal sealed class CohortKey(ForwardedHeaders forwarded)
{
    private const int AddressChars = 64;
    private const int NewCohortBytes = 16;

    /// <summary>True when the client's place is within the canary's share. May give the client a cohort cookie.</summary>
    public bool IsInCanary(HttpContext context, ServiceTraffic traffic, Passage passage)
    {
        Span<char> text = stackalloc char[AddressChars];
        var key = IdentityIn(context, traffic, passage, text);
        return key.IsEmpty
            ? RandomNumberGenerator.GetInt32(Share.Whole) < traffic.CanaryShare.Parts
            : Cohort.Includes(traffic.CanaryShare, traffic.Salt, key, traffic.IsFromTop);
    }

    /// <summary>By what the client is placed; null when it has nothing of the kind. May give it a cohort cookie.</summary>
    public string? Identity(HttpContext context, ServiceTraffic traffic, Passage passage)
    {
        Span<char> text = stackalloc char[AddressChars];
        var key = IdentityIn(context, traffic, passage, text);
        return key.IsEmpty ? null : key.ToString();
    }

    /// <summary>What the request has there; empty when it has nothing.</summary>
    public string Value(HttpContext context, IdentitySource source)
    {
        Span<char> text = stackalloc char[AddressChars];
        return Read(context, source, text).ToString();
    }

    /// <summary>The value of a cookie, without making a string of it; empty when there is none.</summary>
    public static ReadOnlySpan<char> Cookie(scoped in StringValues cookies, string name)
    {
        for (var i = 0; i < cookies.Count; i++)
        {
            ReadOnlySpan<char> line = cookies[i];
            foreach (var part in line.Split(';'))
            {
                var pair = line[part].Trim();
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    return pair[(name.Length + 1)..].Trim('"');
                }
            }
        }
        return default;
    }

    /// <summary>The first source that the request has; empty when it has none and none can be given.</summary>
    private ReadOnlySpan<char> IdentityIn(HttpContext context, ServiceTraffic traffic, Passage passage, Span<char> text)
    {
        IdentitySource.Cookie? missing = null;
        for (var i = 0; i < traffic.Cohort.Count; i++)
        {
            // A cookie that can be given comes before the address: it tells clients behind one address apart.
            if (missing is null || traffic.Cohort[i] is not IdentitySource.Address)
            {
                var key = Read(context, traffic.Cohort[i], text);
                if (!key.IsEmpty)
                {
                    return key;
                }
                missing ??= traffic.Cohort[i] as IdentitySource.Cookie;
            }
        }
        return missing is null ? default : Give(context, missing, passage);
    }

    private ReadOnlySpan<char> Read(HttpContext context, IdentitySource source, Span<char> text)
    {
        switch (source)
        {
            case IdentitySource.Header header:
                return context.Request.Headers[header.Name] is [{ } value, ..] ? value : default;
            case IdentitySource.Cookie cookie:
                return Cookie(context.Request.Headers.Cookie, cookie.Name);
            case IdentitySource.Address when forwarded.ClientOf(context) is { } client:
                client.TryFormat(text, out var length);
                return text[..length];
            default:
                return default;
        }
    }

    /// <summary>A client without the cookie gets one with the answer, and is placed by it already now.</summary>
    private static string Give(HttpContext context, IdentitySource.Cookie cookie, Passage passage)
    {
        if (passage.NewIdentity is null)
        {
            passage.NewIdentity = RandomNumberGenerator.GetHexString(NewCohortBytes * 2, lowercase: true);
            var secure = context.Request.IsHttps ? "; Secure" : "";
            passage.NewCookie = $"{cookie.Name}={passage.NewIdentity}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}";
        }
        return passage.NewIdentity;
    }
}
