using System.Globalization;
using System.Text;

namespace Teal.Server.Processes;

/// <summary>One line of <c>/proc/PID/stat</c>, as far as it matters here.</summary>
/// <param name="StartTime">Clock ticks after boot: with the pid it names one process of one boot.</param>
/// <param name="CpuTicks">In user and kernel mode, with that of children that ended and were waited for: a session's sum never falls by it.</param>
public sealed record ProcessStat(int Pid, char State, int Group, int Session, long CpuTicks, long StartTime, long ResidentPages)
{
    public bool IsZombie => State is 'Z' or 'X';

    /// <summary>Null when the text is not such a line.</summary>
    public static ProcessStat? Parse(string text)
    {
        // The second field is the program's name in brackets and may itself hold spaces and brackets: the last one ends it.
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 1 || close < open || !int.TryParse(text.AsSpan(0, open).Trim(), CultureInfo.InvariantCulture, out var pid))
        {
            return null;
        }
        var fields = text[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 22)
        {
            return null;
        }
        long Number(int field) => long.Parse(fields[field - 3], CultureInfo.InvariantCulture);
        var cpu = Number(14) + Number(15) + Number(16) + Number(17);
        return new ProcessStat(pid, fields[0][0], (int)Number(5), (int)Number(6), cpu, Number(22), Number(24));
    }
}

/// <summary>What Teal put into the environment of a process that it started.</summary>
public sealed record InstanceMarks(string Owner, string Instance, string Service, string Slot, string Version, int Port)
{
    /// <summary>Null when the environment is not one that Teal made.</summary>
    public static InstanceMarks? Parse(string environ)
    {
        var marks = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in environ.Split('\0'))
        {
            // Only Teal's own are kept: the rest may hold secrets.
            if (variable.StartsWith("TEAL_", StringComparison.Ordinal) || variable.StartsWith("PORT=", StringComparison.Ordinal))
            {
                var equals = variable.IndexOf('=', StringComparison.Ordinal);
                marks.TryAdd(variable[..Math.Max(0, equals)], variable[(equals + 1)..]);
            }
        }
        if (!marks.TryGetValue("TEAL_OWNER", out var owner) || !marks.TryGetValue("TEAL_INSTANCE", out var instance))
        {
            return null;
        }
        string Mark(string name) => marks.GetValueOrDefault(name, "");
        var port = int.TryParse(Mark("PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return new InstanceMarks(owner, instance, Mark("TEAL_SERVICE"), Mark("TEAL_SLOT"), Mark("TEAL_VERSION"), port);
    }
}

/// <summary>Reads <c>/proc</c>. A process that ends while it is read is not there.</summary>
internal static class ProcessReader
{
    /// <summary>The kernel's USER_HZ: 100 on every Linux that .NET runs on.</summary>
    public const int TicksPerSecond = 100;

    public static ProcessStat? Read(int pid) => ReadText($"/proc/{pid}/stat") is { } text ? ProcessStat.Parse(text) : null;

    public static IEnumerable<ProcessStat> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Read(pid) is { } stat
            )
            {
                yield return stat;
            }
        }
    }

    /// <summary>Null when the process was not started by Teal, or its environment may not be read.</summary>
    public static InstanceMarks? MarksOf(int pid) => ReadText($"/proc/{pid}/environ") is { } text ? InstanceMarks.Parse(text) : null;

    /// <summary>How long a process has been running.</summary>
    public static TimeSpan Age(long startTime)
    {
        var uptime = ReadText("/proc/uptime")?.Split(' ')[0];
        var seconds = double.TryParse(uptime, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return TimeSpan.FromSeconds(Math.Max(0, seconds - ((double)startTime / TicksPerSecond)));
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
