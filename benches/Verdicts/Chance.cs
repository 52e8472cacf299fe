namespace Teal.Bench.Verdicts;

/// <summary>Steele, Lea and Flood's SplitMix64: fast, and the same on every machine.</summary>
internal struct Chance(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>At least 0, less than 1.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Comes(double chance) => Uniform() < chance;

    /// <summary>Runs of one experiment, each with a seed of its own, on at most two cores; the order of the answers is that of the runs.</summary>
    public static T[] Runs<T>(int runs, ulong seed, Func<ulong, T> run)
    {
        var found = new T[runs];
        Parallel.For(
            0,
            runs,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            i => found[i] = run((seed << 32) + ((ulong)i * 0x632BE59BD9B4E019))
        );
        return found;
    }
}
