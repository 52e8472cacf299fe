using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>
/// Keeps the board what the state says: compiles what changed and puts it up. On the driver's thread, so that a change that was answered is in
/// force in this process.
/// </summary>
public sealed class FlagPublisher(FlagBoard board, ILogger<FlagPublisher> logger)
{
    private readonly Dictionary<string, FlagCompilation> _compilations = new(StringComparer.Ordinal);
    private FlagBook? _book;
    private readonly SegmentDocuments _segments = new(logger);
    private ImmutableSortedDictionary<string, CohortLine> _lines = ImmutableSortedDictionary<string, CohortLine>.Empty;

    public void Follow(ServerState state)
    {
        if (_segments.Follow(state.Flags, ReleaseTies.Segments(state)))
        {
            board.PutUp(_segments.ByEnvironment);
        }
        var lines = LinesOf(state);
        if (ReferenceEquals(_book, state.Flags) && _lines.SequenceEqual(lines))
        {
            return;
        }
        (_book, _lines) = (state.Flags, lines);
        board.PutUp(
            [.. state.Flags.Set.Environments.Select(environment => Snapshot(state.Flags, environment)).OfType<FlagSnapshot>()],
            state.Flags.Set.Environments[^1]
        );
    }

    /// <summary>What the environment serves, compiled anew.</summary>
    public static CompiledFlags DocumentsOf(ServerState state, string environment) => DocumentsOf(state.Flags, environment, LinesOf(state));

    private static CompiledFlags DocumentsOf(FlagBook book, string environment, ImmutableSortedDictionary<string, CohortLine> lines)
    {
        if (!book.Documents.TryGetValue(environment, out var taken))
        {
            return FlagCompiler.Compile(book.Set, environment, lines);
        }
        var bytes = Encoding.UTF8.GetBytes(DocumentKill.Served(taken));
        return new CompiledFlags(bytes, bytes);
    }

    /// <summary>How services split their traffic, for flags that share a cohort with a release.</summary>
    private static ImmutableSortedDictionary<string, CohortLine> LinesOf(ServerState state) =>
        state
            .Services.Values.Where(service => service.Release is not null)
            .ToImmutableSortedDictionary(service => service.Service, service => service.Cohort, StringComparer.Ordinal);

    /// <summary>Null when the document cannot be read, which is a bug of the compiler: the environment keeps what it has.</summary>
    private FlagSnapshot? Snapshot(FlagBook book, string environment)
    {
        var (documents, document, fault) = book.Documents.ContainsKey(environment)
            ? Taken(book, environment)
            : Compiled(book.Set, environment);
        var etag = TagOf(documents);
        var before = board.Of(environment);
        if (before?.ETag == etag)
        {
            return before;
        }
        if (document is not null)
        {
            return new FlagSnapshot(environment, book.Revision, document, documents.Client, etag);
        }
        logger.LogError("TEAL9505: the flags of {Environment} were compiled into what cannot be read: {Fault}", environment, fault);
        return before;
    }

    private (CompiledFlags, FlagDocument?, DocumentFault?) Compiled(FlagSet set, string environment)
    {
        if (!_compilations.TryGetValue(environment, out var compilation))
        {
            _compilations.Add(environment, compilation = new FlagCompilation(environment));
        }
        var documents = compilation.Next(set, _lines);
        return (documents, compilation.Document, compilation.Fault);
    }

    private (CompiledFlags, FlagDocument?, DocumentFault?) Taken(FlagBook book, string environment)
    {
        var documents = DocumentsOf(book, environment, _lines);
        FlagDocument.TryRead(documents.Full, DocumentLimits.Usual, out var document, out var fault);
        return (documents, document, fault);
    }

    /// <summary>Of both: a segment that becomes personal changes only what leaves this process, and that has to reach whoever has it.</summary>
    private static string TagOf(CompiledFlags documents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(documents.Full);
        if (!ReferenceEquals(documents.Full, documents.Client))
        {
            hash.AppendData(documents.Client);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12));
    }
}
