using System.Runtime.InteropServices;
using System.Text;

namespace Teal.Server.Processes;

/// <summary>A program to start: no shell sees any of it.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="LogPath">Standard output and error are appended to it; the folder exists.</param>
internal sealed record ProgramStart(
    string Path,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string Folder,
    string LogPath
);

/// <summary>
/// Starts a program in a session of its own, writing straight into its log file: neither the end of the server's session nor a
/// broken pipe reaches it when the server dies.
/// </summary>
internal static unsafe class ProcessStarter
{
    private static readonly bool CanCloseDescriptors =
        NativeLibrary.TryLoad("libc", typeof(Libc).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out _);

    /// <returns>0 and the pid, or the error number.</returns>
    public static int Start(ProgramStart start, out int pid)
    {
        using var memory = new NativeStrings();
        var attributes = memory.Block(Libc.OpaqueBytes);
        var actions = memory.Block(Libc.OpaqueBytes);
        Check(Libc.AttributesInit(attributes));
        Check(Libc.ActionsInit(actions));
        try
        {
            SetAttributes(attributes, memory.Block(Libc.OpaqueBytes));
            AddActions(actions, start, memory);
            var environment = start.Environment.Select(variable => $"{variable.Key}={variable.Value}");
            return Libc.PosixSpawn(
                out pid,
                memory.String(start.Path),
                actions,
                attributes,
                memory.Strings([.. start.Arguments]),
                memory.Strings([.. environment])
            );
        }
        finally
        {
            _ = Libc.ActionsDestroy(actions);
            _ = Libc.AttributesDestroy(attributes);
        }
    }

    private static void SetAttributes(byte* attributes, byte* signals)
    {
        Check(Libc.AttributesSetFlags(attributes, Libc.POSIX_SPAWN_SETSID | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK));
        // .NET ignores SIGPIPE and may block others; a program expects neither.
        Check(Libc.SignalsAll(signals));
        Check(Libc.AttributesSetSignalDefaults(attributes, signals));
        Check(Libc.SignalsNone(signals));
        Check(Libc.AttributesSetSignalMask(attributes, signals));
    }

    private static void AddActions(byte* actions, ProgramStart start, NativeStrings memory)
    {
        Check(Libc.ActionsAddOpen(actions, 0, memory.String("/dev/null"), Libc.O_RDONLY, 0));
        var append = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_NOFOLLOW;
        Check(Libc.ActionsAddOpen(actions, 1, memory.String(start.LogPath), append, 0b110_000_000));
        Check(Libc.ActionsAddDuplicate(actions, 1, 2));
        Check(Libc.ActionsAddChangeDirectory(actions, memory.String(start.Folder)));
        if (CanCloseDescriptors)
        {
            // .NET opens everything close-on-exec; what the server itself inherited is not.
            Check(Libc.ActionsAddCloseFrom(actions, 3));
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new IOException($"a program could not be prepared: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>C strings that live as long as one call.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly List<nint> _blocks = [];

        public byte* Block(int bytes)
        {
            var block = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
            _blocks.Add((nint)block);
            return block;
        }

        public byte* String(string text)
        {
            var bytes = Block(Encoding.UTF8.GetByteCount(text) + 1);
            Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, Encoding.UTF8.GetByteCount(text)));
            return bytes;
        }

        public byte** Strings(string[] texts)
        {
            var list = (byte**)Block((texts.Length + 1) * sizeof(byte*));
            for (var i = 0; i < texts.Length; i++)
            {
                list[i] = String(texts[i]);
            }
            return list;
        }

        public void Dispose() => _blocks.ForEach(static block => NativeMemory.Free((void*)block));
    }
}
