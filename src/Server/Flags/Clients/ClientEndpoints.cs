using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Endpoints;
using Teal.Wire;

namespace Teal.Server.Flags.Clients;

/// <summary>What <c>Teal.Client</c> talks to: the stream that keeps its flags, and the word that it evaluates by them.</summary>
/// <param name="readers">Who a request is from; a refusal is answered as it is.</param>
public sealed class ClientEndpoints(FlagBoard board, TimeProvider time, Func<HttpContext, FlagReaderAnswer> readers)
{
    private const int MostBytes = 1024;

    private readonly FlagEventStream _stream = new(board, time);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/client/v1/flags", (RequestDelegate)(context => LetInAsync(context, ListenAsync)));
        app.MapPost("/client/v1/heard", (RequestDelegate)(context => LetInAsync(context, HearAsync)));
    }

    private Task ListenAsync(HttpContext context, FlagReader reader) =>
        _stream.StreamAsync(
            context,
            reader,
            FlagListenerKind.TealClient,
            () => readers(context).Reader is not null,
            (response, snapshot, listener) => ClientFlagsWriter.Write(response.BodyWriter, snapshot, listener)
        );

    /// <summary>Nobody acknowledges for another: neither for another environment nor for another key.</summary>
    private async Task HearAsync(HttpContext context, FlagReader reader)
    {
        if (await ReadAsync(context.Request) is not { } heard)
        {
            await Problems
                .Of(400, "TEAL9430", "Not an acknowledgement", "The body has to be {\"connection\": NUMBER, \"revision\": NUMBER}.")
                .ExecuteAsync(context);
            return;
        }
        if (
            board.Find(heard.Connection) is not { Kind: FlagListenerKind.TealClient } listener
            || listener.Environment != reader.Environment
            || listener.Token != reader.Caller?.Token
        )
        {
            await Problems
                .Of(404, "TEAL9431", "No such connection", $"Nobody listens with this key as connection {heard.Connection}.")
                .ExecuteAsync(context);
            return;
        }
        // What was never sent cannot have been heard.
        listener.Acknowledge(Math.Min(heard.Revision, board.Of(reader.Environment)?.Revision ?? 0));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<ClientHeardRequest?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength is not (> 0 and <= MostBytes))
        {
            return null;
        }
        try
        {
            return await JsonSerializer.DeserializeAsync(
                request.Body,
                WireJson.Default.ClientHeardRequest,
                request.HttpContext.RequestAborted
            );
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The request's door.</summary>
    private async Task LetInAsync(HttpContext context, Func<HttpContext, FlagReader, Task> serve)
    {
        var answer = readers(context);
        try
        {
            await (
                answer.Reader is { } reader ? serve(context, reader) : FlagKeyGate.Problem(answer.Refusal!, context).ExecuteAsync(context)
            );
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
    }
}
