using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Teal.Flags;

/// <summary>Where and why a document is refused, or one of its flags cannot be evaluated.</summary>
/// <param name="Code">Stable: <c>TEAL9101</c> to <c>TEAL9119</c>.</param>
/// <param name="Flag">The key of the flag; null outside of the flags.</param>
/// <param name="Path">JSON path: <c>$.flags["my checkout"].targeting.if[0]</c>.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
public sealed record DocumentFault(string Code, string? Flag, string Path, int Line, int Column, string Message)
{
    public override string ToString() => $"{Code} {Line}:{Column} {Path}: {Message}";
}

/// <summary>How much a document may be.</summary>
/// <param name="Bytes">Of UTF-8 JSON.</param>
/// <param name="Depth">Of nested lists and objects.</param>
/// <param name="Nodes">JSON values in all.</param>
public sealed record DocumentLimits(int Bytes, int Depth, int Flags, int Nodes)
{
    /// <summary>32 MiB, 64 deep, 50,000 flags, 2,000,000 values.</summary>
    public static DocumentLimits Usual { get; } = new(32 * 1024 * 1024, 64, 50_000, 2_000_000);
}

/// <summary>
/// A flagd document (schema v0: map and array of flags, <c>$evaluators</c>, metadata), read whole or not at all, parsed once, never
/// changed: any number of threads evaluate it. The semantics are those of flagd, <see href="https://flagd.dev/reference/"/>.
/// </summary>
public sealed class FlagDocument
{
    private readonly FrozenDictionary<string, DocumentFlag> _byKey;

    internal FlagDocument(
        IReadOnlyList<DocumentFlag> flags,
        IReadOnlyDictionary<string, FlagValue> metadata,
        IReadOnlyList<DocumentFault> unusable,
        int hashVersion
    )
    {
        Flags = flags;
        Metadata = metadata;
        Unusable = unusable;
        HashVersion = hashVersion;
        _byKey = flags.ToFrozenDictionary(static flag => flag.Key, StringComparer.Ordinal);
    }

    /// <summary>The same document with flags that were read elsewhere.</summary>
    internal FlagDocument With(IReadOnlyList<DocumentFlag> flags) => new(flags, Metadata, Unusable, HashVersion);

    /// <summary>In the order of the document.</summary>
    public IReadOnlyList<DocumentFlag> Flags { get; }

    /// <summary>Of the flag set.</summary>
    public IReadOnlyDictionary<string, FlagValue> Metadata { get; }

    /// <summary>
    /// Flags that the schema allows and flagd answers with <c>PARSE_ERROR</c>: an unknown <c>$ref</c>. They do so here; whoever
    /// imports a document may refuse it for them.
    /// </summary>
    public IReadOnlyList<DocumentFault> Unusable { get; }

    /// <summary>Which bucketing the document asks for by <c>metadata.hashVersion</c>; 1 is the only one there is.</summary>
    public int HashVersion { get; }

    public static bool TryRead(
        ReadOnlySpan<byte> utf8Json,
        DocumentLimits limits,
        [NotNullWhen(true)] out FlagDocument? document,
        [NotNullWhen(false)] out DocumentFault? fault
    )
    {
        document = JsonTermReader.TryRead(utf8Json, limits, out var root, out fault)
            ? new DocumentReader(utf8Json, limits).Read(root, out fault)
            : null;
        return document is not null && fault is null;
    }

    public DocumentFlag? Find(string flagKey) => _byKey.GetValueOrDefault(flagKey);

    /// <summary>Total: it never throws for what a document, a context or a caller says, and its cost is bounded.</summary>
    /// <param name="now">For <c>$flagd.timestamp</c>, in whole seconds since 1970.</param>
    public Evaluation Evaluate(string flagKey, EvaluationContext context, DateTimeOffset now, ExpectedType expected = ExpectedType.Any) =>
        _byKey.TryGetValue(flagKey, out var flag)
            ? flag.Evaluate(context, now, expected)
            : new Evaluation(this, null, EvaluationReason.Error, EvaluationError.FlagNotFound);

    /// <summary>The same evaluation, and how it came about. Allocates; for people, not for traffic.</summary>
    public Explanation Explain(string flagKey, EvaluationContext context, DateTimeOffset now) =>
        Find(flagKey) is { } flag
            ? flag.Explain(context, now)
            : new Explanation(flagKey, Evaluate(flagKey, context, now), "The document has no flag of this key.", [], []);
}
