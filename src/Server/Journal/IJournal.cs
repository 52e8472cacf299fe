namespace Teal.Server.Journal;

/// <summary>One line of the journal, as stored.</summary>
/// <param name="Sequence">1, 2, 3 … without a gap.</param>
/// <param name="Service">The service it is about, or empty.</param>
/// <param name="Kind">The event's name, <c>deploy_requested</c>.</param>
/// <param name="Body">The event with what was decided of it, as JSON: <see cref="ServerEvent"/>.</param>
/// <param name="Fence">The number of the writer that appended it; it never falls.</param>
/// <param name="Hash">SHA-256 over the previous hash and every field of this line, in hex.</param>
public sealed record JournalEntry(
    long Sequence,
    DateTimeOffset At,
    string Service,
    string Kind,
    string Actor,
    string From,
    string? Reason,
    string Body,
    long Fence,
    string Hash
);

/// <summary>What a writer hands in; the journal adds number, fence and hash.</summary>
public sealed record NewEntry(DateTimeOffset At, string Service, string Kind, string Actor, string From, string? Reason, string Body);

/// <summary>A fold of all entries up to and with <paramref name="Sequence"/>.</summary>
public sealed record JournalSnapshot(long Sequence, string State);

/// <summary>
/// The one source of truth: append-only, hash-chained, written before the act. Calls are synchronous and come from one thread at
/// a time; an append that returns is on disk.
/// </summary>
/// <exception cref="JournalException">From every member: the journal is damaged, full, read-only or held by a newer writer.</exception>
public interface IJournal : IDisposable
{
    /// <summary>This writer's number; a newer writer's is higher and fences this one out.</summary>
    long Fence { get; }

    JournalEntry Append(NewEntry entry);

    /// <summary>Entries with a higher sequence, in order, at most <paramref name="limit"/>.</summary>
    IReadOnlyList<JournalEntry> ReadAfter(long sequence, int limit = 1000);

    JournalSnapshot? LatestSnapshot();

    void SaveSnapshot(JournalSnapshot snapshot);
}

/// <param name="code">Stable, <c>TEAL1201</c>.</param>
public sealed class JournalException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
