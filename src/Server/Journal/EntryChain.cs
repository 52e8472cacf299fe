using System.Security.Cryptography;
using System.Text;

namespace Teal.Server.Journal;

/// <summary>
/// The hash chain: each entry's hash covers the one before and every field of its own, each with its length, so that no entry
/// can be changed, left out, doubled or moved without every later hash being wrong.
/// </summary>
/// <param name="Sequence">The last entry that is known to be good; 0 before the first.</param>
/// <param name="Hash">Its hash.</param>
public readonly record struct EntryChain(long Sequence, string Hash)
{
    /// <summary>Stands before the first entry.</summary>
    public static readonly EntryChain Start = new(0, new string('0', SHA256.HashSizeInBytes * 2));

    /// <summary>The entry that follows, with its number and hash.</summary>
    public JournalEntry Link(NewEntry entry, long fence)
    {
        var at = entry.At.ToUniversalTime();
        var next = new JournalEntry(
            Sequence + 1,
            at,
            entry.Service,
            entry.Kind,
            entry.Actor,
            entry.From,
            entry.Reason,
            entry.Body,
            fence,
            Hash: ""
        );
        return next with { Hash = HashOf(next) };
    }

    public static EntryChain At(JournalEntry entry) => new(entry.Sequence, entry.Hash);

    /// <summary>Why <paramref name="entry"/> cannot be what was appended after this point; null when it is.</summary>
    public string? WhyNot(JournalEntry entry)
    {
        if (entry.Sequence != Sequence + 1)
        {
            return $"entry {Sequence + 1} is missing";
        }
        return string.Equals(entry.Hash, HashOf(entry), StringComparison.Ordinal) ? null : "its hash does not fit its content";
    }

    /// <summary>For a snapshot: what it holds and the entry it stands on.</summary>
    public static string ChecksumOf(long sequence, string entryHash, string state) =>
        Sha256(writer =>
        {
            writer.Write(sequence);
            writer.Write(entryHash);
            writer.Write(state);
        });

    private string HashOf(JournalEntry entry)
    {
        var previous = Hash;
        return Sha256(writer =>
        {
            writer.Write(previous);
            writer.Write(entry.Sequence);
            writer.Write(entry.At.UtcTicks);
            writer.Write(entry.Service);
            writer.Write(entry.Kind);
            writer.Write(entry.Actor);
            writer.Write(entry.From);
            // No reason and an empty one are two things.
            writer.Write(entry.Reason is not null);
            writer.Write(entry.Reason ?? "");
            writer.Write(entry.Body);
            writer.Write(entry.Fence);
        });
    }

    private static string Sha256(Action<BinaryWriter> write)
    {
        using var fields = new MemoryStream();
        // BinaryWriter puts its length before every string.
        using var writer = new BinaryWriter(fields, Encoding.UTF8);
        write(writer);
        return Convert.ToHexStringLower(SHA256.HashData(fields.GetBuffer().AsSpan(0, (int)fields.Length)));
    }
}
