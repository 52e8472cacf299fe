namespace Teal.Server.Flags.Clients;

/// <summary>
/// Which variant each unit was given last, and since when. Bounded: beyond the most it may know, whoever was not heard of for longest is
/// forgotten and counted. Not safe for two threads at once.
/// </summary>
public sealed class ExposureBook
{
    /// <summary>What a unit does counts for its variant so long after it was last given it.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>How far two clients' clocks may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    /// <summary>What was done within the window may be reported late.</summary>
    private static readonly TimeSpan Kept = Window + ClientEvents.Oldest;

    private readonly Dictionary<UInt128, LinkedListNode<Exposed>> _byUnit = [];

    /// <summary>In the order in which they were last heard of.</summary>
    private readonly LinkedList<Exposed> _order = new();
    private readonly Dictionary<string, int> _units = new(StringComparer.Ordinal);

    /// <summary>Units that may be known; fewer than are known is kept from the next exposure on.</summary>
    public required int Most { get; set; }

    /// <summary>Units that had to make room for others while their window was open.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Units with the variant now.</summary>
    public int UnitsOf(string variant) => _units.GetValueOrDefault(variant);

    /// <param name="at">By the client's clock.</param>
    /// <param name="heard">By ours: never decreasing.</param>
    public void Expose(UInt128 unit, string variant, DateTimeOffset at, TimeSpan heard)
    {
        ForgetBefore(heard - Kept);
        if (_byUnit.TryGetValue(unit, out var place))
        {
            if (After(place.Value, variant, at) is { } after)
            {
                Count(place.Value.Variant, -1);
                Count(after.Variant, +1);
                place.Value = after with { Heard = heard };
                _order.Remove(place);
                _order.AddLast(place);
            }
            return;
        }
        while (_byUnit.Count >= Most)
        {
            Forget(_order.First!.Value);
            Forgotten++;
        }
        _byUnit[unit] = _order.AddLast(new Exposed(unit, variant, at, at, heard));
        Count(variant, +1);
    }

    /// <summary>The variant that the unit had at this time, by a client's clock; null when nothing is known of it.</summary>
    public string? VariantOf(UInt128 unit, DateTimeOffset at) =>
        _byUnit.TryGetValue(unit, out var place) && at >= place.Value.First - Skew && at <= place.Value.Last + Window
            ? place.Value.Variant
            : null;

    /// <summary>Null when the exposure is older than what is known already.</summary>
    private static Exposed? After(Exposed known, string variant, DateTimeOffset at) =>
        variant == known.Variant ? known with { First = at < known.First ? at : known.First, Last = at > known.Last ? at : known.Last }
        : at >= known.Last ? known with { Variant = variant, First = at, Last = at }
        : null;

    private void ForgetBefore(TimeSpan heard)
    {
        while (_order.First is { } oldest && oldest.Value.Heard < heard)
        {
            Forget(oldest.Value);
        }
    }

    private void Forget(Exposed oldest)
    {
        _order.RemoveFirst();
        _byUnit.Remove(oldest.Unit);
        Count(oldest.Variant, -1);
    }

    private void Count(string variant, int more) => _units[variant] = UnitsOf(variant) + more;

    /// <param name="First">When it was first given the variant, by a client's clock.</param>
    /// <param name="Last">When it was last given the variant.</param>
    private readonly record struct Exposed(UInt128 Unit, string Variant, DateTimeOffset First, DateTimeOffset Last, TimeSpan Heard);
}
