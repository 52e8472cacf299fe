using System.Collections.Concurrent;

namespace Teal.Server.Access;

/// <summary>
/// So many requests of one key in each second, and not one more. Far above what an application asks: it is there so that one that runs wild
/// does not take the server from the others.
/// </summary>
/// <param name="most">Requests of one key in one second.</param>
public sealed class KeyRateLimit(TimeProvider time, int most)
{
    private readonly ConcurrentDictionary<string, Second> _keys = new(StringComparer.Ordinal);

    /// <param name="key">The name of a token that is good: there are as many as an administrator has made.</param>
    public bool Allows(string key)
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        var seen = _keys.TryGetValue(key, out var known) && known.Number == second ? known : Renewed(key, second);
        return Interlocked.Increment(ref seen.Requests) <= most;
    }

    /// <summary>What the others are told.</summary>
    public AccessAnswer.Refused Refusal { get; } =
        new("TEAL9442", 429, $"This key may send {most} requests a second here.") { Wait = TimeSpan.FromSeconds(1) };

    /// <summary>Of two threads that find the old second over, both count in the one that stands in the end, but for a request or two.</summary>
    private Second Renewed(string key, long number) =>
        _keys.AddOrUpdate(key, _ => new Second(number), (_, known) => known.Number == number ? known : new Second(number));

    private sealed class Second(long number)
    {
        public int Requests;

        public long Number => number;
    }
}
