using System.Runtime.CompilerServices;
using System.Text;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>One line of an instance's output, as it wrote it: control characters are the reader's to escape.</summary>
public sealed record LogLine(string Instance, string Text);

/// <summary>Reads what instances wrote, over rotated files.</summary>
public sealed class LogReader(string home, LogLimits limits, TimeProvider time)
{
    private static readonly TimeSpan FollowEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>A last part that has no line end yet is shown after this many rounds without more of it.</summary>
    private const int PatienceRounds = 3;
    private readonly InstanceLog _log = new(home, limits);

    /// <summary>The last lines of each instance, those that wrote last at the end. At most <paramref name="lines"/> of each.</summary>
    public IReadOnlyList<LogLine> Last(string service, SlotName? slot, int lines) =>
        [.. Files(service, slot).SelectMany(path => LastOf(path, lines))];

    /// <summary>The last lines of one instance.</summary>
    public IReadOnlyList<LogLine> LastOf(string service, SlotName slot, string instance, int lines) =>
        [.. LastOf(_log.PathOf(service, SlotOrder.WordOf(slot), instance), lines)];

    /// <summary>What instances write from now on, those started later too, until cancelled.</summary>
    public async IAsyncEnumerable<LogLine> Follow(string service, SlotName? slot, [EnumeratorCancellation] CancellationToken ct)
    {
        var tails = Files(service, slot)
            .ToDictionary(path => path, path => new Tail(LengthOf(path), RotatedAt(path)), StringComparer.Ordinal);
        while (!ct.IsCancellationRequested)
        {
            foreach (var path in Files(service, slot))
            {
                if (!tails.TryGetValue(path, out var tail))
                {
                    tails[path] = tail = new Tail(0, RotatedAt(path));
                }
                foreach (var text in NewLines(path, tail))
                {
                    yield return new LogLine(InstanceOf(path), text);
                }
            }
            await Task.Delay(FollowEvery, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<string> Files(string service, SlotName? slot)
    {
        var slots = slot is { } one ? [one] : new[] { SlotName.Blue, SlotName.Green };
        return
        [
            .. slots
                .Select(each => new DirectoryInfo(_log.FolderOf(service, SlotOrder.WordOf(each))))
                .Where(folder => folder.Exists)
                .SelectMany(folder => folder.EnumerateFiles("*.log"))
                .OrderBy(file => file.LastWriteTimeUtc)
                .Select(file => file.FullName),
        ];
    }

    private List<LogLine> LastOf(string path, int lines)
    {
        var found = new List<LogLine>();
        // From the newest file back, until there are enough lines.
        for (var i = 0; i < limits.Files && found.Count < lines; i++)
        {
            var older = LastLinesOf(i == 0 ? path : $"{path}.{i}", lines - found.Count);
            found.InsertRange(0, older.Select(text => new LogLine(InstanceOf(path), text)));
        }
        return found;
    }

    private List<string> LastLinesOf(string path, int lines)
    {
        const int chunk = 64 << 10;
        var length = LengthOf(path);
        for (long back = chunk; ; back *= 4)
        {
            var from = Math.Max(0, length - back);
            var splitter = new LineSplitter(limits.LineBytes);
            var read = splitter.Take(ReadFrom(path, from, length - from)).ToList();
            read.AddRange(splitter.Rest());
            if (from == 0 || read.Count > lines)
            {
                return read.Count > lines ? read[^lines..] : read;
            }
        }
    }

    private List<string> NewLines(string path, Tail tail)
    {
        var length = LengthOf(path);
        var bytes = new List<byte[]>();
        var copied = LengthOf(path + ".1");
        var rotatedAt = RotatedAt(path);
        // A copy that is not followed by the truncation yet is as long as the file.
        if (rotatedAt != tail.RotatedAt && length < copied)
        {
            bytes.Add(ReadFrom(path + ".1", tail.Offset, copied - tail.Offset));
            (tail.Offset, tail.RotatedAt) = (0, rotatedAt);
        }
        var fresh = ReadFrom(path, tail.Offset, Math.Min(length - tail.Offset, limits.FileBytes));
        tail.Offset += fresh.Length;
        bytes.Add(fresh);

        tail.Splitter ??= new LineSplitter(limits.LineBytes);
        var lines = bytes.SelectMany(part => tail.Splitter.Take(part)).ToList();
        tail.IdleRounds = fresh.Length > 0 ? 0 : tail.IdleRounds + 1;
        if (tail.IdleRounds == PatienceRounds)
        {
            lines.AddRange(tail.Splitter.Rest());
        }
        return lines;
    }

    private static string InstanceOf(string path) => Path.GetFileNameWithoutExtension(path);

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static DateTime RotatedAt(string path) => File.GetLastWriteTimeUtc(path + ".1");

    private static byte[] ReadFrom(string path, long offset, long count)
    {
        if (count <= 0)
        {
            return [];
        }
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(offset, SeekOrigin.Begin);
            var buffer = new byte[count];
            return buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (IOException)
        {
            // Rotated or pruned in this moment.
            return [];
        }
    }

    private sealed class Tail(long offset, DateTime rotatedAt)
    {
        public DateTime RotatedAt { get; set; } = rotatedAt;
        public long Offset { get; set; } = offset;
        public int IdleRounds { get; set; }
        public LineSplitter? Splitter { get; set; }
    }
}

/// <summary>Cuts bytes into lines; one longer than the limit comes in pieces.</summary>
internal sealed class LineSplitter(int lineBytes)
{
    private readonly List<byte> _open = [];

    public IEnumerable<string> Take(byte[] bytes)
    {
        foreach (var value in bytes)
        {
            if (value != '\n')
            {
                _open.Add(value);
            }
            if (value == '\n' || _open.Count >= lineBytes)
            {
                yield return Text();
            }
        }
    }

    /// <summary>What has no line end yet.</summary>
    public IEnumerable<string> Rest() => _open.Count == 0 ? [] : [Text()];

    private string Text()
    {
        var text = Encoding.UTF8.GetString([.. _open]).TrimEnd('\r');
        _open.Clear();
        return text;
    }
}
