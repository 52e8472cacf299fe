using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Teal.Server.Access;
using Teal.Server.Endpoints;

namespace Teal.Server.Flags;

/// <summary>What a request brings that says who reads.</summary>
/// <param name="Authorization">Bearer and a token.</param>
/// <param name="ApiKey">The token alone; one of the two is enough.</param>
public readonly record struct FlagRequestHead(IPAddress? Remote, StringValues Authorization, StringValues ApiKey, string? Selector);

/// <summary>
/// The door of the ports that SDKs come to. A good key always passes; who brings bad ones is counted by address and told to wait, and
/// nobody else is.
/// </summary>
/// <param name="isKeyNeeded">False: without a key too, for loopback. A key that is shown has to be right all the same.</param>
public sealed class FlagKeyGate(FlagAudience audience, TimeProvider time, bool isKeyNeeded)
{
    public const string ApiKeyHeader = "x-api-key";
    private const string Bearer = "Bearer ";

    private readonly BadTokenLimit _badKeys = new(time, most: 60, mostAddresses: 1_000, TimeSpan.FromMinutes(1));

    public FlagReaderAnswer Judge(in FlagRequestHead head)
    {
        if (head is { Authorization.Count: 0, ApiKey.Count: 0 } && !isKeyNeeded)
        {
            return audience.Of(null, head.Selector);
        }
        return Counted(
            head.Remote,
            SecretOf(head) is { } secret
                ? audience.OfSecret(secret, head.Selector)
                : Refused(
                    "TEAL9407",
                    StatusCodes.Status401Unauthorized,
                    "A key is needed: Authorization: Bearer teal_… or X-API-Key. `teal token create NAME --role sdk --environment production`"
                )
        );
    }

    /// <summary>A listener who was sent to its channel.</summary>
    public FlagReaderAnswer JudgeChannel(IPAddress? remote, string channel) => Counted(remote, audience.OfChannel(channel));

    /// <summary>The refusal as HTTP.</summary>
    public static IResult Problem(AccessAnswer.Refused refusal, HttpContext context)
    {
        switch (refusal)
        {
            case TooMany { Wait: var wait }:
                context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                break;
            case { Status: StatusCodes.Status401Unauthorized }:
                context.Response.Headers.WWWAuthenticate = "Bearer";
                break;
        }
        return Problems.Of(refusal.Status, refusal.Code, "Not allowed", refusal.Why);
    }

    private FlagReaderAnswer Counted(IPAddress? remote, FlagReaderAnswer answer)
    {
        if (remote is null || answer.Refusal is not { Status: StatusCodes.Status401Unauthorized })
        {
            return answer;
        }
        if (_badKeys.ShutOutFor(remote) is { } wait)
        {
            return new(null, new TooMany(wait));
        }
        _badKeys.Refused(remote);
        return answer;
    }

    /// <summary>Null without one, and when the two headers say different things.</summary>
    private static string? SecretOf(in FlagRequestHead head)
    {
        var bearer =
            head.Authorization is [{ } value] && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..] : "";
        return (head.Authorization.Count, head.ApiKey) switch
        {
            (0, [var key]) => key,
            (1, []) => bearer,
            (1, [var key]) when key == bearer => key,
            _ => null,
        };
    }

    private static FlagReaderAnswer Refused(string code, int status, string why) => new(null, new AccessAnswer.Refused(code, status, why));

    private sealed record TooMany(TimeSpan Wait)
        : AccessAnswer.Refused(
            "TEAL6004",
            StatusCodes.Status429TooManyRequests,
            "Too many bad tokens came from this address: it has to wait."
        );
}
