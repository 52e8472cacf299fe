using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Teal.Traffic.Proxying;

/// <summary>What goes over to the instance and what comes back, for one request at a time; kept with its passage and used again.</summary>
#pragma warning disable CA1001 // The body owns nothing: it belongs to the request.
internal sealed class UpstreamTransformer(ForwardedHeaders forwarded, TimeProvider time) : HttpTransformer
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly WatchedBody _body = new(time);
    private Passage _passage = null!;

    /// <summary>True when the answer was copied to its last byte.</summary>
    public bool IsWhole { get; private set; }

    public void Begin(HttpContext context, Passage passage)
    {
        _passage = passage;
        IsWhole = false;
        if (
            context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            && context.Request.Body is var body and not WatchedBody
        )
        {
            _body.Begin(body, passage);
            context.Request.Body = _body;
        }
        if (context.WantsWebSocket())
        {
            WebSocketDoor.Guard(context, passage);
        }
    }

    public void Finish() => _passage = null!;

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        proxyRequest.RequestUri = MakeUri(destinationPrefix, StrictEdge.RawTarget(httpContext));
        CopyHeaders(httpContext, proxyRequest);
        if (_passage.Flags is { } flags)
        {
            proxyRequest.Headers.TryAddWithoutValidation(FlagsHeader.Name, flags);
            if (_passage.FlagsSignature is { } signature)
            {
                proxyRequest.Headers.TryAddWithoutValidation(FlagSigner.Header, signature);
            }
        }
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext,
        HttpResponseMessage? proxyResponse,
        CancellationToken cancellationToken
    )
    {
        if (proxyResponse is null)
        {
            return false;
        }
        AnswerCheck.Demand(proxyResponse);
        _passage.HeadAt = time.GetTimestamp();
        var copies = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (_passage.NewCookie is { } cookie)
        {
            httpContext.Response.Headers.Append("Set-Cookie", cookie);
        }
        if (EventStream.IsOne(proxyResponse))
        {
            EventStream.Guard(proxyResponse, _passage);
        }
        return copies;
    }

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext,
        HttpResponseMessage proxyResponse,
        CancellationToken cancellationToken
    )
    {
        IsWhole = true;
        return base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    private static Uri MakeUri(string prefix, ReadOnlySpan<char> target) => new(string.Concat(prefix, target), AsWritten);

    private void CopyHeaders(HttpContext context, HttpRequestMessage message)
    {
        var headers = context.Request.Headers;
        var isTrusted = forwarded.IsTrusted(context.Connection.RemoteIpAddress);
        var nominated = HeaderRules.Nominated(headers);
        foreach (var (name, value) in headers)
        {
            if (HeaderRules.Passes(name, isTrusted) && nominated?.Contains(name) != true)
            {
                Add(message, name, value);
            }
        }
        if (headers.TE.Count > 0 && headers.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase))
        {
            message.Headers.TryAddWithoutValidation("TE", "trailers");
        }
        ForwardedHeaders.Write(context, message, isTrusted);
    }

    private static void Add(HttpRequestMessage message, string name, StringValues value)
    {
        if (!TryAdd(message.Headers, name, value) && !(message.Content is { } content && TryAdd(content.Headers, name, value)))
        {
            BodilessRequests.Keep(message, name, value);
        }
    }

    private static bool TryAdd(HttpHeaders headers, string name, StringValues value) =>
        value.Count == 1
            ? headers.TryAddWithoutValidation(name, value[0])
            : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
}
