using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Teal.Server.Flags.Ofrep;

/// <summary>
/// OFREP 0.3.0: one flag, all flags, and the stream that says when to ask again. Who reads is the surface's to say; the rest is the same on
/// the admin surface and on the port for SDKs.
/// </summary>
public static class OfrepEndpoints
{
    /// <param name="readers">Who a request is from; a refusal is answered as it is.</param>
    public static void Map(
        IEndpointRouteBuilder app,
        OfrepEvaluations evaluations,
        OfrepEvents events,
        Func<HttpContext, FlagReaderAnswer> readers
    )
    {
        // Request delegates by hand: binding and its results would cost more than an evaluation.
        app.MapPost(
            "/ofrep/v1/evaluate/flags/{key}",
            context => Guarded(context, readers, reader => evaluations.OneAsync(context, reader, KeyOf(context)))
        );
        app.MapPost("/ofrep/v1/evaluate/flags", context => Guarded(context, readers, reader => evaluations.AllAsync(context, reader)));
        app.MapGet(
            FlagAudience.EventsPath,
            context => Guarded(context, readers, reader => events.StreamAsync(context, reader, () => readers(context).Reader is not null))
        );
    }

    /// <summary>The request's door: what goes wrong inside is answered in the protocol's own form.</summary>
    private static async Task Guarded(HttpContext context, Func<HttpContext, FlagReaderAnswer> readers, Func<FlagReader, Task> serve)
    {
        try
        {
            var answer = readers(context);
            await (answer.Reader is { } reader ? serve(reader) : FlagKeyGate.Problem(answer.Refusal!, context).ExecuteAsync(context));
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
            await JsonPage.SendAsync(context.Response, StatusCodes.Status500InternalServerError, page.End());
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
