using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Teal.Server.Journal;

/// <summary>How far the journal had come when this was written: a low-water mark, never ahead of what is on disk.</summary>
public sealed record MarkLine(long Sequence, long Fence, string Hash)
{
    private const string Words = "teal-journal-mark 1";
    private const int SumLength = 16;

    public string Format()
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Words} {Sequence:D19} {Fence:D19} {Hash}");
        return line + " " + Sum(line) + "\n";
    }

    /// <summary>Null when it is not a whole line.</summary>
    public static MarkLine? Parse(string text)
    {
        var end = text.LastIndexOf(' ');
        if (end < 0 || !text.EndsWith('\n') || text[(end + 1)..^1] != Sum(text[..end]))
        {
            return null;
        }
        return text[..end].Split(' ') is [_, _, var sequence, var fence, var hash]
            ? new(long.Parse(sequence, CultureInfo.InvariantCulture), long.Parse(fence, CultureInfo.InvariantCulture), hash)
            : null;
    }

    private static string Sum(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)))[..SumLength];
}

/// <summary>
/// <c>journal.mark</c>. Moved on after every append by one small write in place, which survives the death of the process; flushed
/// to disk at open, at a snapshot and at a clean close, so that after a power cut it is at most that old, and never ahead: an
/// entry is on disk before the mark moves.
/// </summary>
internal sealed class JournalMark : IDisposable
{
    private const int MostBytes = 512;

    private readonly SafeFileHandle _file;

    private JournalMark(SafeFileHandle file) => _file = file;

    /// <summary>Null when there is none.</summary>
    /// <exception cref="JournalException">TEAL1107: there is one and it cannot be read.</exception>
    public static MarkLine? Read(JournalFiles files)
    {
        if (!File.Exists(files.Mark))
        {
            return null;
        }
        using var file = File.OpenHandle(files.Mark);
        Span<byte> bytes = stackalloc byte[MostBytes];
        var length = RandomAccess.Read(file, bytes, 0);
        return MarkLine.Parse(Encoding.UTF8.GetString(bytes[..length]))
            ?? throw JournalFault.NoMark(files.Database, $"{files.Mark} is damaged");
    }

    public static JournalMark Write(JournalFiles files, MarkLine line)
    {
        Durable.WriteFile(files.Mark, Encoding.UTF8.GetBytes(line.Format()));
        return new JournalMark(File.OpenHandle(files.Mark, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>The entry is on disk already: a mark that cannot be written is only further behind, and the next append moves it on.</summary>
    public void Advance(MarkLine line)
    {
        try
        {
            RandomAccess.Write(_file, Encoding.UTF8.GetBytes(line.Format()), 0);
        }
        catch (IOException) { }
    }

    /// <summary>Where it fails, the mark may be older after a power cut than it should be; every entry is on disk all the same.</summary>
    public void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(_file);
        }
        catch (IOException) { }
    }

    public void Dispose() => _file.Dispose();
}
