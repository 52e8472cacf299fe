using System.Security.Cryptography;
using System.Text.Json;

namespace Teal.Flags;

/// <summary>
/// Compiles one environment again and again. A flag is written and parsed anew when it, or anything that it is made of, is another object
/// than before; the documents are the same bytes as if all of it were made from nothing. For one thread.
/// </summary>
public sealed class FlagCompilation(string environment)
{
    private Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private FlagSet _set = FlagSet.Empty;
    private Dictionary<string, CohortLine> _lines = [];
    private byte[]? _evaluators;
    private FlagDocument? _document;
    private DocumentFault? _fault;

    /// <summary>The last result's <see cref="CompiledFlags.Full"/>, parsed; null when it cannot be, which is a bug of the compiler.</summary>
    public FlagDocument? Document => _document;

    public DocumentFault? Fault => _fault;

    /// <param name="set">Checked by <see cref="FlagRules"/>.</param>
    /// <param name="releases">As of <see cref="FlagCompiler.Compile"/>.</param>
    /// <exception cref="ArgumentException">The set has no such environment.</exception>
    public CompiledFlags Next(FlagSet set, IReadOnlyDictionary<string, CohortLine> releases)
    {
        if (!set.Environments.Contains(environment, StringComparer.Ordinal))
        {
            throw new ArgumentException($"There is no environment '{environment}'.", nameof(set));
        }
        ForgetUnless(set, releases);
        var flags = set.Flags.Values.Where(flag => !flag.IsArchived).OrderBy(flag => flag.Key, StringComparer.Ordinal);
        var entries = flags.Select(flag => EntryOf(set, flag)).ToList();
        var (full, version, evaluators) = Whole(set, entries, entry => entry.Full);
        var client = entries.TrueForAll(entry => ReferenceEquals(entry.Full, entry.Client))
            ? full
            : Whole(set, entries, entry => entry.Client).Json;
        _entries = entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        Parse(entries, evaluators, version);
        return new CompiledFlags(full, client);
    }

    /// <summary>Segments, holdouts and the lines of releases may be part of any flag.</summary>
    private void ForgetUnless(FlagSet set, IReadOnlyDictionary<string, CohortLine> releases)
    {
        var isSame =
            ReferenceEquals(set.Segments, _set.Segments)
            && ReferenceEquals(set.Holdouts, _set.Holdouts)
            && releases.Count == _lines.Count
            && releases.All(pair => _lines.GetValueOrDefault(pair.Key) == pair.Value);
        if (!isSame)
        {
            _entries.Clear();
            _lines = releases.ToDictionary(StringComparer.Ordinal);
        }
        _set = set;
    }

    private Entry EntryOf(FlagSet set, Flag flag)
    {
        if (
            _entries.TryGetValue(flag.Key, out var known)
            && Array.TrueForAll(known.MadeOf, part => ReferenceEquals(part, set.Flags.GetValueOrDefault(part.Key)))
        )
        {
            return known;
        }
        var full = Written(set, flag, isRemote: false);
        var client = Personal.Decides(set, flag, environment) ? Written(set, flag, isRemote: true) : full;
        return new Entry(flag.Key, PartsOf(set, flag), full, client);
    }

    private WrittenFlag Written(FlagSet set, Flag flag, bool isRemote)
    {
        var segments = new SortedSet<string>(StringComparer.Ordinal);
        var json = FlagCompiler.Bytes(
            0,
            writer =>
                FlagCompiler.WriteFlag(
                    writer,
                    new TargetingWriter(writer, set, environment, _lines, segments),
                    flag,
                    flag.Environments[environment],
                    isRemote
                )
        );
        return new WrittenFlag(json, [.. segments]);
    }

    /// <summary>The flag, those that it requires, and those whose cohort it shares.</summary>
    private static Flag[] PartsOf(FlagSet set, Flag flag)
    {
        var parts = new List<Flag> { flag };
        for (var next = 0; next < parts.Count; next++)
        {
            var named = parts[next].Requires.Select(required => required.Flag);
            if (parts[next].Cohort is { Owner: CohortOwner.Flag } cohort)
            {
                named = named.Append(cohort.Name);
            }
            parts.AddRange(
                named.Select(key => set.Flags[key]).Where(part => !parts.Contains(part, ReferenceEqualityComparer.Instance)).ToList()
            );
        }
        return [.. parts];
    }

    private (byte[] Json, string Version, byte[]? Evaluators) Whole(FlagSet set, List<Entry> entries, Func<Entry, WrittenFlag> form)
    {
        var written = FlagCompiler.Bytes(
            entries.Sum(entry => form(entry).Json.Length + entry.Key.Length + 8),
            writer => FlagsOf(writer, entries, form)
        );
        var segments = new SortedSet<string>(entries.SelectMany(entry => form(entry).Segments), StringComparer.Ordinal);
        var evaluators = FlagCompiler.Bytes(
            0,
            writer => FlagCompiler.Evaluators(writer, new TargetingWriter(writer, set, environment, _lines, segments), segments)
        );
        var version = VersionOf(written, evaluators);
        var used = segments.Count > 0 ? evaluators : null;
        return (Json(written, used, version), version, used);
    }

    private static void FlagsOf(Utf8JsonWriter writer, IEnumerable<Entry> entries, Func<Entry, WrittenFlag> form)
    {
        writer.WriteStartObject();
        foreach (var entry in entries)
        {
            writer.WritePropertyName(entry.Key);
            writer.WriteRawValue(form(entry).Json, skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    private byte[] Json(byte[] flags, byte[]? evaluators, string version) =>
        FlagCompiler.Bytes(
            flags.Length + (evaluators?.Length ?? 0) + 256,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("$schema", "https://flagd.dev/schema/v0/flags.json");
                if (evaluators is not null)
                {
                    writer.WritePropertyName("$evaluators");
                    writer.WriteRawValue(evaluators, skipInputValidation: true);
                }
                writer.WritePropertyName("flags");
                writer.WriteRawValue(flags, skipInputValidation: true);
                writer.WriteStartObject("metadata");
                writer.WriteString("flagSetId", environment);
                writer.WriteString("version", version);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
        );

    /// <summary>Parses what is new, as a document of its own, and puts it among what was parsed before.</summary>
    private void Parse(List<Entry> entries, byte[]? evaluators, string version)
    {
        if (evaluators is null ? _evaluators is not null : _evaluators is null || !evaluators.AsSpan().SequenceEqual(_evaluators))
        {
            entries.ForEach(static entry => entry.Parsed = null);
        }
        _evaluators = evaluators;
        var young = entries.Where(entry => entry.Parsed is null).ToList();
        var json = Json(FlagCompiler.Bytes(0, writer => FlagsOf(writer, young, entry => entry.Full)), evaluators, version);
        if (!FlagDocument.TryRead(json, DocumentLimits.Usual, out var document, out _fault))
        {
            _document = null;
            return;
        }
        foreach (var (entry, flag) in young.Zip(document.Flags))
        {
            entry.Parsed = flag;
        }
        _document = young.Count == entries.Count ? document : document.With([.. entries.Select(entry => entry.Parsed!)]);
    }

    /// <summary>Of the content, so that a change elsewhere leaves the bytes as they are.</summary>
    private static string VersionOf(ReadOnlySpan<byte> flags, ReadOnlySpan<byte> evaluators)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(flags);
        hash.AppendData(evaluators);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private sealed record WrittenFlag(byte[] Json, string[] Segments);

    /// <param name="Client">The same object as <paramref name="Full"/> where clients may have all of it.</param>
    private sealed record Entry(string Key, Flag[] MadeOf, WrittenFlag Full, WrittenFlag Client)
    {
        public DocumentFlag? Parsed { get; set; }
    }
}
