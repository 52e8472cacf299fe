using System.Security.Cryptography;
using System.Text;
using Teal.Server.Journal;

namespace Teal.Tests.Simulation;

/// <summary>The disk under the simulated journal: plain bytes, which outlive every server.</summary>
public sealed class JournalDisk
{
    public MemoryStream Lines { get; } = new();
    public List<long> Offsets { get; } = [];
    public string LastHash { get; set; } = new('0', 64);
    public long LastFence { get; set; }
    public byte[]? Snapshot { get; set; }
    public long SnapshotSequence { get; set; }
    public bool IsFull { get; set; }
}

/// <summary>A journal in memory that keeps the rules of the real one: no gap, a hash chain, and one writer at a time.</summary>
public sealed class MemoryJournal : IJournal
{
    private readonly JournalDisk _disk;
    private readonly CrashPlan _crashes;

    public MemoryJournal(JournalDisk disk, CrashPlan crashes)
    {
        _disk = disk;
        _crashes = crashes;
        Fence = ++disk.LastFence;
    }

    public long Fence { get; }

    /// <summary>The newest body on the disk, to see whether an intent lies there before its act.</summary>
    public string LastBody { get; private set; } = "";

    public JournalEntry Append(NewEntry entry)
    {
        Allow();
        _crashes.Moment();
        var sequence = _disk.Offsets.Count + 1;
        var hash = Hash(_disk.LastHash, sequence, entry);
        var written = new JournalEntry(
            sequence,
            entry.At,
            entry.Service,
            entry.Kind,
            entry.Actor,
            entry.From,
            entry.Reason,
            entry.Body,
            Fence,
            hash
        );
        _disk.Offsets.Add(_disk.Lines.Length);
        Write(written);
        _disk.LastHash = hash;
        LastBody = entry.Body;
        _crashes.Moment();
        return written;
    }

    public IReadOnlyList<JournalEntry> ReadAfter(long sequence, int limit = 1000)
    {
        var entries = new List<JournalEntry>();
        for (var next = sequence + 1; next <= _disk.Offsets.Count && entries.Count < limit; next++)
        {
            entries.Add(Read(next));
        }
        return entries;
    }

    public JournalSnapshot? LatestSnapshot() =>
        _disk.Snapshot is { } bytes ? new JournalSnapshot(_disk.SnapshotSequence, Encoding.UTF8.GetString(bytes)) : null;

    public void SaveSnapshot(JournalSnapshot snapshot)
    {
        Allow();
        _disk.Snapshot = Encoding.UTF8.GetBytes(snapshot.State);
        _disk.SnapshotSequence = snapshot.Sequence;
    }

    public void Dispose() { }

    private void Allow()
    {
        if (Fence != _disk.LastFence)
        {
            throw new JournalException("TEAL1999", "A newer server writes this journal.");
        }
        if (_disk.IsFull)
        {
            throw new JournalException("TEAL1998", "The disk is full.");
        }
    }

    private static string Hash(string previous, long sequence, NewEntry entry)
    {
        var line =
            $"{previous}|{sequence}|{entry.At.UtcTicks}|{entry.Service}|{entry.Kind}|{entry.Actor}|{entry.From}|{entry.Reason}|{entry.Body}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)));
    }

    private void Write(JournalEntry entry)
    {
        _disk.Lines.Position = _disk.Lines.Length;
        using var writer = new BinaryWriter(_disk.Lines, Encoding.UTF8, leaveOpen: true);
        writer.Write(entry.At.UtcTicks);
        writer.Write(entry.Service);
        writer.Write(entry.Kind);
        writer.Write(entry.Actor);
        writer.Write(entry.From);
        writer.Write(entry.Reason ?? "");
        writer.Write(entry.Body);
        writer.Write(entry.Fence);
        writer.Write(entry.Hash);
    }

    private JournalEntry Read(long sequence)
    {
        _disk.Lines.Position = _disk.Offsets[(int)sequence - 1];
        using var reader = new BinaryReader(_disk.Lines, Encoding.UTF8, leaveOpen: true);
        return new JournalEntry(
            sequence,
            new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
            reader.ReadString(),
            reader.ReadString(),
            reader.ReadString(),
            reader.ReadString(),
            reader.ReadString() is { Length: > 0 } reason ? reason : null,
            reader.ReadString(),
            reader.ReadInt64(),
            reader.ReadString()
        );
    }
}
