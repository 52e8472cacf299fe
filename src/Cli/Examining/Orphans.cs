using System.Globalization;
using System.Text;
using Teal.Cli.Showing;

namespace Teal.Cli.Examining;

/// <summary>Instances that run on this machine and that no server knows.</summary>
internal static class Orphans
{
    private const int Named = 5;

    /// <param name="known">Process ids that the server has instances for.</param>
    public static CheckView Examine(IReadOnlySet<int> known, bool isServerReachable)
    {
        var orphans = Instances().Where(pid => !known.Contains(pid)).ToList();
        if (orphans.Count == 0)
        {
            return Check.Ok("instances", "none runs without a server");
        }
        var pids = string.Join(", ", orphans.Take(Named)) + (orphans.Count > Named ? ", …" : "");
        return isServerReachable
            ? Check.Warn(
                "instances",
                $"{orphans.Count} processes of an instance are not the server's (pids {pids})",
                "children of instances, or of another server; end what is neither"
            )
            : Check.Warn(
                "instances",
                $"{orphans.Count} processes of instances run without a server (pids {pids})",
                "teal server run finds them again"
            );
    }

    /// <summary>Processes of this user whose environment names a Teal instance.</summary>
    private static IEnumerable<int> Instances()
    {
        if (!Directory.Exists("/proc"))
        {
            yield break;
        }
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && IsInstance(folder))
            {
                yield return pid;
            }
        }
    }

    private static bool IsInstance(string folder)
    {
        try
        {
            var environment = File.ReadAllBytes(Path.Combine(folder, "environ"));
            return environment.AsSpan().StartsWith("TEAL_INSTANCE="u8) || environment.AsSpan().IndexOf("\0TEAL_INSTANCE="u8) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's, or gone since.
            return false;
        }
    }
}
