using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>A flagd document that serves an environment as it is.</summary>
/// <param name="Revision">The journal's sequence when it was taken.</param>
/// <param name="Killed">Flags of it that are off by hand, until they are revived or the document itself has them off; null: none.</param>
public sealed record TakenDocument(string Json, string From, long Revision, IReadOnlyList<string>? Killed = null)
{
    /// <summary>The names of its <c>$evaluators</c>: what stands there for segments.</summary>
    [JsonIgnore]
    public IReadOnlyCollection<string> Segments => field ??= NamesIn(Json);

    /// <summary>Its <c>$evaluators</c>, JSON in UTF-8; an empty object when it has none.</summary>
    public byte[] Evaluators()
    {
        using var read = JsonDocument.Parse(Json);
        return read.RootElement.TryGetProperty(Member, out var evaluators)
            ? Encoding.UTF8.GetBytes(evaluators.GetRawText())
            : "{}"u8.ToArray();
    }

    private const string Member = "$evaluators";

    private static string[] NamesIn(string json)
    {
        using var read = JsonDocument.Parse(json);
        return read.RootElement.TryGetProperty(Member, out var evaluators)
            ? [.. evaluators.EnumerateObject().Select(named => named.Name)]
            : [];
    }
}

/// <summary>What the journal knows of flags: those that people wrote, and the documents that stand in for them.</summary>
/// <param name="Revision">The journal's sequence at the last change of the set.</param>
public sealed record FlagBook(FlagSet Set, ImmutableSortedDictionary<string, TakenDocument> Documents, long Revision)
{
    public static readonly FlagBook Empty = new(
        FlagSet.Empty,
        ImmutableSortedDictionary<string, TakenDocument>.Empty.WithComparers(StringComparer.Ordinal),
        0
    );

    /// <summary>The file that the set comes from; null when people keep it by hand.</summary>
    public FlagFile? File { get; init; }

    /// <summary>The book after a change that was journalled or is about to be. Nothing of it is taken unless all of it can be.</summary>
    public FlagBookOutcome After(ServerEvent recorded, long sequence, DateTimeOffset at) =>
        recorded switch
        {
            FlagsChanged it => Changed(it.Changes, sequence, at),
            FlagFileTaken it => Taken(it, sequence, at),
            FlagDocumentTaken it => Taken(it, sequence),
            FlagDocumentLeft it => new FlagBookOutcome(this with { Documents = Documents.Remove(it.Environment), Revision = sequence }, []),
            _ => throw new ArgumentException($"{recorded.GetType().Name} does not change flags.", nameof(recorded)),
        };

    /// <summary>The same book, ordered as <see cref="Empty"/>: what was read from JSON has the order of the reader's culture.</summary>
    internal FlagBook Ordered() =>
        this with
        {
            Documents = Documents.WithComparers(StringComparer.Ordinal),
            File = File is null ? null : File with { Overruled = File.Overruled.WithComparers(StringComparer.Ordinal) },
        };

    /// <summary>The event as the journal keeps it: a set that replaces another one by what is different.</summary>
    internal ServerEvent Short(ServerEvent changed) =>
        changed is FlagsChanged { Changes: [FlagChange.ReplaceAll whole] }
            ? new FlagsChanged([new FlagChange.PatchSet(FlagPatch.Between(Set, whole.Set), whole.ExpectedVersion)])
            : changed;

    /// <summary>The event that makes the set what the file says now; null when it says what it said.</summary>
    internal FlagFileTaken? Taking(FlagSet file, string from)
    {
        var patch = FlagPatch.Between(File?.Said(Set) ?? Set, file);
        return File is not null && patch.IsEmpty ? null : new FlagFileTaken(from, patch);
    }

    private FlagBookOutcome Changed(IReadOnlyList<FlagChange> changes, long sequence, DateTimeOffset at)
    {
        var book = this;
        foreach (var change in changes)
        {
            var outcome = book.Changed(change, sequence, at);
            if (outcome.Book is null)
            {
                return outcome;
            }
            book = outcome.Book;
        }
        // What is so already is no change, and nothing to remember.
        return new FlagBookOutcome(book, []);
    }

    private FlagBookOutcome Changed(FlagChange change, long sequence, DateTimeOffset at)
    {
        if (change is FlagChange.EnableFlag switched && DocumentKill.Of(this, switched, sequence) is { } inDocument)
        {
            return new FlagBookOutcome(inDocument, []);
        }
        if (Covering(change) is { } covered)
        {
            return new FlagBookOutcome(null, [covered]);
        }
        var outcome = FlagChanger.Apply(Set, change, at);
        if (!outcome.IsGood)
        {
            return new FlagBookOutcome(null, outcome.Problems);
        }
        // Whoever changes more than what goes on from hour to hour has taken the flags over from the file.
        var file = change is FlagChange.EnableFlag or FlagChange.SetShare or FlagChange.RunSchedule
            ? File?.After(Set, outcome.Set, (FlagChange.OfTargeting)change)
            : null;
        return ReferenceEquals(outcome.Set, Set)
            ? new FlagBookOutcome(this, [])
            : new FlagBookOutcome(this with { Set = outcome.Set, File = file, Revision = sequence }, []);
    }

    /// <summary>A change of what an environment serves, while a document stands in for it, would have no effect: it is refused.</summary>
    private FlagProblem? Covering(FlagChange change)
    {
        var environment = change switch
        {
            // Its time has come whatever is served meanwhile: kept, it would be due for ever.
            FlagChange.RunSchedule => null,
            FlagChange.OfTargeting it => it.Environment,
            FlagChange.Promote it => it.To,
            _ => null,
        };
        return environment is not null && Documents.TryGetValue(environment, out var document)
            ? new FlagProblem(
                "TEAL9501",
                (change as FlagChange.OfFlag)?.Flag,
                $"environments.{environment}",
                $"{environment} is served from the flagd document {document.From}: change it there and import it, or end that with `teal flag import --leave -e {environment}`.",
                null,
                FlagProblemKind.Conflict
            )
            : null;
    }

    private FlagBookOutcome Taken(FlagFileTaken it, long sequence, DateTimeOffset at)
    {
        var says = it.Patch.Apply(File?.Said(Set) ?? Set);
        var (merged, file) = File?.Over(Set, says, it.From) ?? (says, new FlagFile(it.From, FlagFile.Nothing));
        var outcome = FlagChanger.Apply(Set, new FlagChange.ReplaceAll(merged, null), at);
        return outcome.IsGood
            ? new FlagBookOutcome(this with { Set = outcome.Set, File = file, Revision = sequence }, [])
            : new FlagBookOutcome(null, outcome.Problems);
    }

    private FlagBookOutcome Taken(FlagDocumentTaken it, long sequence)
    {
        var before = Documents.GetValueOrDefault(it.Environment);
        if (before is not null && before.Json == it.Json && before.From == it.From)
        {
            return new FlagBookOutcome(this, []);
        }
        if (!Set.Environments.Contains(it.Environment, StringComparer.Ordinal))
        {
            var known = string.Join(", ", Set.Environments);
            return Refused("TEAL9502", null, "environments", $"There is no environment {it.Environment}; there are {known}.");
        }
        if (!FlagDocument.TryRead(Encoding.UTF8.GetBytes(it.Json), DocumentLimits.Usual, out var document, out var fault))
        {
            return Refused(fault.Code, fault.Flag, fault.Path, $"{it.From}:{fault.Line}:{fault.Column}: {fault.Message}");
        }
        if (document.Unusable is [var first, ..])
        {
            return Refused(first.Code, first.Flag, first.Path, $"{it.From}:{first.Line}:{first.Column}: {first.Message}");
        }
        var killed = before?.Killed?.Where(key => document.Find(key)?.IsEnabled == true).ToList();
        var taken = new TakenDocument(it.Json, it.From, sequence, killed is { Count: > 0 } ? killed : null);
        return new FlagBookOutcome(this with { Documents = Documents.SetItem(it.Environment, taken), Revision = sequence }, []);
    }

    private static FlagBookOutcome Refused(string code, string? flag, string path, string message) =>
        new(null, [new FlagProblem(code, flag, path, message)]);
}

/// <param name="Book">Null when something stands against it: <see cref="Problems"/> says what.</param>
public sealed record FlagBookOutcome(FlagBook? Book, IReadOnlyList<FlagProblem> Problems);
