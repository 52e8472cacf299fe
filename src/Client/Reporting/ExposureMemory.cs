namespace Teal.Client;

/// <summary>
/// Which variant a unit was given last in this hour, so that it is told once: a table of fixed size, without a lock. When it is too full,
/// somebody is forgotten and told again, which counts once at the server. The server counts from the beginning of a rollout, and forgets when
/// it restarts: what was told of a flag as it was, or on an earlier connection, is told again.
/// </summary>
/// <param name="seed">Of the hash: nobody can choose keys that meet in one place.</param>
internal sealed class ExposureMemory(int seed)
{
    private const int Ways = 8;
    private const int Buckets = 1 << 13;
    private const ulong VariantBits = 0xFFFF;
    private const ulong Prime = 1099511628211;
    private const ulong Offset = 14695981039346656037;

    /// <summary>48 bits of who, which flag and which hour; 16 bits of the variant and what it was told under. 0 is empty.</summary>
    private readonly ulong[] _places = new ulong[Ways * Buckets];

    /// <summary>True for one caller of those who ask at once.</summary>
    /// <param name="under">What the flag is now, and on which connection: <see cref="ServedFlags.StampOf"/>.</param>
    public bool IsNew(string targetingKey, string flag, string variant, ulong under, DateTimeOffset now)
    {
        var hash = Hash(Hash(Hash(Offset ^ (uint)seed ^ (ulong)(now.ToUnixTimeSeconds() / 3600 << 32), targetingKey), flag), "");
        var entry = Mixed(hash) & ~VariantBits | (Mixed(Hash(Offset ^ under, variant)) >> 48) | 1;
        var bucket = (int)(Mixed(hash) % Buckets) * Ways;
        var victim = bucket + (int)(hash % Ways);
        for (var place = bucket; place < bucket + Ways; place++)
        {
            var held = Volatile.Read(ref _places[place]);
            if (held == entry)
            {
                return false;
            }
            if (held == 0 || (held & ~VariantBits) == (entry & ~VariantBits))
            {
                victim = place;
                break;
            }
        }
        return Interlocked.Exchange(ref _places[victim], entry) != entry;
    }

    /// <summary>FNV-1a over UTF-16, each text closed: "ab","c" is not "a","bc".</summary>
    private static ulong Hash(ulong hash, string text)
    {
        foreach (var character in text)
        {
            hash = (hash ^ character) * Prime;
        }
        return (hash ^ 0x1_0000) * Prime;
    }

    /// <summary>FNV's upper bits are weak for short texts: murmur3's finalizer spreads them.</summary>
    private static ulong Mixed(ulong hash)
    {
        hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
        hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
        return hash ^ hash >> 33;
    }
}
