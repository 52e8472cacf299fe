using System.Globalization;
using System.Runtime.InteropServices;
using Teal.Cli.Showing;

namespace Teal.Cli.Examining;

/// <summary>The machine: limits, permissions, disk, clock, runtime.</summary>
internal static class MachineExamination
{
    private const long FewOpenFiles = 1024;
    private const long EnoughOpenFiles = 16_384;
    private const long LittleDiskBytes = 100L << 20;
    private const long EnoughDiskBytes = 1L << 30;
    private const UnixFileMode OthersMay = (UnixFileMode)0b000_111_111;
    private static readonly TimeSpan ClockSample = TimeSpan.FromMilliseconds(50);
    private static readonly DateTimeOffset Plausible = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Each connection of a client and its side towards the instance take one descriptor.</summary>
    public static CheckView OpenFiles()
    {
        const string Path = "/proc/self/limits";
        var line = File.Exists(Path)
            ? File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            : null;
        return OpenFiles(line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var soft, ..] ? soft : null);
    }

    /// <param name="soft">The soft limit as the kernel writes it.</param>
    public static CheckView OpenFiles(string? soft) =>
        soft switch
        {
            null => Check.Warn("open files", "the limit is not known here", "ulimit -n"),
            "unlimited" => Check.Ok("open files", "no limit"),
            _ => long.Parse(soft, CultureInfo.InvariantCulture) switch
            {
                < FewOpenFiles => Check.Fail(
                    "open files",
                    $"{soft} at most: too few for real traffic",
                    "ulimit -n 65536, or LimitNOFILE=65536 in the unit"
                ),
                < EnoughOpenFiles => Check.Warn(
                    "open files",
                    $"{soft} at most: enough for about {long.Parse(soft, CultureInfo.InvariantCulture) / 2 - 100} connections",
                    "ulimit -n 65536, or LimitNOFILE=65536 in the unit"
                ),
                _ => Check.Ok("open files", $"{soft} at most"),
            },
        };

    public static CheckView StateFolder(string home)
    {
        if (!Directory.Exists(home))
        {
            return Check.Ok("state", $"{home} does not exist yet; the server makes it");
        }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(home) & OthersMay) != UnixFileMode.None)
        {
            return Check.Fail("state", $"{home} is open to other users", $"chmod 700 {home}");
        }
        return CanWrite(home)
            ? Check.Ok("state", $"{home} belongs to this user alone")
            : Check.Fail("state", $"{home} cannot be written by this user", "run teal as the user that runs the server");
    }

    public static CheckView Disk(string home)
    {
        var there = new DirectoryInfo(home);
        while (!there.Exists && there.Parent is not null)
        {
            there = there.Parent;
        }
        return Disk(new DriveInfo(there.FullName).AvailableFreeSpace);
    }

    public static CheckView Disk(long freeBytes) =>
        freeBytes switch
        {
            < LittleDiskBytes => Check.Fail(
                "disk",
                $"{StatusText.Bytes(freeBytes)} free: a full disk stops releases",
                "make room where the state folder lies"
            ),
            < EnoughDiskBytes => Check.Warn("disk", $"{StatusText.Bytes(freeBytes)} free", "make room where the state folder lies"),
            _ => Check.Ok("disk", $"{StatusText.Bytes(freeBytes)} free"),
        };

    /// <summary>Holds and windows use the monotonic clock, so a jump hurts nothing; the audit trail shows wall time.</summary>
    public static async Task<CheckView> ClockAsync(TimeProvider time, CancellationToken stop)
    {
        var (wall, monotonic) = (time.GetUtcNow(), time.GetTimestamp());
        await Task.Delay(ClockSample, time, stop);
        var drift = time.GetUtcNow() - wall - time.GetElapsedTime(monotonic);
        return Clock(wall, drift, File.Exists("/run/systemd/timesync/synchronized"));
    }

    /// <param name="drift">How far the wall clock ran from the monotonic one during the sample.</param>
    public static CheckView Clock(DateTimeOffset now, TimeSpan drift, bool isSynchronised)
    {
        const string Cure = "set the clock (timedatectl set-ntp true): times in the audit trail come from it";
        if (now < Plausible)
        {
            return Check.Fail("clock", $"it says {ReleaseText.Instant(now)}", Cure);
        }
        return drift.Duration() > ClockSample
            ? Check.Warn("clock", $"it moved by {Elapsed.Text(drift.Duration())} within {Elapsed.Text(ClockSample)}", Cure)
            : Check.Ok("clock", $"{ReleaseText.Instant(now)}, {(isSynchronised ? "synchronised" : "whether NTP keeps it is not known")}");
    }

    public static CheckView Runtime() =>
        Check.Ok(
            "runtime",
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} cores"
        );

    private static bool CanWrite(string folder)
    {
        var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
