using System.Buffers;
using System.Formats.Tar;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Teal.Server.Versions;

/// <summary>
/// A folder as the store takes it. Everything named <c>.git</c> or <c>.teal</c> is left out, at any depth; nothing else is. A socket,
/// a pipe or a device, and a link that leads out, are refused: what runs must not depend on what lies beside.
/// </summary>
public static class FolderTar
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode FileMode644 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the folder as a tar stream: sorted, without times and owners.</summary>
    /// <exception cref="VersionStoreException">TEAL1403: something in it cannot be part of a version.</exception>
    public static async Task WriteAsync(DirectoryInfo folder, Stream stream, CancellationToken cancellation = default)
    {
        await using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var (path, item) in Walk(folder))
        {
            var entry = EntryOf(item, path);
            await using var content = entry.EntryType == TarEntryType.RegularFile ? File.OpenRead(item.FullName) : null;
            if (content is not null)
            {
                entry.DataStream = content;
            }
            await tar.WriteEntryAsync(entry, cancellation);
        }
    }

    /// <summary>Looks at every path, and at no content.</summary>
    /// <exception cref="VersionStoreException">TEAL1403: something in it cannot be part of a version.</exception>
    public static void Check(DirectoryInfo folder)
    {
        foreach (var (path, item) in Walk(folder))
        {
            _ = KindOf(item, path);
        }
    }

    internal static bool IsLeftOut(string name) => name is ".git" or ".teal";

    internal static bool IsProgram(UnixFileMode mode) => (mode & Execute) != UnixFileMode.None;

    /// <summary>Sorted by path, so that two machines send the same bytes.</summary>
    internal static IEnumerable<(string Path, FileSystemInfo Item)> Walk(DirectoryInfo root, string prefix = "")
    {
        foreach (var item in root.EnumerateFileSystemInfos().OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            if (IsLeftOut(item.Name))
            {
                continue;
            }
            var path = prefix + item.Name;
            yield return (path, item);
            if (item is DirectoryInfo { LinkTarget: null } folder)
            {
                foreach (var inside in Walk(folder, path + "/"))
                {
                    yield return inside;
                }
            }
        }
    }

    internal static FolderEntryKind KindOf(FileSystemInfo item, string path)
    {
        if (item.LinkTarget is { } target)
        {
            return EntryPath.WhyNotLink(path, target) is { } why ? throw Refused(path, why) : FolderEntryKind.Link;
        }
        if (item is DirectoryInfo)
        {
            return FolderEntryKind.Folder;
        }
        if (!IsRegular(item))
        {
            throw Refused(path, "is not a regular file");
        }
        return IsProgram(item.UnixFileMode) ? FolderEntryKind.Program : FolderEntryKind.File;
    }

    internal static VersionStoreException Refused(string path, string why) =>
        new("TEAL1403", $"{path} {why}; it cannot be part of a version. Take it out of the folder, or name another folder with --from.");

    private static bool IsRegular(FileSystemInfo item) => Journal.Libc.IsRegularFile(item.FullName);

    private static PaxTarEntry EntryOf(FileSystemInfo item, string path)
    {
        var kind = KindOf(item, path);
        var entry = new PaxTarEntry(TypeOf(kind), path)
        {
            Mode = kind is FolderEntryKind.Folder or FolderEntryKind.Program ? FileMode644 | Execute : FileMode644,
            ModificationTime = DateTimeOffset.UnixEpoch,
        };
        if (kind == FolderEntryKind.Link)
        {
            entry.LinkName = item.LinkTarget!;
        }
        return entry;
    }

    private static TarEntryType TypeOf(FolderEntryKind kind) =>
        kind switch
        {
            FolderEntryKind.Folder => TarEntryType.Directory,
            FolderEntryKind.Link => TarEntryType.SymbolicLink,
            _ => TarEntryType.RegularFile,
        };
}

/// <summary>The fingerprint of a folder where it lies, without sending it: what the store would say of it.</summary>
public static class FolderFingerprint
{
    private const int BufferBytes = 128 * 1024;

    public static VersionFingerprint Of(DirectoryInfo folder) => VersionFingerprint.Of(FolderTar.Walk(folder).Select(EntryOf));

    private static FolderEntry EntryOf((string Path, FileSystemInfo Item) found)
    {
        var kind = FolderTar.KindOf(found.Item, found.Path);
        if (kind is FolderEntryKind.Folder or FolderEntryKind.Link)
        {
            return new(found.Path, kind, found.Item.LinkTarget ?? "", 0);
        }
        using var content = File.OpenHandle(found.Item.FullName, options: FileOptions.SequentialScan);
        return new(found.Path, kind, HashOf(content, out var bytes), bytes);
    }

    // SHA256.HashData(stream) reads 4 KiB at a time and spends more on reading than on hashing.
    private static string HashOf(SafeFileHandle file, out long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            for (bytes = 0; (read = RandomAccess.Read(file, buffer, bytes)) > 0; bytes += read)
            {
                hash.AppendData(buffer, 0, read);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
