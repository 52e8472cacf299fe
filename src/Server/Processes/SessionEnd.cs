namespace Teal.Server.Processes;

/// <summary>Ends sessions: SIGTERM, a deadline, SIGKILL.</summary>
internal static class SessionEnd
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(20);

    /// <summary>SIGKILL leaves only what hangs inside the kernel, and nobody can end that.</summary>
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(5);

    /// <param name="eachRound">Called about every 20 ms: what has to go on meanwhile.</param>
    /// <returns>True for each process that needed SIGKILL, in order.</returns>
    public static async Task<bool[]> EndAsync(
        IReadOnlyList<InstanceProcess> processes,
        TimeSpan deadline,
        TimeProvider time,
        Action? eachRound = null
    )
    {
        foreach (var process in processes)
        {
            process.Terminate();
        }
        await WaitAsync(processes, deadline, time, eachRound);
        bool[] killed = [.. processes.Select(process => !process.IsOver())];
        foreach (var process in processes.Where((_, i) => killed[i]))
        {
            process.Kill();
        }
        await WaitAsync(processes, AfterKill, time, eachRound);
        foreach (var process in processes)
        {
            process.Reap();
        }
        return killed;
    }

    private static async Task WaitAsync(IReadOnlyList<InstanceProcess> processes, TimeSpan deadline, TimeProvider time, Action? eachRound)
    {
        var began = time.GetTimestamp();
        while (!processes.All(process => process.IsOver()) && time.GetElapsedTime(began) < deadline)
        {
            eachRound?.Invoke();
            await Task.Delay(Round, time);
        }
    }
}
