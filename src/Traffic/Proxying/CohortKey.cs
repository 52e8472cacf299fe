using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Teal.Flags;

namespace Teal.Traffic.Proxying;

/// <summary>Which version a client belongs to: a target rule first, then its place in the cohort.</summary>
internal sealed class CohortKey(ForwardedHeaders forwarded)
{
    private const int AddressChars = 64;
    private const int NewCohortBytes = 16;

    /// <summary>True: the canary. May give the client a cohort cookie.</summary>
    public bool PicksCanary(HttpContext context, ServiceTraffic traffic, Passage passage)
    {
        for (var i = 0; i < traffic.Targets.Count; i++)
        {
            if (Matches(context, traffic.Targets[i]))
            {
                return true;
            }
        }
        return traffic.CanaryShare.Parts switch
        {
            0 => false,
            Share.Whole => true,
            _ => IsAmongFirst(context, traffic, passage),
        };
    }

    /// <summary>The value of a cookie, without making a string of it; empty when there is none.</summary>
    public static ReadOnlySpan<char> Cookie(in StringValues cookies, string name)
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

    private bool Matches(HttpContext context, TargetRule rule) =>
        rule switch
        {
            TargetRule.Header header => Has(context.Request.Headers[header.Name], header.Value),
            TargetRule.Cookie cookie => Cookie(context.Request.Headers.Cookie, cookie.Name).SequenceEqual(cookie.Value),
            TargetRule.Address address => forwarded.ClientOf(context) is { } client && address.Network.Contains(client),
            _ => false,
        };

    private static bool Has(in StringValues values, string wanted)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (string.Equals(values[i], wanted, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }

    private bool IsAmongFirst(HttpContext context, ServiceTraffic traffic, Passage passage)
    {
        IdentitySource.Cookie? missing = null;
        for (var i = 0; i < traffic.Cohort.Count; i++)
        {
            switch (traffic.Cohort[i])
            {
                case IdentitySource.Header header when context.Request.Headers[header.Name] is [{ Length: > 0 } value, ..]:
                    return Cohort.Includes(traffic.CanaryShare, traffic.Salt, value);
                case IdentitySource.Cookie cookie:
                    var key = Cookie(context.Request.Headers.Cookie, cookie.Name);
                    if (key.Length > 0)
                    {
                        return Cohort.Includes(traffic.CanaryShare, traffic.Salt, key);
                    }
                    missing ??= cookie;
                    break;
                case IdentitySource.Address when missing is null && forwarded.ClientOf(context) is { } client:
                    return Includes(traffic, client);
            }
        }
        return missing is null
            ? RandomNumberGenerator.GetInt32(Share.Whole) < traffic.CanaryShare.Parts
            : Give(context, traffic, missing, passage);
    }

    private static bool Includes(ServiceTraffic traffic, IPAddress client)
    {
        Span<char> text = stackalloc char[AddressChars];
        client.TryFormat(text, out var length);
        return Cohort.Includes(traffic.CanaryShare, traffic.Salt, text[..length]);
    }

    /// <summary>A client without the cookie gets one with the answer, and is placed by it already now.</summary>
    private static bool Give(HttpContext context, ServiceTraffic traffic, IdentitySource.Cookie cookie, Passage passage)
    {
        var value = RandomNumberGenerator.GetHexString(NewCohortBytes * 2, lowercase: true);
        var secure = context.Request.IsHttps ? "; Secure" : "";
        passage.NewCookie = $"{cookie.Name}={value}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}";
        return Cohort.Includes(traffic.CanaryShare, traffic.Salt, value);
    }
}
