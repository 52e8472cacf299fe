using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Access;
using Teal.Server.Endpoints;
using Teal.Wire;

namespace Teal.Server.Flags.Clients;

/// <summary>Where applications report what they saw of their flags: exposures and outcomes, in batches.</summary>
/// <param name="readers">Who a request is from; a refusal is answered as it is.</param>
public sealed class ClientEventEndpoints(
    FlagBoard board,
    ClientEvents events,
    TimeProvider time,
    Func<HttpContext, FlagReaderAnswer> readers
)
{
    public const string Path = "/client/v1/events";

    /// <summary>Batches of one key in one second: each may be read for a millisecond.</summary>
    public const int MostBatchesASecond = 500;

    private const int MostBytes = 1 << 17;

    private readonly KeyRateLimit _rate = new(time, MostBatchesASecond);

    public void Map(IEndpointRouteBuilder app) => app.MapPost(Path, (RequestDelegate)TakeAsync);

    private async Task TakeAsync(HttpContext context)
    {
        try
        {
            await (await AnswerAsync(context)).ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        var answer = readers(context);
        if (answer.Reader is not { } reader)
        {
            return FlagKeyGate.Problem(answer.Refusal!, context);
        }
        if (reader.Caller is { } caller && !_rate.Allows(caller.Token))
        {
            return FlagKeyGate.Problem(_rate.Refusal, context);
        }
        var (batch, fault) = await ReadAsync(context.Request);
        if (batch is null)
        {
            return fault!;
        }
        return board.Of(reader.Environment) is { } snapshot
            ? Results.Json(events.Take(snapshot, batch), WireJson.Default.ClientEventsView)
            : Problems.Of(404, "TEAL9406", "No such environment", FlagAudience.NoSuchEnvironment(reader.Environment));
    }

    /// <summary>Exactly one of the two.</summary>
    private static async Task<(ClientEventsRequest? Batch, IResult? Fault)> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MostBytes)
        {
            return (null, TooLarge());
        }
        if (!request.HasJsonContentType())
        {
            return (null, NotABatch("the body has to be application/json"));
        }
        try
        {
            using var body = new MemoryStream();
            await CopyAsync(request.Body, body, request.HttpContext.RequestAborted);
            if (body.Length > MostBytes)
            {
                return (null, TooLarge());
            }
            var batch = JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), WireJson.Default.ClientEventsRequest);
            return batch is null ? (null, NotABatch("null is none"))
                : ClientEvents.Fault(batch) is { } fault ? (null, NotABatch(fault))
                : (batch, null);
        }
        catch (JsonException e)
        {
            return (null, NotABatch($"{e.Path}: {e.Message}"));
        }
        catch (BadHttpRequestException bad)
        {
            return (null, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : NotABatch(bad.Message));
        }
    }

    /// <summary>Up to one buffer more than may be: enough to know that it is too much.</summary>
    private static async Task CopyAsync(Stream from, MemoryStream to, CancellationToken ct)
    {
        var buffer = new byte[16 * 1024];
        while (to.Length <= MostBytes && await from.ReadAsync(buffer, ct) is > 0 and var read)
        {
            to.Write(buffer, 0, read);
        }
    }

    private static IResult TooLarge() =>
        Problems.Of(413, "TEAL9440", "Batch too large", $"A batch of events is at most {MostBytes / 1024} KiB of JSON.");

    private static IResult NotABatch(string why) => Problems.Of(400, "TEAL9441", "Not a batch of events", $"Nothing was counted: {why}.");
}
