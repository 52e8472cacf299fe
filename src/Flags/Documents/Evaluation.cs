using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Teal.Flags;

/// <summary>What the caller can take. <see cref="Integer"/> wants a whole number, <see cref="Double"/> takes every number.</summary>
public enum ExpectedType : byte
{
    Any,
    Boolean,
    String,
    Integer,
    Double,
    Object,
}

/// <summary>Why this value: OpenFeature's reasons, as flagd uses them.</summary>
public enum EvaluationReason : byte
{
    Static,
    TargetingMatch,
    Default,
    Disabled,
    Error,
}

/// <summary>OpenFeature's error codes, those that an evaluation can have.</summary>
public enum EvaluationError : byte
{
    None,
    FlagNotFound,
    ParseError,
    TypeMismatch,
    InvalidContext,
    General,
}

/// <summary>
/// What one flag is for one context. Without a value (<see cref="HasValue"/> is false) the code's own default applies: the flag is
/// disabled, has no default variant, or the evaluation failed, as <see cref="Reason"/> says.
/// </summary>
[SuppressMessage("Performance", "CA1815", Justification = "An answer is read, not compared.")]
public readonly struct Evaluation
{
    /// <summary>The flag, or the document when it has no such flag.</summary>
    private readonly object? _source;
    private readonly FlagVariant? _variant;

    internal Evaluation(object source, FlagVariant? variant, EvaluationReason reason, EvaluationError error = EvaluationError.None)
    {
        _source = source;
        _variant = variant;
        Reason = reason;
        Error = error;
    }

    public EvaluationReason Reason { get; }

    public EvaluationError Error { get; }

    public bool HasValue => _variant is not null;

    /// <summary>Of kind <see cref="FlagValueKind.None"/> when there is none.</summary>
    public FlagValue Value => _variant?.Value ?? default;

    /// <summary>The variant's name; null when there is no value.</summary>
    public string? Variant => _variant?.Name;

    /// <summary>The flag set's metadata under the flag's own; of an unknown flag the set's alone.</summary>
    public IReadOnlyDictionary<string, FlagValue> Metadata =>
        _source switch
        {
            DocumentFlag flag => flag.Metadata,
            FlagDocument document => document.Metadata,
            _ => FrozenDictionary<string, FlagValue>.Empty,
        };

    /// <summary>OpenFeature's word: <c>STATIC</c>, <c>TARGETING_MATCH</c>, <c>DEFAULT</c>, <c>DISABLED</c>, <c>ERROR</c>.</summary>
    public string ReasonWord =>
        Reason switch
        {
            EvaluationReason.Static => "STATIC",
            EvaluationReason.TargetingMatch => "TARGETING_MATCH",
            EvaluationReason.Default => "DEFAULT",
            EvaluationReason.Disabled => "DISABLED",
            _ => "ERROR",
        };

    /// <summary>OpenFeature's word, <c>FLAG_NOT_FOUND</c> and so on; null when nothing failed.</summary>
    public string? ErrorWord =>
        Error switch
        {
            EvaluationError.FlagNotFound => "FLAG_NOT_FOUND",
            EvaluationError.ParseError => "PARSE_ERROR",
            EvaluationError.TypeMismatch => "TYPE_MISMATCH",
            EvaluationError.InvalidContext => "INVALID_CONTEXT",
            EvaluationError.General => "GENERAL",
            _ => null,
        };
}
