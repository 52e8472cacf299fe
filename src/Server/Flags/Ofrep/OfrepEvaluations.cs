using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Teal.Flags;
using Teal.Server.Access;
using Teal.Server.Flags.Clients;

namespace Teal.Server.Flags.Ofrep;

/// <summary>Answers what flags are for a context: one, or all at once.</summary>
public sealed class OfrepEvaluations(FlagBoard board, FlagAudience audience, RolloutReports reports, TimeProvider time)
{
    private const int TagBytes = 16;

    public async Task OneAsync(HttpContext http, FlagReader reader, string key)
    {
        var (context, fault) = await OfrepRequest.ReadAsync(http.Request);
        if (fault is not null)
        {
            Fault(http, key, fault);
            return;
        }
        if (board.Of(reader.Environment) is not { } snapshot)
        {
            Fault(http, key, NoEnvironment(reader, StatusCodes.Status404NotFound, "FLAG_NOT_FOUND"));
            return;
        }
        var evaluation = snapshot.Document.Evaluate(key, context!, time.GetUtcNow());
        // The client uses it now. All flags at once are fetched long before, and most of them are never looked at.
        // Whoever reads a page's key may ask as anybody: what they are told is evidence of nothing.
        if (reader.Caller is not { Role: Role.Page })
        {
            reports.Evaluated(reader.Environment, key, evaluation.Variant, context!.TargetingKey);
        }
        var page = JsonPage.Begin();
        OfrepWriter.WriteOne(page.Json, key, evaluation);
        JsonPage.Send(http.Response, StatusOf(evaluation.Error), page.End());
    }

    public async Task AllAsync(HttpContext http, FlagReader reader)
    {
        var (context, fault) = await OfrepRequest.ReadAsync(http.Request);
        if (fault is not null)
        {
            Fault(http, null, fault);
            return;
        }
        if (board.Of(reader.Environment) is not { } snapshot)
        {
            Fault(http, null, NoEnvironment(reader, StatusCodes.Status400BadRequest, "GENERAL"));
            return;
        }
        SendAll(http, audience.EventsUri(reader), snapshot.Document, context!);
        Acknowledge(http.Request, reader, snapshot);
    }

    /// <summary>
    /// The tag names the very answer, not only the flags behind it: another context, another time of day in a rule, another address to
    /// listen at is another answer, and a changed flag that changes nothing for this user is not.
    /// </summary>
    private void SendAll(HttpContext http, string? eventsUri, FlagDocument document, EvaluationContext context)
    {
        var page = JsonPage.Begin();
        OfrepWriter.WriteAll(page.Json, document, context, time.GetUtcNow(), eventsUri);
        var json = page.End();
        var tag = TagOf(json);
        http.Response.Headers.ETag = tag;
        if (Matches(http.Request.Headers.IfNoneMatch, tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
        }
        else
        {
            JsonPage.Send(http.Response, StatusCodes.Status200OK, json);
        }
    }

    private static string TagOf(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return $"\"{Convert.ToHexStringLower(hash[..TagBytes])}\"";
    }

    /// <summary>Weak tags match too: a proxy that compresses makes a strong one weak.</summary>
    private static bool Matches(Microsoft.Extensions.Primitives.StringValues wanted, string tag)
    {
        foreach (var line in wanted)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var one = line.AsSpan()[part].Trim();
                if ((one.StartsWith("W/", StringComparison.Ordinal) ? one[2..] : one).SequenceEqual(tag))
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>A listener that asks again with the tag it was told has what is answered now.</summary>
    private void Acknowledge(HttpRequest request, FlagReader reader, FlagSnapshot snapshot)
    {
        var told = request.Query["flagConfigEtag"].ToString();
        if (
            long.TryParse(told.AsSpan(told.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && board.Find(id) is { Kind: FlagListenerKind.Ofrep } listener
            && listener.Environment == reader.Environment
        )
        {
            listener.Acknowledge(snapshot.Revision);
        }
    }

    private static void Fault(HttpContext http, string? key, OfrepFault fault)
    {
        var page = JsonPage.Begin();
        OfrepWriter.WriteFault(page.Json, key, fault);
        JsonPage.Send(http.Response, fault.Status, page.End());
    }

    private static OfrepFault NoEnvironment(FlagReader reader, int status, string errorCode) =>
        new(status, errorCode, FlagAudience.NoSuchEnvironment(reader.Environment));

    private static int StatusOf(EvaluationError error) =>
        error switch
        {
            EvaluationError.None => StatusCodes.Status200OK,
            EvaluationError.FlagNotFound => StatusCodes.Status404NotFound,
            _ => StatusCodes.Status400BadRequest,
        };
}
