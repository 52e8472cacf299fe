using System.Diagnostics;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>What tests read out of a status, and do to what they find there.</summary>
internal static class StatusFacts
{
    public static int[] PidsOf(this StatusView status, string version) =>
        [
            .. status
                .Slots.Where(slot => slot.Version == version)
                .SelectMany(slot => slot.Instances)
                .Select(instance => instance.Pid)
                .Order(),
        ];

    /// <summary>SIGKILL to every instance of a version.</summary>
    public static async Task KillAsync(this StatusView status, string version)
    {
        var pids = status.PidsOf(version);
        Assert.NotEmpty(pids);
        foreach (var pid in pids)
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    public static IReadOnlyList<string> Told(this StatusView status) => [.. status.Release!.Steps.Select(step => step.What)];
}
