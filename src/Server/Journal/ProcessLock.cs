using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Teal.Server.Journal;

/// <summary>One process at a time. The kernel gives the lock back when its holder dies, however it dies.</summary>
public sealed class ProcessLock : IDisposable
{
    private const int LongestPid = 20;

    private readonly SafeFileHandle _file;

    private ProcessLock(SafeFileHandle file) => _file = file;

    /// <exception cref="JournalException">TEAL1001: another process holds it, with its pid.</exception>
    public static ProcessLock Take(string path)
    {
        var file = JournalFault.Naming(path, () => Libc.OpenOrCreate(path));
        try
        {
            if (!JournalFault.Naming(path, () => Libc.TryLock(file, path)))
            {
                throw JournalFault.Held(path, HolderOf(file));
            }
            JournalFault.Naming(path, () => WriteHolder(file));
            return new ProcessLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool WriteHolder(SafeFileHandle file)
    {
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
        return true;
    }

    private static string HolderOf(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[LongestPid];
        var length = RandomAccess.Read(file, bytes, 0);
        var pid = Encoding.ASCII.GetString(bytes[..length]).Trim();
        return pid.Length == 0 ? "a process that just started" : "process " + pid;
    }
}
