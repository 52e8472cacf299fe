using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Teal.Server.Journal;

/// <summary>The few calls of Linux that .NET does not offer: folders made durable, a lock that dies with its process, an owner.</summary>
internal static partial class Libc
{
    public const int WouldBlock = 11;

    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int LockExclusiveNow = 2 | 4;
    private const int AtCurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const uint RangeWrite = 2;

    /// <summary>Offsets in the kernel's <c>struct statx</c>, the same on every architecture.</summary>
    private const int StatxOwner = 20;
    private const int StatxMode = 28;
    private const int StatxBytes = 256;
    private const int FileTypeMask = 0xf000;
    private const int RegularFile = 0x8000;

    public static uint UserId => geteuid();

    public static SafeFileHandle OpenFolder(string path) => Opened(open(path, ReadOnly | CloseOnExec, 0), path);

    /// <summary>Not by File.Open: that takes a lock of its own, and the process that is refused wants to read who holds it.</summary>
    public static SafeFileHandle OpenOrCreate(string path) =>
        Opened(open(path, ReadWrite | Create | CloseOnExec, Convert.ToInt32("600", 8)), path);

    /// <summary>False when another process holds it.</summary>
    public static bool TryLock(SafeFileHandle file, string path)
    {
        if (flock(file, LockExclusiveNow) == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() == WouldBlock ? false : throw Failed("lock", path);
    }

    public static void Sync(SafeFileHandle handle, string path) => Check(fsync(handle), "fsync", path);

    /// <summary>Everything written to the file system that holds <paramref name="handle"/>: one call instead of one a file.</summary>
    public static void SyncFileSystem(SafeFileHandle handle, string path) => Check(syncfs(handle), "syncfs", path);

    /// <summary>Lets the disk begin with what was written to a file, so that a flush that follows has less to wait for. No promise.</summary>
    public static void BeginWriting(SafeFileHandle file) => _ = sync_file_range(file, 0, 0, RangeWrite);

    /// <summary>The user id that owns the path itself, not what a link points to.</summary>
    public static unsafe uint OwnerOf(string path)
    {
        var answer = stackalloc byte[StatxBytes];
        Check(statx(AtCurrentFolder, path, NoFollow, BasicStats, answer), "stat", path);
        return *(uint*)(answer + StatxOwner);
    }

    /// <summary>Neither a link nor a socket, a pipe or a device.</summary>
    public static unsafe bool IsRegularFile(string path)
    {
        var answer = stackalloc byte[StatxBytes];
        Check(statx(AtCurrentFolder, path, NoFollow, BasicStats, answer), "stat", path);
        return (*(ushort*)(answer + StatxMode) & FileTypeMask) == RegularFile;
    }

    private static SafeFileHandle Opened(int descriptor, string path) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed("open", path);

    private static void Check(int result, string call, string path)
    {
        if (result != 0)
        {
            throw Failed(call, path);
        }
    }

    private static IOException Failed(string call, string path)
    {
        var reason = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{call} {path}: {reason.Message}", reason);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int syncfs(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sync_file_range(SafeFileHandle file, long offset, long bytes, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* answer);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
}
