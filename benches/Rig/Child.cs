using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Teal.Bench.Rig;

/// <summary>A process that this benchmark started, and ends.</summary>
internal sealed partial class Child : IDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan _toStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _toEnd = TimeSpan.FromSeconds(15);
    private static readonly List<Child> _living = [];
    private readonly Process _process;
    private readonly string _command;

    private Child(Process process, string command)
    {
        _process = process;
        _command = command;
        lock (_living)
        {
            _living.Add(this);
        }
    }

    public int Pid => _process.Id;

    /// <param name="core">The core it is bound to; null: any.</param>
    public static Child Start(int? core, IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        string[] whole = core is { } bound ? ["taskset", "-c", $"{bound}", .. command] : command;
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{whole[0]} did not start");
        // Read and forgotten, so that it never blocks on a full pipe; errors are shown.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) => _ = line.Data is { Length: > 0 } text && !IsNoise(text) ? Tell(command[0], text) : 0;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Child(process, string.Join(' ', command));
    }

    public static async Task<(int Code, string Output)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public async Task ListensAsync(int port)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"ended with {_process.ExitCode} before it listened: {_command}");
            }
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (began.Elapsed < _toStart)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Resident memory of it and its children, in MiB.</summary>
    public double ResidentMb() => Family(Pid).Sum(ResidentKb) / 1024.0;

    public void Signal(int signal) => _ = Kill(Pid, signal);

    /// <summary>Whatever went wrong, nothing of ours is left running.</summary>
    public static void EndAll()
    {
        List<Child> living;
        lock (_living)
        {
            living = [.. _living];
        }
        living.ForEach(child => child.Dispose());
    }

    public void Dispose()
    {
        lock (_living)
        {
            if (!_living.Remove(this))
            {
                return;
            }
        }
        if (!_process.HasExited)
        {
            Signal(Sigterm);
            if (!_process.WaitForExit(_toEnd))
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
    }

    private static IEnumerable<int> Family(int pid)
    {
        var children = $"/proc/{pid}/task/{pid}/children";
        var own = File.Exists(children) ? File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return own.Select(int.Parse).SelectMany(Family).Prepend(pid);
    }

    private static long ResidentKb(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    private static bool IsNoise(string line) =>
        line.Contains("[NOTICE]", StringComparison.Ordinal) || line.Contains("[warn]", StringComparison.Ordinal);

    private static int Tell(string who, string line)
    {
        Console.Error.WriteLine($"{Path.GetFileName(who)}: {line}");
        return 0;
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
