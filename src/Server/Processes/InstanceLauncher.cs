using System.Runtime.InteropServices;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>A started or found instance.</summary>
internal sealed record Instance(InstanceRecord Record, InstanceProcess Process)
{
    public Uri Address { get; } = new($"http://127.0.0.1:{Record.Port}");
}

/// <param name="IsFinal">Trying again would end the same.</param>
internal sealed record LaunchFailure(Failure Failure, bool IsFinal);

/// <summary>Starts the processes of a slot: port, environment, log file, intent, start, record.</summary>
internal sealed class InstanceLauncher(SupervisorOptions options, IInstanceJournal notes)
{
    private const int SecretFileBytes = 64 << 10;
    private readonly PortPicker _ports = new();

    public static SecretSources Sources { get; } = new(Environment.GetEnvironmentVariable, ReadSmallFile);

    public IInstanceJournal Notes => notes;

    public InstanceLog Log { get; } = new(options.Home, options.Logs);

    /// <param name="running">Ids whose logs are in use.</param>
    public LaunchFailure? Launch(SlotOrder order, int index, IReadOnlySet<string> running, out Instance? instance)
    {
        instance = null;
        if (InstanceEnvironment.Resolve(order, Sources, out var variables) is { } missing)
        {
            return new LaunchFailure(missing, IsFinal: true);
        }
        if (_ports.Pick() is not { } port)
        {
            return new LaunchFailure(new Failure("TEAL5006", Failed(order), "no free port was found on 127.0.0.1"), IsFinal: false);
        }
        var id = $"{order.Service}.{order.SlotWord}.{index}-{options.NewToken()}";
        Mark(variables, order, id);
        InstanceEnvironment.GivePort(variables, port);
        var record = new InstanceRecord(id, order.Service, order.Slot, order.Version, index, port, 0, 0);
        notes.Starting(record);
        var failure = Start(order, [.. order.Manifest.Run.Command], variables, id, running, out var process);
        if (process is null)
        {
            notes.Exited(id, failure!.Failure.Why);
            return failure;
        }
        instance = new Instance(record with { Pid = process.Pid, StartTime = process.StartTime }, process);
        return null;
    }

    /// <summary>The smoke program of a slot; <paramref name="id"/> marks it, so that a later server ends what this one leaves.</summary>
    public LaunchFailure? LaunchSmoke(SlotOrder order, Uri preview, string id, IReadOnlySet<string> running, out InstanceProcess? process)
    {
        process = null;
        if (InstanceEnvironment.Resolve(order, Sources, out var variables) is { } missing)
        {
            return new LaunchFailure(missing, IsFinal: true);
        }
        Mark(variables, order, id);
        variables["TEAL_PREVIEW_URL"] = preview.ToString();
        var command = order.Manifest.Release.Smoke;
        return Start(order with { CommandPath = command[0] }, command, variables, id, running, out process);
    }

    private void Mark(Dictionary<string, string> variables, SlotOrder order, string id)
    {
        var shared = Path.Combine(Path.GetFullPath(options.Home), "shared", order.Service);
        Directory.CreateDirectory(shared, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        InstanceEnvironment.Mark(variables, order, options.Owner, id, shared);
    }

    private LaunchFailure? Start(
        SlotOrder order,
        IReadOnlyList<string> command,
        Dictionary<string, string> variables,
        string id,
        IReadOnlySet<string> running,
        out InstanceProcess? process
    )
    {
        process = null;
        if (!Directory.Exists(order.Folder))
        {
            return NotFound(order, $"the stored folder of version {order.Version} is gone");
        }
        if (Locate(order, variables.GetValueOrDefault("PATH", "")) is not { } path)
        {
            return NotFound(order, $"the program {order.CommandPath} is not in the stored folder and not in PATH");
        }
        var logPath = Log.Prepare(order.Service, order.SlotWord, id, running);
        var error = ProcessStarter.Start(new ProgramStart(path, command, variables, order.Folder, logPath), out var pid);
        if (error != 0)
        {
            return SpawnFailure(order, path, error);
        }
        process = new InstanceProcess(pid, ProcessReader.Read(pid)?.StartTime ?? 0, id);
        return null;
    }

    private static string? Locate(SlotOrder order, string searchPath)
    {
        if (order.CommandPath.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(order.CommandPath, order.Folder);
            return File.Exists(path) ? path : null;
        }
        return searchPath
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(Path.GetFullPath(folder, order.Folder), order.CommandPath))
            .FirstOrDefault(File.Exists);
    }

    private static LaunchFailure SpawnFailure(SlotOrder order, string path, int error) =>
        error switch
        {
            Libc.EACCES => NotFound(order, $"{path} may not be executed: it lacks the x permission"),
            Libc.ENOEXEC => NotFound(order, $"{path} is no program: a script needs a first line like #!/bin/sh"),
            Libc.ENOENT => NotFound(order, $"{path} names an interpreter that is not here"),
            _ => new LaunchFailure(
                new Failure("TEAL5007", Failed(order), $"{path} could not be started: {Marshal.GetPInvokeErrorMessage(error)}"),
                IsFinal: false
            ),
        };

    private static LaunchFailure NotFound(SlotOrder order, string why) => new(new Failure("TEAL5001", Failed(order), why), IsFinal: true);

    private static string Failed(SlotOrder order) => $"{order.Words} could not be started";

    private static string? ReadSmallFile(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= SecretFileBytes } ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
