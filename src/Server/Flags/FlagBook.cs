using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>A flagd document that serves an environment as it is.</summary>
/// <param name="Revision">The journal's sequence when it was taken.</param>
public sealed record TakenDocument(string Json, string From, long Revision)
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

    /// <summary>The book after a change that was journalled or is about to be. Nothing of it is taken unless all of it can be.</summary>
    public FlagBookOutcome After(ServerEvent recorded, long sequence, DateTimeOffset at) =>
        recorded switch
        {
            FlagsChanged it => Changed(it.Changes, sequence, at),
            FlagDocumentTaken it => Taken(it, sequence),
            FlagDocumentLeft it => new FlagBookOutcome(this with { Documents = Documents.Remove(it.Environment), Revision = sequence }, []),
            _ => throw new ArgumentException($"{recorded.GetType().Name} does not change flags.", nameof(recorded)),
        };

    /// <summary>The same book, ordered as <see cref="Empty"/>: what was read from JSON has the order of the reader's culture.</summary>
    internal FlagBook Ordered() => this with { Documents = Documents.WithComparers(StringComparer.Ordinal) };

    private FlagBookOutcome Changed(IReadOnlyList<FlagChange> changes, long sequence, DateTimeOffset at)
    {
        var set = Set;
        foreach (var change in changes)
        {
            if (Covering(change) is { } covered)
            {
                return new FlagBookOutcome(null, [covered]);
            }
            var outcome = FlagChanger.Apply(set, change, at);
            if (!outcome.IsGood)
            {
                return new FlagBookOutcome(null, outcome.Problems);
            }
            set = outcome.Set;
        }
        // What is so already is no change, and nothing to remember.
        return ReferenceEquals(set, Set)
            ? new FlagBookOutcome(this, [])
            : new FlagBookOutcome(this with { Set = set, Revision = sequence }, []);
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

    private FlagBookOutcome Taken(FlagDocumentTaken it, long sequence)
    {
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
        var taken = new TakenDocument(it.Json, it.From, sequence);
        return new FlagBookOutcome(this with { Documents = Documents.SetItem(it.Environment, taken), Revision = sequence }, []);
    }

    private static FlagBookOutcome Refused(string code, string? flag, string path, string message) =>
        new(null, [new FlagProblem(code, flag, path, message)]);
}

/// <param name="Book">Null when something stands against it: <see cref="Problems"/> says what.</param>
public sealed record FlagBookOutcome(FlagBook? Book, IReadOnlyList<FlagProblem> Problems);
