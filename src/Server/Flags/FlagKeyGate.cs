using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Teal.Server.Access;
using Teal.Server.Endpoints;

namespace Teal.Server.Flags;

/// <summary>
/// The door of the ports that SDKs come to. A good key passes, so many times a second; who brings bad ones is counted by address and told to
/// wait, and nobody else is.
/// </summary>
/// <param name="isKeyNeeded">False: without a key too, for loopback. A key that is shown has to be right all the same.</param>
/// <param name="mostASecond">Requests of one good key.</param>
public sealed class FlagKeyGate(FlagAudience audience, TimeProvider time, bool isKeyNeeded, int mostASecond)
{
    public const string ApiKeyHeader = "x-api-key";
    private const string Bearer = "Bearer ";

    private readonly KeyRateLimit _rate = new(time, mostASecond);
    private readonly BadTokenLimit _badKeys = new(time, most: 60, mostAddresses: 1_000, TimeSpan.FromMinutes(1));

    /// <param name="least">Page: to ask what flags are. Sdk: for their rules, and to report.</param>
    /// <param name="selector">Where the protocol has another place for it; the header comes first.</param>
    public FlagReaderAnswer Judge(HttpContext http, Role least, string? selector = null)
    {
        var headers = http.Request.Headers;
        var (authorization, apiKey) = (headers.Authorization, headers[ApiKeyHeader]);
        var selected = headers[FlagSelector.Header] is [{ } header, ..] ? header : selector;
        if (authorization.Count == 0 && apiKey.Count == 0 && !isKeyNeeded)
        {
            return audience.Of(null, selected);
        }
        return Counted(
            http,
            SecretOf(authorization, apiKey) is { } secret
                ? AtLeast(least, audience.OfSecret(secret, selected))
                : Refused(
                    "TEAL9407",
                    StatusCodes.Status401Unauthorized,
                    "A key is needed: Authorization: Bearer teal_… or X-API-Key. `teal token create NAME --role sdk --environment production`"
                )
        );
    }

    /// <summary>A listener who was sent to its channel.</summary>
    public FlagReaderAnswer JudgeChannel(HttpContext http, string channel) => Counted(http, audience.OfChannel(channel));

    /// <summary>The refusal as HTTP.</summary>
    public static IResult Problem(AccessAnswer.Refused refusal, HttpContext context)
    {
        switch (refusal)
        {
            case { Wait: { } wait }:
                context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                break;
            case { Status: StatusCodes.Status401Unauthorized }:
                context.Response.Headers.WWWAuthenticate = "Bearer";
                break;
        }
        return Problems.Of(refusal.Status, refusal.Code, "Not allowed", refusal.Why);
    }

    private static FlagReaderAnswer AtLeast(Role least, FlagReaderAnswer answer) =>
        answer.Reader?.Caller is { } caller && !caller.Role.May(least)
            ? new(null, TokenBook.TooSmall(caller.Token, caller.Role, least))
            : answer;

    private FlagReaderAnswer Counted(HttpContext http, FlagReaderAnswer answer)
    {
        // A stream asks again while it goes on: that is no other request.
        if (answer.Reader is { Caller: { } caller } && !http.Response.HasStarted && !_rate.Allows(caller.Token))
        {
            return new(null, _rate.Refusal);
        }
        if (answer.Refusal is not { Status: StatusCodes.Status401Unauthorized } || http.Connection.RemoteIpAddress is not { } remote)
        {
            return answer;
        }
        if (_badKeys.ShutOutFor(remote) is { } wait)
        {
            return new(
                null,
                new AccessAnswer.Refused(
                    "TEAL6004",
                    StatusCodes.Status429TooManyRequests,
                    "Too many bad tokens came from this address: it has to wait."
                )
                {
                    Wait = wait,
                }
            );
        }
        _badKeys.Refused(remote);
        return answer;
    }

    /// <summary>Null without one, and when the two headers say different things.</summary>
    private static string? SecretOf(StringValues authorization, StringValues apiKey)
    {
        var bearer =
            authorization is [{ } value] && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..] : "";
        return (authorization.Count, apiKey) switch
        {
            (0, [var key]) => key,
            (1, []) => bearer,
            (1, [var key]) when key == bearer => key,
            _ => null,
        };
    }

    private static FlagReaderAnswer Refused(string code, int status, string why) => new(null, new AccessAnswer.Refused(code, status, why));
}
