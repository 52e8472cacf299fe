using System.Buffers.Text;
using System.Collections.Frozen;

namespace Teal.Flags;

/// <summary>From terms to a document, by flagd's schema (v0, <c>flagd.json</c>): the first thing that is wrong refuses the whole.</summary>
internal ref struct DocumentReader
{
    private readonly ReadOnlySpan<byte> _utf8Json;
    private readonly DocumentLimits _limits;
    private readonly List<DocumentFault> _unusable = [];
    private DocumentFault? _fault;
    private RuleBuilder _builder = new(FrozenDictionary<string, JsonTerm>.Empty);

    public DocumentReader(ReadOnlySpan<byte> utf8Json, DocumentLimits limits)
    {
        _utf8Json = utf8Json;
        _limits = limits;
    }

    public FlagDocument? Read(JsonTerm root, out DocumentFault? fault)
    {
        var document = ReadWhole(root);
        fault = _fault;
        return fault is null ? document : null;
    }

    private FlagDocument? ReadWhole(JsonTerm root)
    {
        if (root.Kind != ValueKind.Object)
        {
            return Refuse<FlagDocument>("TEAL9105", root, "A flagd document is an object with a member 'flags'.");
        }
        if (root.Member("flags") is not { Kind: ValueKind.List or ValueKind.Object } flags)
        {
            return Refuse<FlagDocument>(
                "TEAL9105",
                root.Member("flags") ?? root,
                "'flags' is needed: an object of flags by key, or a list of them."
            );
        }
        // flags.json is the schema of providers, which know the map alone; flagd.json has both.
        if (flags.Kind == ValueKind.List && root.Member("$schema")?.Text?.EndsWith("/flags.json", StringComparison.Ordinal) == true)
        {
            return Refuse<FlagDocument>(
                "TEAL9105",
                flags,
                "The schema flags.json takes an object of flags; a list of them is for flagd.json."
            );
        }
        if (flags.Items.Length > _limits.Flags)
        {
            return Refuse<FlagDocument>("TEAL9103", flags, $"The document has {flags.Items.Length} flags; {_limits.Flags} are allowed.");
        }
        var metadata = ReadMetadata(root.Member("metadata"), FrozenDictionary<string, FlagValue>.Empty, isOfSet: true);
        return metadata is not null && ReadEvaluators(root.Member("$evaluators")) && ReadFlags(flags, metadata) is { } read
            ? new FlagDocument(read, metadata, _unusable, hashVersion: 1)
            : null;
    }

    private bool ReadEvaluators(JsonTerm? evaluators)
    {
        if (evaluators is null)
        {
            return true;
        }
        if (evaluators.Kind != ValueKind.Object)
        {
            return IsRefused("TEAL9105", evaluators, "$evaluators is an object of rules by name.");
        }
        foreach (var evaluator in evaluators.Items)
        {
            if (evaluator.Name!.Length == 0)
            {
                return IsRefused("TEAL9105", evaluator, "An evaluator has a name.");
            }
            if (TargetingSchema.Check(evaluator) is { } wrong)
            {
                return IsRefused("TEAL9108", wrong.At, wrong.Why);
            }
        }
        if (EvaluatorReferences.Check(evaluators) is { } tangled)
        {
            return IsRefused("TEAL9109", tangled.At, tangled.Why);
        }
        _builder = new RuleBuilder(evaluators.Items.ToDictionary(static evaluator => evaluator.Name!, StringComparer.Ordinal));
        return true;
    }

    private List<DocumentFlag>? ReadFlags(JsonTerm flags, FrozenDictionary<string, FlagValue> metadata)
    {
        var read = new List<DocumentFlag>(flags.Items.Length);
        var keys = flags.Kind == ValueKind.List ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var flag in flags.Items)
        {
            if (ReadKey(flag, keys) is not { } key || ReadFlag(flag, key, metadata) is not { } made)
            {
                return null;
            }
            read.Add(made);
        }
        return read;
    }

    private string? ReadKey(JsonTerm flag, HashSet<string>? keysOfList)
    {
        if (flag.Kind != ValueKind.Object)
        {
            return Refuse<string>("TEAL9105", flag, "A flag is an object.");
        }
        var key = keysOfList is null ? flag.Name : flag.Member("key")?.Text;
        if (string.IsNullOrEmpty(key))
        {
            return Refuse<string>("TEAL9105", flag, "A flag has a key that is not empty.");
        }
        return keysOfList?.Add(key) != false ? key : Refuse<string>("TEAL9104", flag, $"There is a flag '{key}' already.");
    }

    private DocumentFlag? ReadFlag(JsonTerm flag, string key, FrozenDictionary<string, FlagValue> metadataOfSet)
    {
        if (flag.Member("state") is not { Text: "ENABLED" or "DISABLED" } state)
        {
            return Refuse<DocumentFlag>("TEAL9106", flag.Member("state") ?? flag, "'state' is needed: \"ENABLED\" or \"DISABLED\".");
        }
        if (ReadVariants(flag) is not { } variants || !TryReadDefault(flag, variants, out var defaultVariant))
        {
            return null;
        }
        var metadata = ReadMetadata(flag.Member("metadata"), metadataOfSet, isOfSet: false);
        return metadata is not null && TryReadTargeting(flag.Member("targeting"), key, out var targeting)
            ? new DocumentFlag(key, state.Text == "ENABLED", variants, defaultVariant, metadata, targeting)
            {
                Stamp = StampOf(_utf8Json[flag.Start..flag.End]),
            }
            : null;
    }

    /// <summary>FNV-1a, <see href="https://www.rfc-editor.org/rfc/rfc9923"/>.</summary>
    private static ulong StampOf(ReadOnlySpan<byte> written)
    {
        var stamp = 14695981039346656037UL;
        foreach (var one in written)
        {
            stamp = (stamp ^ one) * 1099511628211;
        }
        return stamp;
    }

    private FlagVariant[]? ReadVariants(JsonTerm flag)
    {
        if (flag.Member("variants") is not { Kind: ValueKind.Object, Items.Length: > 0 } variants)
        {
            return Refuse<FlagVariant[]>(
                "TEAL9106",
                flag.Member("variants") ?? flag,
                "'variants' is needed: an object with at least one value by name."
            );
        }
        var kind = variants.Items[0].Kind;
        var read = new FlagVariant[variants.Items.Length];
        for (var i = 0; i < read.Length; i++)
        {
            var variant = variants.Items[i];
            if (variant.Name!.Length == 0)
            {
                return Refuse<FlagVariant[]>("TEAL9106", variant, "A variant has a name that is not empty.");
            }
            if (variant.Kind != kind || variant.Kind is ValueKind.Null or ValueKind.List)
            {
                return Refuse<FlagVariant[]>("TEAL9106", variant, "Variants are all booleans, all strings, all numbers or all objects.");
            }
            read[i] = new FlagVariant(variant.Name, Value(variant));
        }
        return read;
    }

    private bool TryReadDefault(JsonTerm flag, FlagVariant[] variants, out FlagVariant? variant)
    {
        variant = null;
        // flagd takes an empty name for none.
        if (flag.Member("defaultVariant") is not { } name || name.Kind == ValueKind.Null || name.Text is "")
        {
            return true;
        }
        variant = Array.Find(variants, candidate => candidate.Name == name.Text);
        return variant is not null || IsRefused("TEAL9107", name, "'defaultVariant' is the name of one of the variants, or null.");
    }

    private bool TryReadTargeting(JsonTerm? targeting, string key, out (LogicRule? LogicRule, bool IsUsable) read)
    {
        read = (null, true);
        if (targeting is null || targeting is { Kind: ValueKind.Object, Items.Length: 0 })
        {
            return true;
        }
        if (TargetingSchema.Check(targeting) is { } wrong)
        {
            return IsRefused("TEAL9108", wrong.At, wrong.Why);
        }
        var rule = _builder.Build(targeting, out var unknown);
        if (_builder.IsTooCostly)
        {
            return IsRefused("TEAL9103", targeting, "What is constant in the targetings costs too much to work out.");
        }
        if (unknown is not null)
        {
            var message = $"There is no evaluator '{unknown.Text}'; the flag answers PARSE_ERROR.";
            _unusable.Add(DocumentPlaces.Fault(_utf8Json, "TEAL9111", unknown, unknown.Start, message) with { Flag = key });
        }
        read = (rule, unknown is null);
        return true;
    }

    private FrozenDictionary<string, FlagValue>? ReadMetadata(JsonTerm? metadata, FrozenDictionary<string, FlagValue> under, bool isOfSet)
    {
        if (metadata is null)
        {
            return under;
        }
        if (metadata.Kind != ValueKind.Object)
        {
            return Refuse<FrozenDictionary<string, FlagValue>>("TEAL9105", metadata, "Metadata is an object.");
        }
        var read = under.ToDictionary(StringComparer.Ordinal);
        foreach (var entry in metadata.Items)
        {
            if (isOfSet ? !IsKnownToSet(entry) : !IsPlain(entry))
            {
                return null;
            }
            read[entry.Name!] = Value(entry);
        }
        return read.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private bool IsKnownToSet(JsonTerm entry) =>
        entry.Name switch
        {
            "flagSetId" or "version" when entry.Text is null => IsRefused("TEAL9105", entry, $"'{entry.Name}' of a flag set is a string."),
            "hashVersion" when entry is not { Kind: ValueKind.Number, Number: 1 } => IsRefused(
                "TEAL9110",
                entry,
                "The only hash version is 1, murmur3 over UTF-8: another one would put other users in."
            ),
            _ => IsPlain(entry),
        };

    private bool IsPlain(JsonTerm entry) =>
        entry.Kind is ValueKind.Boolean or ValueKind.Number or ValueKind.String
        || IsRefused("TEAL9105", entry, "A value of metadata is a boolean, a number or a string.");

    private readonly FlagValue Value(JsonTerm term) =>
        term.Kind switch
        {
            ValueKind.Boolean => FlagValue.From(term.IsTrue),
            ValueKind.String => FlagValue.From(term.Text!),
            ValueKind.Number => Number(term),
            _ => FlagValue.FromObject(_utf8Json[term.Start..term.End].ToArray()),
        };

    private readonly FlagValue Number(JsonTerm term)
    {
        var written = _utf8Json[term.Start..term.End];
        var isInteger = Utf8Parser.TryParse(written, out long integer, out var read) && read == written.Length;
        return isInteger ? FlagValue.From(integer) : FlagValue.From(term.Number);
    }

    private T? Refuse<T>(string code, JsonTerm at, string message)
        where T : class
    {
        _fault ??= DocumentPlaces.Fault(_utf8Json, code, at, at.Start, message);
        return null;
    }

    private bool IsRefused(string code, JsonTerm at, string message) => Refuse<string>(code, at, message) is not null;
}
