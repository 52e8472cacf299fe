namespace Teal.Tests.Simulation;

/// <summary>kill -9 of the simulated server, thrown through it.</summary>
public sealed class ServerKilledException() : Exception("The server was killed.");

/// <summary>When the server is killed: before and after each append, and before each effect it begins.</summary>
public sealed class CrashPlan
{
    private readonly Func<long, bool> _strikes;

    private CrashPlan(Func<long, bool> strikes) => _strikes = strikes;

    public static CrashPlan Never => new(_ => false);

    /// <summary>The number of moments so far at which it could have struck.</summary>
    public long Moments { get; private set; }

    public long Struck { get; private set; }

    public static CrashPlan At(params long[] moments) => new(now => moments.Contains(now));

    public static CrashPlan ByChance(Random chance, double probability) => new(_ => chance.NextDouble() < probability);

    /// <exception cref="ServerKilledException">Now.</exception>
    public void Moment()
    {
        if (_strikes(Moments++))
        {
            Struck++;
            throw new ServerKilledException();
        }
    }
}
