using System.Diagnostics;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>Waits for a fact, not for time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static async Task<T> ReturnsAsync<T>(Func<Task<T?>> probe, string what, Func<string>? more = null)
        where T : class
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            if (await probe() is { } found)
            {
                return found;
            }
            await Task.Delay(20);
        }
        throw new TimeoutException($"Waited {Patience} for {what}.\n{more?.Invoke()}");
    }
}
