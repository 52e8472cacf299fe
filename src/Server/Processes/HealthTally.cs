namespace Teal.Server.Processes;

/// <summary>Counts probes: <c>rise</c> good ones in a row make healthy, <c>fall</c> bad ones in a row make unhealthy.</summary>
/// <param name="Against">Probes in a row that speak against the present state.</param>
public readonly record struct HealthTally(bool IsHealthy, int Against)
{
    public HealthTally After(bool isGood, int rise, int fall)
    {
        if (isGood == IsHealthy)
        {
            return this with { Against = 0 };
        }
        var needed = IsHealthy ? fall : rise;
        return Against + 1 >= needed ? new HealthTally(isGood, 0) : this with { Against = Against + 1 };
    }
}
