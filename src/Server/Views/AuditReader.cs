using Teal.Server.Journal;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>Which entries are asked for; what is null is not looked at.</summary>
/// <param name="After">Entries behind this number, oldest first; without it the newest ones.</param>
public sealed record AuditQuery(string? Service, long? After, int Most, string? Kind, string? Actor, DateTimeOffset? Since)
{
    public bool Takes(JournalEntry entry) =>
        (Service is null || entry.Service == Service)
        && (Kind is null || entry.Kind == Kind)
        && (Actor is null || entry.Actor == Actor)
        && (Since is null || entry.At >= Since);
}

/// <summary>Reads the journal beside its writer: what is shown was checked against the chain of hashes.</summary>
public sealed class AuditReader(StateFolder folder) : IDisposable
{
    // A whole journal is read and hashed: one at a time is enough for people, and cannot be made a burden.
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>The entries asked for, oldest first.</summary>
    public async Task<AuditView> ReadAsync(AuditQuery query, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            return await Task.Run(() => Read(query, ct), ct);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Every entry against the chain.</summary>
    public async Task<JournalCheckView> VerifyAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            return await Task.Run(() => Verify(folder.Journal), ct);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The same check of a file: a backup, or the journal of a server that does not run.</summary>
    /// <exception cref="JournalException">It cannot be opened, or is no journal.</exception>
    public static JournalCheckView Verify(string database)
    {
        using var journal = JournalReader.Open(database);
        var check = journal.Verify();
        return new JournalCheckView(
            StatusViews.FormatVersion,
            check.Ok,
            database,
            check.Entries,
            check.FirstBadSequence,
            check.Why,
            check.Hash,
            check.Ok ? ["teal audit"] : ["teal server restore FILE"]
        );
    }

    public void Dispose() => _one.Dispose();

    private AuditView Read(AuditQuery query, CancellationToken ct)
    {
        using var journal = JournalReader.Open(folder.Journal);
        var found = new Queue<JournalEntry>();
        var after = query.After ?? 0;
        var isFull = false;
        while (!isFull && journal.ReadAfter(after) is { Count: > 0 } page)
        {
            ct.ThrowIfCancellationRequested();
            foreach (var entry in page.Where(query.Takes))
            {
                found.Enqueue(entry);
                // From a number on the first ones are kept, else the newest.
                if (query.After is null && found.Count > query.Most)
                {
                    found.Dequeue();
                }
            }
            isFull = query.After is not null && found.Count >= query.Most;
            after = page[^1].Sequence;
        }
        return new AuditView(StatusViews.FormatVersion, [.. found.Take(query.Most).Select(ViewOf)]);
    }

    private static AuditEntryView ViewOf(JournalEntry entry) =>
        new(
            entry.Sequence,
            entry.At,
            entry.Service,
            entry.Kind,
            entry.Actor,
            entry.From,
            entry.Reason,
            entry.Body,
            entry.Fence,
            entry.Hash
        );
}
