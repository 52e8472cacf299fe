using Teal.Releases;
using Teal.Traffic;

namespace Teal.Server.Processes;

/// <summary>What shall run in a slot.</summary>
/// <param name="Folder">The stored version's folder: the instances' working directory.</param>
/// <param name="CommandPath">
/// The program: an absolute path, a path with a slash inside <paramref name="Folder"/>, or a bare name that is looked up in PATH.
/// </param>
public sealed record SlotOrder(string Service, SlotName Slot, string Version, Manifest Manifest, string Folder, string CommandPath)
{
    /// <summary>Whose key the instances are handed, to know Teal's flags by; null: they did not ask.</summary>
    public FlagSigner? Signer { get; init; }

    /// <summary>blue or green, as in the instances' environment and in the logs' folders.</summary>
    public string SlotWord => WordOf(Slot);

    /// <summary>How messages name it: <c>shop v2 (green)</c>.</summary>
    public string Words => $"{Service} {Version} ({SlotWord})";

    public static string WordOf(SlotName slot) => slot == SlotName.Blue ? "blue" : "green";
}

/// <summary>
/// Remembers which processes exist. The server writes these to its journal; a call that returns is on disk.
/// Called from several threads at once; one that throws fails a start that is under way and ends nothing that runs.
/// </summary>
public interface IInstanceJournal
{
    /// <summary>The intent, before the process exists: pid and start time are 0.</summary>
    void Starting(InstanceRecord instance);

    void Started(InstanceRecord instance);

    void Exited(string id, string why);
}

/// <summary>One instance as it is seen now.</summary>
/// <param name="Pid">0 while it waits to be started again.</param>
/// <param name="Restarts">How often the instance at this place in the slot has crashed and was started again.</param>
/// <param name="CpuPercent">Of one core, over the last second, its whole session; null when not known yet.</param>
/// <param name="MemoryBytes">Resident, its whole session; null when not known yet.</param>
/// <param name="LastProbe">The last health probe's answer in words, without the body.</param>
public sealed record InstanceStatus(
    string Id,
    int Index,
    string Version,
    int Pid,
    int Port,
    Uri Address,
    bool IsHealthy,
    int Restarts,
    double? CpuPercent,
    long? MemoryBytes,
    string? LastProbe,
    TimeSpan Uptime
);
