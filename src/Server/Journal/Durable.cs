namespace Teal.Server.Journal;

/// <summary>Files that are there whole after a crash, or not at all: written beside, flushed, renamed, and the folder flushed too.</summary>
internal static class Durable
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        var beside = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var file = new FileStream(beside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        Rename(beside, path);
    }

    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    public static void FlushFolder(string path)
    {
        using var folder = Libc.OpenFolder(path);
        Libc.Sync(folder, path);
    }

    public static void FlushFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    public static void FlushFileSystem(string path)
    {
        using var folder = Libc.OpenFolder(path);
        Libc.SyncFileSystem(folder, path);
    }
}
