namespace Teal.Server.Processes;

/// <summary>
/// One of the places in a slot: the instance that is there now, and what happened at this place before. Touched only by its
/// slot's loop. Times are counted from the beginning of the supervision.
/// </summary>
internal sealed class Seat(int index)
{
    public int Index => index;

    public Instance? Running { get; private set; }

    /// <summary>The one that runs or ran last.</summary>
    public Instance? Latest { get; private set; }

    public HealthTally Tally { get; private set; }

    /// <summary>This process has been healthy: from then on it is probed at the manifest's pace.</summary>
    public bool WasHealthy { get; private set; }

    public int Starts { get; private set; }

    public int Restarts => Math.Max(0, Starts - 1);

    public TimeSpan StartedAt { get; private set; }

    public TimeSpan NotBefore { get; set; }

    public RestartBackoff Backoff { get; set; }

    /// <summary>Exits since the present start began.</summary>
    public int ExitsInStart { get; set; }

    public string? LastExit { get; private set; }

    public ProbeResult? LastProbe { get; private set; }

    public Task<ProbeResult>? Probe { get; set; }

    public TimeSpan NextProbe { get; set; }

    public bool IsHealthy => Running is not null && Tally.IsHealthy;

    public void Take(Instance instance, TimeSpan startedAt)
    {
        (Running, Latest, StartedAt) = (instance, instance, startedAt);
        (Tally, WasHealthy, Probe, LastProbe) = (default, false, null, null);
        NextProbe = TimeSpan.Zero;
        Starts++;
    }

    public void Left(string why)
    {
        (Running, Tally, Probe) = (null, default, null);
        LastExit = why;
    }

    public void Heard(ProbeResult result, int rise, int fall)
    {
        LastProbe = result;
        Tally = Tally.After(result.IsGood, rise, fall);
        WasHealthy |= Tally.IsHealthy;
    }

    /// <summary>It was healthy under an earlier server and answered this one.</summary>
    public void StillHealthy(ProbeResult result)
    {
        LastProbe = result;
        (Tally, WasHealthy) = (new HealthTally(true, 0), true);
    }
}
