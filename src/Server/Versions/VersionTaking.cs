using System.Buffers;
using System.Formats.Tar;
using System.Security.Cryptography;

namespace Teal.Server.Versions;

/// <summary>
/// Unpacks one tar stream into a folder that is still empty and nobody else's. What was unpacked is remembered, and every path is
/// judged by that: a file is only ever created in a folder created here, so nothing is written through a link.
/// </summary>
internal sealed class VersionTaking(string folder, VersionLimits limits)
{
    private const int BufferBytes = 128 * 1024;
    private const int MostPadding = 1 << 20;
    private const UnixFileMode ReadAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ReadAndRunAll = ReadAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly Dictionary<string, FolderEntry> _taken = new(StringComparer.Ordinal);
    private long _bytes;

    public async Task<VersionFingerprint> UnpackAsync(Stream stream, CancellationToken cancellation)
    {
        try
        {
            await using var tar = new TarReader(stream, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
            {
                await TakeAsync(entry, cancellation);
            }
            await ReadToEndAsync(stream, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw new VersionStoreException("TEAL1404", "What was sent is not a whole tar stream: " + e.Message, inner: e);
        }
        return VersionFingerprint.Of(_taken.Values);
    }

    /// <summary>A sender that failed half-way has ended its archive and not its request: only at the end of both was all of it sent.</summary>
    private static async Task ReadToEndAsync(Stream stream, CancellationToken cancellation)
    {
        var padding = new byte[BufferBytes];
        int read;
        for (var total = 0; (read = await stream.ReadAsync(padding, cancellation)) > 0; total += read)
        {
            if (total > MostPadding)
            {
                throw new InvalidDataException("more follows after its end");
            }
        }
    }

    private async Task TakeAsync(TarEntry entry, CancellationToken cancellation)
    {
        if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }
        var path = PathOf(entry);
        // "./" stands for the folder itself in the archives that tar makes.
        if (path is "" && entry.EntryType == TarEntryType.Directory)
        {
            return;
        }
        Judge(path);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                Directory.CreateDirectory(Full(path));
                Remember(new(path, FolderEntryKind.Folder, "", 0));
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                await TakeFileAsync(path, entry, cancellation);
                break;
            case TarEntryType.SymbolicLink:
                TakeLink(path, entry.LinkName);
                break;
            default:
                throw FolderTar.Refused(path, "is neither a file, a folder nor a symbolic link");
        }
    }

    private static string PathOf(TarEntry entry)
    {
        var path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        return entry.EntryType == TarEntryType.Directory ? path.TrimEnd('/') : path;
    }

    private void Judge(string path)
    {
        if (EntryPath.WhyNot(path, limits) is { } why)
        {
            throw FolderTar.Refused(path, why);
        }
        if (path.Split('/').Any(FolderTar.IsLeftOut))
        {
            throw FolderTar.Refused(path, "is named .git or .teal");
        }
        if (_taken.TryGetValue(path, out var known) && known.Kind != FolderEntryKind.Folder)
        {
            throw FolderTar.Refused(path, "comes twice");
        }
        EnsureFolderOf(path);
    }

    /// <summary>The path's folder exists and is a real one; archives need not name every folder.</summary>
    private void EnsureFolderOf(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var parent = path[..slash];
            if (!_taken.TryGetValue(parent, out var known))
            {
                Directory.CreateDirectory(Full(parent));
                Remember(new(parent, FolderEntryKind.Folder, "", 0));
            }
            else if (known.Kind != FolderEntryKind.Folder)
            {
                throw FolderTar.Refused(path, $"lies in {parent}, which is not a folder");
            }
        }
    }

    private void TakeLink(string path, string target)
    {
        if (EntryPath.WhyNotLink(path, target) is { } why)
        {
            throw FolderTar.Refused(path, why);
        }
        Remember(new(path, FolderEntryKind.Link, target, 0), mustBeNew: true);
        File.CreateSymbolicLink(Full(path), target);
    }

    private async Task TakeFileAsync(string path, TarEntry entry, CancellationToken cancellation)
    {
        _bytes += entry.Length;
        if (_bytes > limits.Bytes)
        {
            throw new VersionStoreException("TEAL1405", $"The version is larger than {limits.Bytes} bytes; {path} was not taken.");
        }
        var kind = FolderTar.IsProgram(entry.Mode) ? FolderEntryKind.Program : FolderEntryKind.File;
        // Counted and refused before anything of it is written.
        Remember(new(path, kind, "", entry.Length), mustBeNew: true);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
            // Immutable from here on, for whoever runs it too.
            UnixCreateMode = kind == FolderEntryKind.Program ? ReadAndRunAll : ReadAll,
        };
        await using var file = new FileStream(Full(path), options);
        var hash = entry.DataStream is { } content ? await CopyAsync(content, file, cancellation) : HashOfNothing();
        Journal.Libc.BeginWriting(file.SafeFileHandle);
        _taken[path] = new(path, kind, hash, entry.Length);
    }

    private static async Task<string> CopyAsync(Stream content, FileStream file, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            // What arrives comes in small pieces; the disk is given large ones.
            while ((read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string HashOfNothing() => Convert.ToHexStringLower(SHA256.HashData([]));

    private void Remember(FolderEntry entry, bool mustBeNew = false)
    {
        if (!_taken.TryAdd(entry.Path, entry) && mustBeNew)
        {
            throw FolderTar.Refused(entry.Path, "comes twice");
        }
        if (_taken.Count > limits.Files)
        {
            throw new VersionStoreException("TEAL1405", $"The version has more than {limits.Files} files and folders.");
        }
    }

    private string Full(string path) => Path.Combine(folder, path);
}
