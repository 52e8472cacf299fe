using System.Diagnostics.CodeAnalysis;

namespace Teal.Flags;

/// <summary>The members of an object in a context. Few are looked for one after the other, many by a table, so that no context is slow.</summary>
internal sealed class ContextObject
{
    private const int FewMembers = 12;

    private readonly string[] _names;
    private readonly ContextValue[] _values;
    private readonly Dictionary<string, int>? _places;

    private ContextObject(string[] names, ContextValue[] values, Dictionary<string, int>? places)
    {
        _names = names;
        _values = values;
        _places = places;
    }

    public static ContextObject Empty { get; } = new([], [], null);

    public int Count => _names.Length;

    /// <param name="twice">The place of the first name that was there before.</param>
    public static bool TryMake(string[] names, ContextValue[] values, [NotNullWhen(true)] out ContextObject? made, out int twice)
    {
        made = null;
        var places = names.Length > FewMembers ? new Dictionary<string, int>(names.Length, StringComparer.Ordinal) : null;
        for (twice = 0; twice < names.Length; twice++)
        {
            if (places is not null ? !places.TryAdd(names[twice], twice) : names.AsSpan(0, twice).Contains(names[twice]))
            {
                return false;
            }
        }
        made = new ContextObject(names, values, places);
        return true;
    }

    public bool TryGet(string name, out ContextValue value)
    {
        var place = _places is not null ? _places.GetValueOrDefault(name, -1) : PlaceOf(name);
        value = place < 0 ? default : _values[place];
        return place >= 0;
    }

    public ReadOnlySpan<ContextValue> Values => _values;

    private int PlaceOf(string name)
    {
        var names = _names;
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }
        return -1;
    }
}
