using Microsoft.Extensions.Logging;
using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>The segments that releases name, ready to be asked: only these, for a segment may list 100,000 users.</summary>
internal sealed class SegmentDocuments(ILogger logger)
{
    private readonly Dictionary<string, (object Source, string Names)> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FlagDocument> _documents = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, FlagDocument> ByEnvironment => _documents;

    /// <summary>True when something changed.</summary>
    /// <param name="named">By environment.</param>
    public bool Follow(FlagBook book, IReadOnlyDictionary<string, SortedSet<string>> named)
    {
        var hasChanged = false;
        foreach (var gone in _made.Keys.Where(environment => !named.ContainsKey(environment)).ToList())
        {
            _made.Remove(gone);
            hasChanged |= _documents.Remove(gone);
        }
        foreach (var (environment, names) in named)
        {
            var taken = book.Documents.GetValueOrDefault(environment);
            // The set keeps its segments as they are, by reference, whatever else changes in it.
            (object Source, string Names) made = ((object?)taken ?? book.Set.Segments, string.Join(' ', names));
            if (_made.GetValueOrDefault(environment) is var last && ReferenceEquals(last.Source, made.Source) && last.Names == made.Names)
            {
                continue;
            }
            _made[environment] = made;
            hasChanged |= Read(environment, taken is null ? FlagCompiler.Segments(book.Set, names) : Of(taken, names));
        }
        return hasChanged;
    }

    private static byte[] Of(TakenDocument taken, SortedSet<string> names) =>
        FlagCompiler.Segments(names.Where(name => taken.Segments.Contains(name)), taken.Evaluators());

    /// <summary>What cannot be read is a bug of the compiler, or too large: the segments stay what they were.</summary>
    private bool Read(string environment, byte[] utf8Json)
    {
        if (FlagDocument.TryRead(utf8Json, DocumentLimits.Usual, out var document, out var fault))
        {
            _documents[environment] = document;
            return true;
        }
        logger.LogError("TEAL9505: the segments of {Environment} were compiled into what cannot be read: {Fault}", environment, fault);
        return false;
    }
}
