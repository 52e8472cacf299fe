using System.Text.Json;
using Teal.Flags;

namespace Teal.Server.Flags.Ofrep;

/// <summary>The answers of OFREP 0.3.0, in its words.</summary>
internal static class OfrepWriter
{
    /// <summary>Seconds that a hidden page keeps its event stream: the protocol's own default, said.</summary>
    private const int InactivityDelaySeconds = 120;

    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText Value = JsonEncodedText.Encode("value");
    private static readonly JsonEncodedText Variant = JsonEncodedText.Encode("variant");
    private static readonly JsonEncodedText Reason = JsonEncodedText.Encode("reason");
    private static readonly JsonEncodedText Metadata = JsonEncodedText.Encode("metadata");
    private static readonly JsonEncodedText ErrorCode = JsonEncodedText.Encode("errorCode");
    private static readonly JsonEncodedText ErrorDetails = JsonEncodedText.Encode("errorDetails");

    /// <summary>evaluationSuccess, evaluationFailure or flagNotFound.</summary>
    public static void WriteOne(Utf8JsonWriter json, string key, in Evaluation evaluation)
    {
        json.WriteStartObject();
        json.WriteString(Key, key);
        if (evaluation.Error == EvaluationError.None)
        {
            WriteSuccess(json, evaluation);
        }
        else
        {
            json.WriteString(ErrorCode, evaluation.ErrorWord);
            json.WriteString(ErrorDetails, Details(key, evaluation.Error));
        }
        WriteMetadata(json, evaluation.Metadata);
        json.WriteEndObject();
    }

    /// <summary>bulkEvaluationSuccess.</summary>
    /// <param name="eventsUri">Null: there is none for this reader, who polls.</param>
    public static void WriteAll(
        Utf8JsonWriter json,
        FlagDocument document,
        EvaluationContext context,
        DateTimeOffset now,
        string? eventsUri
    )
    {
        json.WriteStartObject();
        json.WriteStartArray("flags"u8);
        foreach (var flag in document.Flags)
        {
            WriteOne(json, flag.Key, flag.Evaluate(context, now));
        }
        json.WriteEndArray();
        if (eventsUri is not null)
        {
            WriteEventStream(json, eventsUri);
        }
        WriteMetadata(json, document.Metadata);
        json.WriteEndObject();
    }

    /// <summary>evaluationFailure with a key, bulkEvaluationFailure without.</summary>
    public static void WriteFault(Utf8JsonWriter json, string? key, OfrepFault fault)
    {
        json.WriteStartObject();
        if (key is not null)
        {
            json.WriteString(Key, key);
        }
        json.WriteString(ErrorCode, fault.ErrorCode);
        json.WriteString(ErrorDetails, fault.Details);
        json.WriteEndObject();
    }

    /// <summary>sseEventData.</summary>
    public static void WriteRefetch(Utf8JsonWriter json, string etag)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "refetchEvaluation"u8);
        json.WriteString("etag"u8, etag);
        json.WriteEndObject();
    }

    /// <summary>Without a value the code's own default applies: the schema's codeDefaultFlag.</summary>
    private static void WriteSuccess(Utf8JsonWriter json, in Evaluation evaluation)
    {
        if (evaluation.HasValue)
        {
            json.WritePropertyName(Value);
            evaluation.Value.WriteTo(json);
            json.WriteString(Variant, evaluation.Variant);
        }
        json.WriteString(Reason, Word(evaluation));
    }

    /// <summary>The protocol's list of reasons has no DEFAULT: targeting that chose nothing is none of the ones that it knows.</summary>
    private static string Word(in Evaluation evaluation) =>
        evaluation.Reason == EvaluationReason.Default ? "UNKNOWN" : evaluation.ReasonWord;

    /// <summary>Booleans, texts and numbers: the protocol has no others.</summary>
    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, FlagValue> metadata)
    {
        if (metadata.Count == 0)
        {
            return;
        }
        json.WriteStartObject(Metadata);
        foreach (var (name, value) in metadata)
        {
            if (value.Kind != FlagValueKind.Object)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }
        json.WriteEndObject();
    }

    /// <summary>The path alone: the client knows by which name and through which proxies it came here, and this server does not.</summary>
    private static void WriteEventStream(Utf8JsonWriter json, string uri)
    {
        json.WriteStartArray("eventStreams"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "sse"u8);
        json.WriteStartObject("endpoint"u8);
        json.WriteString("requestUri"u8, uri);
        json.WriteEndObject();
        json.WriteNumber("inactivityDelaySec"u8, InactivityDelaySeconds);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string Details(string key, EvaluationError error) =>
        error switch
        {
            EvaluationError.FlagNotFound => $"Flag '{key}' was not found.",
            EvaluationError.ParseError => $"The rules of flag '{key}' cannot be read.",
            EvaluationError.InvalidContext => "The context cannot be used.",
            _ => $"The rules of flag '{key}' did not come to one of its variants.",
        };
}
