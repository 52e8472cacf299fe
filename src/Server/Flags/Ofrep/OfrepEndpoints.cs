using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Teal.Server.Flags.Ofrep;

/// <summary>
/// OFREP 0.3.0: one flag, all flags, and the stream that says when to ask again. Who reads is the surface's to say; the rest is the same on
/// the admin surface and on the port for SDKs.
/// </summary>
/// <param name="readers">Who a request is from; a refusal is answered as it is.</param>
public sealed class OfrepEndpoints(OfrepEvaluations evaluations, OfrepEvents events, Func<HttpContext, FlagReaderAnswer> readers)
{
    private readonly Func<HttpContext, FlagReader, Task> _one = (context, reader) => evaluations.OneAsync(context, reader, KeyOf(context));
    private readonly Func<HttpContext, FlagReader, Task> _all = evaluations.AllAsync;

    /// <summary>Request delegates by hand: binding and its results would cost more than an evaluation.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/ofrep/v1/evaluate/flags/{key}", (RequestDelegate)(context => GuardedAsync(context, _one)));
        app.MapPost("/ofrep/v1/evaluate/flags", (RequestDelegate)(context => GuardedAsync(context, _all)));
        app.MapGet(FlagAudience.EventsPath, (RequestDelegate)(context => GuardedAsync(context, ListenAsync)));
    }

    private Task ListenAsync(HttpContext context, FlagReader reader) =>
        events.StreamAsync(context, reader, () => readers(context).Reader is not null);

    /// <summary>The request's door: what goes wrong inside is answered in the protocol's own form.</summary>
    private async Task GuardedAsync(HttpContext context, Func<HttpContext, FlagReader, Task> serve)
    {
        try
        {
            var answer = readers(context);
            await (
                answer.Reader is { } reader ? serve(context, reader) : FlagKeyGate.Problem(answer.Refusal!, context).ExecuteAsync(context)
            );
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var page = JsonPage.Begin();
            page.Json.WriteStartObject();
            page.Json.WriteString("errorDetails"u8, $"TEAL9412: a fault in the server ({e.GetType().Name}).");
            page.Json.WriteEndObject();
            JsonPage.Send(context.Response, StatusCodes.Status500InternalServerError, page.End());
        }
    }

    /// <summary>
    /// The flag's key as the client wrote it. Routing leaves %2F as it came, so that what has a percent sign may be "a/b" or "a%2Fb": the
    /// request line knows which.
    /// </summary>
    private static string KeyOf(HttpContext context)
    {
        var routed = (string)context.Request.RouteValues["key"]!;
        if (!routed.Contains('%', StringComparison.Ordinal))
        {
            return routed;
        }
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
