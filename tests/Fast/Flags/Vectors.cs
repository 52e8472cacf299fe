using System.Text;
using System.Text.Json;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

/// <summary>The public test vectors, carried inside of the test program, and short ways to read a document and a context.</summary>
internal static class Vectors
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000);

    public static IEnumerable<string> Names(string folder) =>
        typeof(Vectors)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    public static byte[] Read(string name)
    {
        using var stream = typeof(Vectors).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static FlagDocument Document(string json) => Document(Encoding.UTF8.GetBytes(json));

    public static FlagDocument Document(byte[] utf8) =>
        FlagDocument.TryRead(utf8, DocumentLimits.Usual, out var document, out var fault)
            ? document
            : throw new ArgumentException(fault.ToString());

    public static DocumentFault Refusal(string json, DocumentLimits? limits = null) =>
        FlagDocument.TryRead(Encoding.UTF8.GetBytes(json), limits ?? DocumentLimits.Usual, out _, out var fault)
            ? throw new ArgumentException("The document was taken.")
            : fault;

    /// <summary>A document of one flag, <c>f</c>: the booleans on and off, off by default.</summary>
    public static FlagDocument Targeting(string targeting) =>
        Document(
            $$$$"""{"flags":{"f":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":{{{{targeting}}}}}}}"""
        );

    public static EvaluationContext Context(string json) =>
        EvaluationContext.TryParse(Encoding.UTF8.GetBytes(json), ContextLimits.Usual, out var context, out var fault)
            ? context
            : throw new ArgumentException(fault.ToString());

    /// <summary>The value of a rule for any data, an object or not.</summary>
    public static (ContextValue Value, bool HasFailed) Apply(JsonElement rule, JsonElement data)
    {
        var fits = JsonTermReader.TryRead(Encoding.UTF8.GetBytes(rule.GetRawText()), DocumentLimits.Usual, out var term, out var fault);
        Assert.True(fits, fault?.ToString());
        var built = new RuleBuilder(new Dictionary<string, JsonTerm>(StringComparer.Ordinal)).Build(term!, out _);
        Context($"{{\"data\":{data.GetRawText()}}}").Members.TryGet("data", out var scope);
        var walk = new Walk(EvaluationContext.Empty, "f", 0, Walk.UsualSteps) { Scope = scope };
        var value = built.Evaluate(ref walk);
        return (value, walk.HasFailed);
    }

    public static string Written(ContextValue value) =>
        value.Kind switch
        {
            ValueKind.String => JsonSerializer.Serialize(value.Text),
            ValueKind.Number => JsNumber.Format(value.Double),
            ValueKind.Boolean => value.IsTrue ? "true" : "false",
            ValueKind.List => $"[{string.Join(',', value.Items!.Select(Written))}]",
            ValueKind.Object => "{}",
            _ => "null",
        };
}
