namespace Teal.Analysis;

/// <summary>One look at the processes of a side: its busiest instance, and what happened to any of them since the server's start.</summary>
/// <param name="CpuCores">Cores in use, 1 is one whole core; null when it could not be read.</param>
/// <param name="MemoryBytes">Resident; null when it could not be read.</param>
/// <param name="MemoryLimitBytes">What it may hold; null without a limit.</param>
/// <param name="Restarts">After a crash, so far.</param>
/// <param name="OutOfMemory">Ended by the system for want of memory, so far.</param>
public sealed record ResourceReading(
    double? CpuCores,
    double? MemoryBytes,
    double? MemoryLimitBytes = null,
    int Restarts = 0,
    int OutOfMemory = 0
);

/// <summary>Sums over the present window; a mean needs a count.</summary>
public sealed record ResourceSums(double Cpu, int CpuCount, double Memory, int MemoryCount)
{
    internal static ResourceSums None { get; } = new(0, 0, 0, 0);

    internal double? CpuMean => CpuCount == 0 ? null : Cpu / CpuCount;
    internal double? MemoryMean => MemoryCount == 0 ? null : Memory / MemoryCount;

    /// <summary>What is no number was not read.</summary>
    internal ResourceSums Plus(ResourceReading? reading) =>
        new(
            Cpu + (Read(reading?.CpuCores) ?? 0),
            CpuCount + (Read(reading?.CpuCores) is null ? 0 : 1),
            Memory + (Read(reading?.MemoryBytes) ?? 0),
            MemoryCount + (Read(reading?.MemoryBytes) is null ? 0 : 1)
        );

    private static double? Read(double? value) => value is { } number && double.IsFinite(number) && number >= 0 ? number : null;
}

/// <param name="WindowEnds">Since the beginning.</param>
/// <param name="CpuRun">Windows in a row in which the new side used too much; the same for <paramref name="MemoryRun"/>.</param>
/// <param name="Memory">The new side's mean in each window, oldest first.</param>
/// <param name="First">The first readings: crashes before them are nobody's news.</param>
public sealed record ResourceState(
    TimeSpan WindowEnds,
    ResourceSums New,
    ResourceSums Old,
    int CpuRun,
    int MemoryRun,
    IReadOnlyList<double> Memory,
    ResourceReading? First,
    ResourceReading? Last,
    ResourceReading? FirstOld,
    ResourceReading? LastOld
);

/// <summary>
/// Rules on the processes. They are no tests: neighbouring readings hang together too closely for that. More of a core or of memory than the
/// old side over three windows holds; a leak that would reach the limit within a day holds; what ends a process takes back at once.
/// </summary>
internal sealed class ResourceWatch(ResourceState? state = null)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LeakHorizon = TimeSpan.FromHours(24);
    private const double MostTimes = 1.25;
    private const int MostWindows = 3;
    private const double CpuFloorCores = 0.1;
    private const double MemoryFloorBytes = 50e6;
    private const double MostOfLimit = 0.9;

    /// <summary>A day of windows.</summary>
    private const int KeptWindows = 288;

    private ResourceState _state =
        state ?? new ResourceState(Window, ResourceSums.None, ResourceSums.None, 0, 0, [], null, null, null, null);

    public ResourceState State => _state;

    public void Observe(TimeSpan at, ResourceReading? @new, ResourceReading? old)
    {
        if (at - _state.WindowEnds > KeptWindows * Window)
        {
            // Nothing of it is within the day that counts.
            _state = _state with
            {
                WindowEnds = at,
                Memory = [],
            };
        }
        while (at >= _state.WindowEnds)
        {
            Close();
        }
        _state = _state with
        {
            New = _state.New.Plus(@new),
            Old = _state.Old.Plus(old),
            First = _state.First ?? @new,
            Last = @new ?? _state.Last,
            FirstOld = _state.FirstOld ?? old,
            LastOld = old ?? _state.LastOld,
        };
    }

    /// <summary>What is wrong, worst first; nothing when nothing is.</summary>
    public IEnumerable<(VerdictKind Kind, string Rule, string Figure, string Limit, string Words)> Findings(string name)
    {
        if (_state is { First: { } first, Last: { } last })
        {
            var killed = last.OutOfMemory - first.OutOfMemory;
            if (killed > 0)
            {
                yield return (
                    VerdictKind.Rollback,
                    "memory",
                    $"{killed}",
                    "0",
                    $"The system ended {Times(killed, "an instance")} of {name} for want of memory."
                );
            }
            if (last is { MemoryBytes: { } bytes, MemoryLimitBytes: { } limit } && bytes > MostOfLimit * limit)
            {
                var words = $"{name} holds {Figures.Bytes(bytes)} of the {Figures.Bytes(limit)} that it may.";
                yield return (VerdictKind.Rollback, "memory", Figures.Percent(bytes / limit), "90%", words);
            }
            if (Crashes(first, last, name) is { } crashes)
            {
                yield return crashes;
            }
        }
        if (_state.CpuRun >= MostWindows)
        {
            yield return Running("cpu", "a core", name);
        }
        if (_state.MemoryRun >= MostWindows)
        {
            yield return Running("memory", "memory", name);
        }
        if (Leak(name) is { } leak)
        {
            yield return leak;
        }
    }

    private (VerdictKind, string, string, string, string)? Crashes(ResourceReading first, ResourceReading last, string name)
    {
        // Counters that went back: the server began anew, and counts from there.
        var crashes = last.Restarts < first.Restarts ? last.Restarts : last.Restarts - first.Restarts;
        var old = (_state.LastOld?.Restarts ?? 0) - (_state.FirstOld?.Restarts ?? 0);
        if (crashes <= Math.Max(0, old))
        {
            return null;
        }
        var words = $"{Times(crashes, "an instance")} of {name} crashed and began anew; of the old one {Math.Max(0, old)}.";
        return (VerdictKind.Rollback, "crashes", $"{crashes}", "0", words);
    }

    private static (VerdictKind, string, string, string, string) Running(string rule, string what, string name) =>
        (
            VerdictKind.Hold,
            rule,
            "above 1.25",
            "1.25",
            $"Over {MostWindows} windows of 5 minutes in a row {name} used more than 1.25 times as much of {what} as the old one."
        );

    private (VerdictKind, string, string, string, string)? Leak(string name)
    {
        if (_state.Last?.MemoryLimitBytes is not { } limit || LeakSlope.Of(_state.Memory, Window) is not { } slope)
        {
            return null;
        }
        var then = _state.Memory[^1] + (slope * LeakHorizon.TotalHours);
        return then < limit
            ? null
            : (
                VerdictKind.Hold,
                "leak",
                $"+{Figures.Bytes(slope)} an hour",
                Figures.Bytes(limit),
                $"The memory of {name} grows by {Figures.Bytes(slope)} an hour and would reach its limit of {Figures.Bytes(limit)} within a day."
            );
    }

    private void Close()
    {
        var (@new, old) = (_state.New, _state.Old);
        List<double> memory = [.. _state.Memory.Skip(Math.Max(0, _state.Memory.Count - KeptWindows + 1))];
        if (@new.MemoryMean is { } mean)
        {
            memory.Add(mean);
        }
        _state = _state with
        {
            WindowEnds = _state.WindowEnds + Window,
            New = ResourceSums.None,
            Old = ResourceSums.None,
            CpuRun = Run(_state.CpuRun, @new.CpuMean, old.CpuMean, CpuFloorCores),
            MemoryRun = Run(_state.MemoryRun, @new.MemoryMean, old.MemoryMean, MemoryFloorBytes),
            Memory = memory,
        };
    }

    /// <summary>A window without a reading neither adds to a run nor ends it.</summary>
    private static int Run(int run, double? @new, double? old, double floor) =>
        @new is null || old is null ? run
        : @new > floor && @new > MostTimes * old ? run + 1
        : 0;

    private static string Times(int count, string one) => count == 1 ? one : $"{count} instances";
}

/// <summary>How fast something grows, whatever single readings do: the median of the slopes between all pairs (Theil, 1950; Sen, JASA 63:1379, 1968).</summary>
public static class LeakSlope
{
    /// <summary>Windows, the first not counted: an application that starts fills its caches.</summary>
    public const int FewestWindows = 7;
    private const double Certainty = 1.645;

    /// <summary>Per hour; null when there is too little, or growth is not certain to 95 % (Kendall's variance).</summary>
    public static double? Of(IReadOnlyList<double> means, TimeSpan window)
    {
        var n = means.Count - 1;
        if (n + 1 < FewestWindows)
        {
            return null;
        }
        var slopes = new List<double>(n * (n - 1) / 2);
        for (var i = 1; i < n; i++)
        {
            for (var j = i + 1; j <= n; j++)
            {
                slopes.Add((means[j] - means[i]) / ((j - i) * window.TotalHours));
            }
        }
        slopes.Sort();
        var spread = Certainty * Math.Sqrt(n * (n - 1.0) * ((2 * n) + 5) / 18);
        var lowest = (int)Math.Floor((slopes.Count - spread) / 2);
        return lowest < 0 || slopes[lowest] <= 0 ? null : Median(slopes);
    }

    private static double Median(List<double> sorted) => (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
}
