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

    /// <param name="set">Checked by <see cref="FlagRules"/>.</param>
    /// <param name="releaseSalts">
    /// By service, the salt of the release whose cohort flags may share. A flag that shares the cohort of a service that was never
    /// released keeps its own.
    /// </param>
    /// <exception cref="ArgumentException">The set has no such environment.</exception>
    public static CompiledFlags Compile(FlagSet set, string environment, IReadOnlyDictionary<string, string> releaseSalts) =>
        new FlagCompilation(environment).Next(set, releaseSalts);

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
}
