using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Access;
using Teal.Server.Driving;

namespace Teal.Server.Endpoints;

/// <summary>
/// Who may. The unix socket lies in a folder that only its owner can enter: whoever reaches it is the owner. On TCP a token is
/// asked for every request, and a browser's cross-site requests are refused before anything is read.
/// </summary>
public sealed class AdminGate(ReleaseDriver driver, TimeProvider time, ServerOptions options)
{
    private readonly BadTokenLimit _badTokens = new(time, most: 20, mostAddresses: 1_000, TimeSpan.FromMinutes(1));
    private readonly FrozenSet<string> _hosts = options.Admin is null ? [] : AdminAddress.Hosts(options.Admin);

    public async Task InvokeAsync(HttpContext context, Func<Task> next)
    {
        // A unix socket's peer has no address.
        if (context.Connection.RemoteIpAddress is { } remote && Refusal(context, remote) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        await next();
    }

    private IResult? Refusal(HttpContext context, IPAddress remote)
    {
        if (_badTokens.ShutOutFor(remote) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "TEAL6004", "Too many bad tokens", "This address has to wait.");
        }
        var permission = PermissionOf(context);
        var origin = RequestOrigin.Judge(HeadOf(context), _hosts, permission?.Body ?? BodyKind.None);
        return origin switch
        {
            OriginAnswer.Refused refused => Refused(context, remote, refused.Code, refused.Status, refused.Why),
            OriginAnswer.Asks asks => Judge(context, remote, asks.Secret, permission),
            _ => throw new NotSupportedException(),
        };
    }

    private IResult? Judge(HttpContext context, IPAddress remote, string secret, Permission? permission)
    {
        // An endpoint that is not in the table is nobody's but an administrator's, and then answers 404.
        var answer = TokenBook.Judge(
            driver.State.Tokens.Values,
            TokenSecret.Hash(secret),
            time.GetUtcNow(),
            permission?.Least ?? Role.Admin,
            context.Request.RouteValues["service"] as string
        );
        switch (answer)
        {
            case AccessAnswer.Allowed allowed:
                context.Items[Asking.ActorKey] = $"token:{allowed.Caller.Token}";
                context.Items[Asking.CallerKey] = allowed.Caller;
                return null;
            case AccessAnswer.Refused refused:
                return Refused(context, remote, refused.Code, refused.Status, refused.Why);
            default:
                throw new NotSupportedException();
        }
    }

    private IResult Refused(HttpContext context, IPAddress remote, string code, int status, string why)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            _badTokens.Refused(remote);
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }
        return Problems.Of(status, code, "Not allowed", why);
    }

    private static Permission? PermissionOf(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint endpoint
            ? Permissions.Find(context.Request.Method, "/" + endpoint.RoutePattern.RawText?.TrimStart('/'))
            : null;

    private static RequestHead HeadOf(HttpContext context)
    {
        var headers = context.Request.Headers;
        return new RequestHead(
            context.Request.Method,
            [.. headers.Host.OfType<string>()],
            [.. headers.Origin.OfType<string>()],
            [.. headers["Sec-Fetch-Site"].OfType<string>()],
            [.. headers.Authorization.OfType<string>()],
            [.. headers.ContentType.OfType<string>()],
            context.Request.QueryString.Value ?? "",
            context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false
        );
    }
}
