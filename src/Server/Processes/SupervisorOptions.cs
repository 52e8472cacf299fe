using System.Security.Cryptography;

namespace Teal.Server.Processes;

/// <summary>Where instances live and how patient their supervisor is.</summary>
public sealed record SupervisorOptions
{
    /// <summary>TEAL_HOME; logs are in <c>logs/SERVICE/SLOT/</c> below it.</summary>
    public required string Home { get; init; }

    /// <summary>The home's own id, TEAL_OWNER in every instance's environment: what a later server finds its instances by.</summary>
    public required string Owner { get; init; }

    /// <summary>How often exits are looked for.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(80);

    /// <summary>The same while an instance has not been healthy yet, so that little is added to the app's own start.</summary>
    public TimeSpan StartTick { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Time between the first probes of a new instance.</summary>
    public TimeSpan FirstProbe { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>After that, how much of its start may pass between two probes: a start is noticed late by this part of it at most.</summary>
    public double StartProbePart { get; init; } = 0.05;

    /// <summary>The longest time between probes while an instance has not been healthy yet.</summary>
    public TimeSpan SlowestStartProbe { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long to wait for the next probe of an instance that runs for <paramref name="uptime"/> and was never healthy.</summary>
    /// <param name="every">Of the manifest; never exceeded.</param>
    public TimeSpan StartProbePause(TimeSpan uptime, TimeSpan every)
    {
        var part = uptime * StartProbePart;
        var pause = part > FirstProbe ? part : FirstProbe;
        var longest = every < SlowestStartProbe ? every : SlowestStartProbe;
        return pause < longest ? pause : longest;
    }

    /// <summary>Starts again that an instance may need before its first healthy moment; one more exit fails the start.</summary>
    public int StartRetries { get; init; } = 2;

    public BackoffLimits Backoff { get; init; } = new();

    /// <summary>Stop deadline of instances whose manifest is not known: what a dead server left behind.</summary>
    public TimeSpan LeftoverStopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a found instance may take to answer before it counts as not healthy yet.</summary>
    public TimeSpan AdoptionProbe { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often CPU and memory are read.</summary>
    public TimeSpan SampleEvery { get; init; } = TimeSpan.FromSeconds(1);

    public LogLimits Logs { get; init; } = new();

    /// <summary>The unique part of an instance's id.</summary>
    public Func<string> NewToken { get; init; } = static () => RandomNumberGenerator.GetHexString(12, lowercase: true);
}

/// <param name="FileBytes">A log file that reached this is rotated. A flood can make a rotated one twice as large, not larger.</param>
/// <param name="Files">Files kept of one instance, the one being written included.</param>
/// <param name="Instances">Logs of ended instances kept in a slot, newest first.</param>
public sealed record LogLimits(long FileBytes = 10 << 20, int Files = 5, int Instances = 8)
{
    /// <summary>How often sizes are looked at: what an app writes in that time is the most that a file exceeds its size by.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromMilliseconds(160);

    /// <summary>A longer line is read in pieces.</summary>
    public int LineBytes { get; init; } = 16 << 10;
}
