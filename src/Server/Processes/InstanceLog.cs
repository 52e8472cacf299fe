namespace Teal.Server.Processes;

/// <summary>
/// The log files of instances. An instance writes into its file itself, so that it outlives the server; files are rotated by copy
/// and truncate. What is written between the copy's end and the truncation is lost (microseconds), and of a flood the greater part.
/// </summary>
public sealed class InstanceLog(string home, LogLimits limits)
{
    public string FolderOf(string service, string slotWord) => Path.Combine(home, "logs", service, slotWord);

    public string PathOf(string service, string slotWord, string instance) => Path.Combine(FolderOf(service, slotWord), instance + ".log");

    /// <summary>Makes the folder and takes away the logs of instances that ended long ago.</summary>
    /// <returns>The path of the instance's file.</returns>
    public string Prepare(string service, string slotWord, string instance, IReadOnlySet<string> running)
    {
        var folder = FolderOf(service, slotWord);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Prune(folder, running);
        return PathOf(service, slotWord, instance);
    }

    /// <summary>Rotates the file when it has reached its size.</summary>
    public void Rotate(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length >= limits.FileBytes)
            {
                Shift(path);
                Copy(path, path + ".1");
                Truncate(path);
            }
        }
        catch (IOException)
        {
            // A full disk has no room for the copy. The flood goes before the disk does.
            Truncate(path);
        }
    }

    private void Shift(string path)
    {
        File.Delete($"{path}.{limits.Files - 1}");
        for (var i = limits.Files - 2; i >= 1; i--)
        {
            if (File.Exists($"{path}.{i}"))
            {
                File.Move($"{path}.{i}", $"{path}.{i + 1}");
            }
        }
    }

    /// <summary>The whole file, or, when it grew far beyond its size, its last part: never more than twice the size.</summary>
    private void Copy(string from, string to)
    {
        if (limits.Files < 2)
        {
            return;
        }
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = new FileStream(to, FileMode.Create, FileAccess.Write);
        File.SetUnixFileMode(target.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var left = 2 * limits.FileBytes;
        source.Seek(source.Length <= left ? 0 : source.Length - limits.FileBytes, SeekOrigin.Begin);
        var buffer = new byte[128 << 10];
        // Up to the end as it is when we get there: what the app writes meanwhile is copied too.
        while (left > 0 && source.Read(buffer, 0, (int)Math.Min(buffer.Length, left)) is > 0 and var count)
        {
            target.Write(buffer, 0, count);
            left -= count;
        }
    }

    private static void Truncate(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(0);
    }

    private void Prune(string folder, IReadOnlySet<string> running)
    {
        var ended = new DirectoryInfo(folder)
            .EnumerateFiles("*.log")
            .Where(file => !running.Contains(Path.GetFileNameWithoutExtension(file.Name)))
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .Skip(limits.Instances);
        foreach (var file in ended)
        {
            foreach (var rotated in Directory.EnumerateFiles(folder, file.Name + "*"))
            {
                File.Delete(rotated);
            }
        }
    }
}
