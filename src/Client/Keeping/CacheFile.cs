namespace Teal.Client;

/// <summary>The last good flags on disk: read once at the start, replaced whole with every change.</summary>
internal sealed class CacheFile(string path, FlagsInUse flags, TealClientOptions options)
{
    private const long MostBytes = FlagFollower.MostMessageBytes;

    /// <summary>Puts what was kept in force. What cannot be used is said and passed over.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        try
        {
            if (!File.Exists(path))
            {
                return;
            }
            if (new FileInfo(path).Length > MostBytes)
            {
                flags.Fail($"TEAL9455: {path} is not used: it is larger than {MostBytes} bytes.");
                return;
            }
            Use(await File.ReadAllBytesAsync(path, ct));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            flags.Fail($"TEAL9455: {path} is not used: {e.Message}");
        }
    }

    /// <summary>All of it or nothing, whatever happens meanwhile: a reader sees the old file or the new one.</summary>
    public async Task SaveAsync(ReadFlags read, CancellationToken ct)
    {
        var next = $"{path}.{Environment.ProcessId}.new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            await using (var file = new FileStream(next, NewFile()))
            {
                await file.WriteAsync(KeptFlags.Write(read.Served, read.Json, options.Time.GetUtcNow()), ct);
                file.Flush(flushToDisk: true);
            }
            File.Move(next, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            flags.Fail($"TEAL9456: revision {read.Served.Revision} is not kept in {path}: {e.Message}");
        }
    }

    private void Use(byte[] bytes)
    {
        if (!KeptFlags.TryRead(bytes, out var kept, out var fault))
        {
            flags.Fail($"TEAL9455: {path} is not used: {fault}.");
        }
        else if (options.Environment is { } wanted && kept.Environment != wanted)
        {
            flags.Fail($"TEAL9455: {path} is not used: it is of {kept.Environment}, and {wanted} is wanted.");
        }
        else
        {
            flags.Keep(kept);
        }
    }

    /// <summary>Rules are nobody's business but the owner's.</summary>
    private static FileStreamOptions NewFile()
    {
        var file = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.None,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return file;
    }
}
