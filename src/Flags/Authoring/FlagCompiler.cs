using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Teal.Flags;

/// <summary>What a set of flags is in one environment, as flagd documents (UTF-8).</summary>
/// <param name="Full">For the server and the proxy, which evaluate for others.</param>
/// <param name="Client">
/// For clients that evaluate by themselves: without anything that says who single persons are. A flag that rests on such things is
/// disabled there and has the metadata <c>remote: true</c>: it is asked of the server.
/// </param>
public sealed record CompiledFlags(byte[] Full, byte[] Client);

/// <summary>
/// Makes flagd documents. The same state makes the same bytes: keys are in ordinal order, nothing depends on the time or on how the
/// state came about.
/// </summary>
public static class FlagCompiler
{
    public const string RemoteKey = "remote";

    /// <summary>The variant of a segment's own flag for those who belong to it.</summary>
    public const string Inside = "in";

    public const string Outside = "out";

    // What is read by people stays readable, and the document is never part of a page.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="set">Checked by <see cref="FlagRules"/>.</param>
    /// <param name="releases">
    /// By service, the line of the release whose cohort flags may share. A flag that shares the cohort of a service that was never
    /// released keeps its own.
    /// </param>
    /// <exception cref="ArgumentException">The set has no such environment.</exception>
    public static CompiledFlags Compile(FlagSet set, string environment, IReadOnlyDictionary<string, CohortLine> releases) =>
        new FlagCompilation(environment).Next(set, releases);

    /// <summary>
    /// Segments as a flagd document (UTF-8), to be evaluated by themselves: a flag for each, with the variants <see cref="Inside"/> and
    /// <see cref="Outside"/>. For the server alone: it says who is in.
    /// </summary>
    /// <param name="names">Those that the set does not have are left out.</param>
    public static byte[] Segments(FlagSet set, IEnumerable<string> names)
    {
        var known = new SortedSet<string>(names.Where(set.Segments.ContainsKey), StringComparer.Ordinal);
        var evaluators = Bytes(
            0,
            writer => Evaluators(writer, new TargetingWriter(writer, set, "", new Dictionary<string, CohortLine>(), []), known)
        );
        return Segments(known, evaluators);
    }

    /// <summary>The same of a document that people wrote for flagd: its <c>$evaluators</c> of these names.</summary>
    /// <param name="evaluators">JSON (UTF-8): the member of the document, whole.</param>
    public static byte[] Segments(IEnumerable<string> names, byte[] evaluators) =>
        Bytes(
            evaluators.Length,
            writer =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("$evaluators");
                writer.WriteRawValue(evaluators, skipInputValidation: true);
                writer.WriteStartObject("flags");
                foreach (var name in names)
                {
                    WriteSegment(writer, name);
                }
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
        );

    private static void WriteSegment(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("state", "ENABLED");
        writer.WriteStartObject("variants");
        writer.WriteBoolean(Inside, true);
        writer.WriteBoolean(Outside, false);
        writer.WriteEndObject();
        writer.WriteString("defaultVariant", Outside);
        writer.WriteStartObject("targeting");
        writer.WriteStartArray("if");
        writer.WriteStartObject();
        writer.WriteString("$ref", name);
        writer.WriteEndObject();
        writer.WriteStringValue(Inside);
        writer.WriteStringValue(Outside);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal static void WriteFlag(Utf8JsonWriter writer, TargetingWriter targetings, Flag flag, Targeting targeting, bool isRemote)
    {
        // Off without an off variant: the flag is as good as not there, and the application's own default holds.
        var isServed = !isRemote && (targeting.IsEnabled || targeting.Off is not null);
        writer.WriteStartObject();
        writer.WriteString("state", isServed ? "ENABLED" : "DISABLED");
        writer.WriteStartObject("variants");
        foreach (var variant in flag.Variants)
        {
            writer.WritePropertyName(variant.Name);
            writer.WriteRawValue(variant.Value.Json, skipInputValidation: true);
        }
        writer.WriteEndObject();
        if (isServed && TargetingWriter.DefaultOf(targeting) is { } fallback)
        {
            writer.WriteString("defaultVariant", fallback);
        }
        if (isServed && TargetingWriter.IsNeeded(flag, targeting))
        {
            writer.WritePropertyName("targeting");
            targetings.Write(flag);
        }
        WriteMetadata(writer, flag, isRemote);
        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, Flag flag, bool isRemote)
    {
        writer.WriteStartObject("metadata");
        writer.WriteString("kind", FlagWords.Of(flag.Kind));
        writer.WriteNumber("version", flag.Version);
        if (isRemote)
        {
            writer.WriteBoolean(RemoteKey, true);
        }
        writer.WriteEndObject();
    }

    internal static void Evaluators(Utf8JsonWriter writer, TargetingWriter targetings, SortedSet<string> segments)
    {
        writer.WriteStartObject();
        foreach (var name in segments)
        {
            writer.WritePropertyName(name);
            targetings.WriteSegment(name);
        }
        writer.WriteEndObject();
    }

    internal static byte[] Bytes(int about, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(256, about));
        using var writer = new Utf8JsonWriter(bytes, Compact);
        write(writer);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }
}
