namespace Teal.Server.Processes;

/// <param name="First">Wait before the first restart.</param>
/// <param name="Longest">The wait doubles up to this.</param>
/// <param name="SteadyAfter">An instance that ran this long starts over with the first wait.</param>
public sealed record BackoffLimits(TimeSpan First, TimeSpan Longest, TimeSpan SteadyAfter)
{
    public BackoffLimits()
        : this(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)) { }
}

/// <summary>How long a crashed instance waits before it is started again.</summary>
public readonly record struct RestartBackoff(TimeSpan Wait)
{
    public RestartBackoff After(TimeSpan uptime, BackoffLimits limits)
    {
        if (Wait == TimeSpan.Zero || uptime >= limits.SteadyAfter)
        {
            return new RestartBackoff(limits.First);
        }
        return new RestartBackoff(Wait * 2 < limits.Longest ? Wait * 2 : limits.Longest);
    }
}
