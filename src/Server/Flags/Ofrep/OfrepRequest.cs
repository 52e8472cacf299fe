using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Teal.Flags;

namespace Teal.Server.Flags.Ofrep;

/// <param name="Status">The HTTP status.</param>
/// <param name="ErrorCode">OpenFeature's.</param>
internal sealed record OfrepFault(int Status, string ErrorCode, string Details);

/// <summary>Reads <c>{"context": {…}}</c>, within limits.</summary>
internal static class OfrepRequest
{
    /// <summary>A context of its limit, and what stands around it.</summary>
    private const int MostBytes = 65 * 1024;

    private static readonly OfrepFault TooLarge = new(
        StatusCodes.Status413PayloadTooLarge,
        "INVALID_CONTEXT",
        "TEAL9408: a context is at most 64 KiB of JSON."
    );

    private static readonly OfrepFault NotJson = new(
        StatusCodes.Status400BadRequest,
        "PARSE_ERROR",
        "TEAL9409: the body has to be application/json."
    );

    private static readonly OfrepFault NoContext = Invalid("TEAL9410: the body has to be {\"context\": {…}}.");

    /// <summary>Exactly one of the two.</summary>
    public static async ValueTask<(EvaluationContext? Context, OfrepFault? Fault)> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MostBytes)
        {
            return (null, TooLarge);
        }
        if (!IsJson(request.ContentType))
        {
            return (null, NotJson);
        }
        var reader = request.BodyReader;
        while (true)
        {
            System.IO.Pipelines.ReadResult read;
            try
            {
                read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            }
            catch (BadHttpRequestException bad)
            {
                return (null, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : Unreadable(bad.Message));
            }
            if (read.Buffer.Length > MostBytes)
            {
                return (null, TooLarge);
            }
            if (read.IsCompleted)
            {
                var answer = Parse(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                return answer;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static (EvaluationContext?, OfrepFault?) Parse(in ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return Parse(body.FirstSpan);
        }
        var whole = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(whole);
            return Parse(whole.AsSpan(0, (int)body.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private static (EvaluationContext?, OfrepFault?) Parse(ReadOnlySpan<byte> body)
    {
        // As SDKs write it. When what lies between is a whole object, so is the body; everything else is looked at closely.
        if (
            body.StartsWith("{\"context\":"u8)
            && body[^1] == (byte)'}'
            && EvaluationContext.TryParse(body["{\"context\":".Length..^1], ContextLimits.Usual, out var usual, out _)
        )
        {
            return (usual, null);
        }
        ReadOnlySpan<byte> context;
        try
        {
            if (!TryFindContext(body, out context))
            {
                return (null, NoContext);
            }
        }
        catch (JsonException e)
        {
            return (null, Unreadable($"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}"));
        }
        return EvaluationContext.TryParse(context, ContextLimits.Usual, out var parsed, out var fault) ? (parsed, null)
            : context.Length > ContextLimits.Usual.Bytes ? (null, TooLarge)
            : (null, Invalid($"{fault.Code}: {fault.Message} (byte {fault.Offset} of the context)"));
    }

    /// <summary>The last member of that name, as JSON readers have it; what else there is belongs to later versions of the protocol.</summary>
    private static bool TryFindContext(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> context)
    {
        context = default;
        var json = new Utf8JsonReader(body);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isContext = json.ValueTextEquals("context"u8);
            json.Read();
            var (start, isObject) = ((int)json.TokenStartIndex, json.TokenType == JsonTokenType.StartObject);
            json.Skip();
            if (isContext)
            {
                context = isObject ? body[start..(int)json.BytesConsumed] : default;
            }
        }
        // Whatever stands behind the object is no JSON, and throws.
        json.Read();
        return !context.IsEmpty;
    }

    private static bool IsJson(string? type)
    {
        var bare = type.AsSpan();
        var parameters = bare.IndexOf(';');
        return (parameters < 0 ? bare : bare[..parameters]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }

    private static OfrepFault Invalid(string details) => new(StatusCodes.Status400BadRequest, "INVALID_CONTEXT", details);

    private static OfrepFault Unreadable(string where) =>
        new(StatusCodes.Status400BadRequest, "PARSE_ERROR", $"TEAL9411: the body is not JSON: {where}.");
}
