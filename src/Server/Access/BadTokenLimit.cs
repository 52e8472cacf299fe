using System.Net;

namespace Teal.Server.Access;

/// <summary>
/// Counts refused tokens by the address they come from, and shuts it out for the rest of the minute once there were too many. Bounded:
/// when it knows as many addresses as it may, the others share one count.
/// </summary>
/// <param name="most">Refusals an address may have in one window.</param>
/// <param name="mostAddresses">Addresses that are counted one by one.</param>
public sealed class BadTokenLimit(TimeProvider time, int most, int mostAddresses, TimeSpan window)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Count> _counts = [];
    private Count _others;

    /// <summary>How long the address has to wait (429, TEAL6004), or null when it may try. A good token is not looked at either.</summary>
    public TimeSpan? ShutOutFor(IPAddress address)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var count =
                _counts.TryGetValue(address, out var own) ? own
                : IsFull(now) ? _others
                : default;
            return count.Refusals >= most && Left(count, now) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    public void Refused(IPAddress address)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_counts.TryGetValue(address, out var own) || !IsFull(now))
            {
                _counts[address] = Plus(own, now);
            }
            else
            {
                _others = Plus(_others, now);
            }
        }
    }

    /// <summary>Forgets what is over first: only when every place is taken by a running window is it full.</summary>
    private bool IsFull(long now)
    {
        if (_counts.Count < mostAddresses)
        {
            return false;
        }
        foreach (var over in _counts.Where(count => Left(count.Value, now) <= TimeSpan.Zero).Select(count => count.Key).ToList())
        {
            _counts.Remove(over);
        }
        return _counts.Count >= mostAddresses;
    }

    private Count Plus(Count count, long now) =>
        count.Refusals == 0 || Left(count, now) <= TimeSpan.Zero ? new Count(now, 1) : count with { Refusals = count.Refusals + 1 };

    private TimeSpan Left(Count count, long now) => window - time.GetElapsedTime(count.Since, now);

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Count(long Since, int Refusals);
}
