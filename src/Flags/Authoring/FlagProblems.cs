namespace Teal.Flags;

/// <summary>Collects what is wrong with a set of flags; the questions that are asked of many places stand here once.</summary>
internal sealed class FlagProblems
{
    private const int Most = 100;

    private readonly List<FlagProblem> _all;
    private readonly string? _flag;

    public FlagProblems()
        : this([], null) { }

    private FlagProblems(List<FlagProblem> all, string? flag)
    {
        _all = all;
        _flag = flag;
    }

    public IReadOnlyList<FlagProblem> All => _all;

    public bool IsFull => _all.Count >= Most;

    /// <summary>The same collection; what is added is about that flag.</summary>
    public FlagProblems Of(string flag) => new(_all, flag);

    public void Add(string code, string path, string message, string? suggestion = null)
    {
        if (!IsFull)
        {
            _all.Add(new FlagProblem(code, _flag, Wording.Clean(path), message, suggestion));
        }
    }

    public void Unknown(string code, string path, string what, string name, IEnumerable<string> names) =>
        Add(code, path, $"there is no {what} {Wording.Quote(name)}", Wording.Nearest(name, names));

    public void Key(string path, string what, string name)
    {
        if (!FlagNames.IsKey(name))
        {
            Add("TEAL9201", path, $"the {what} {Wording.Quote(name)} is refused: wanted is {FlagNames.KeyWords}");
        }
    }

    public void Place(string path, string what, string name)
    {
        if (!FlagNames.IsPlace(name))
        {
            Add("TEAL9201", path, $"the {what} {Wording.Quote(name)} is refused: wanted is {FlagNames.PlaceWords}");
        }
    }

    public void Attribute(string path, string name)
    {
        if (!FlagNames.IsAttribute(name))
        {
            Add("TEAL9201", path, $"the attribute {Wording.Quote(name)} is refused: wanted is {FlagNames.AttributeWords}");
        }
    }

    public void Count(string path, int count, int least, int most)
    {
        if (count < least || count > most)
        {
            Add("TEAL9210", path, $"there are {count} entries; it takes {least} to {most}");
        }
    }

    public void Length(string path, string text, int least, int most)
    {
        if (text.Length < least)
        {
            Add("TEAL9213", path, "nothing stands here");
        }
        else if (text.Length > most)
        {
            Add("TEAL9210", path, $"there are {text.Length} characters; it takes up to {most}");
        }
    }

    public void Unique(string path, IReadOnlyList<string> names)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (names.FirstOrDefault(name => !known.Add(name)) is { } twice)
        {
            Add("TEAL9211", path, $"{Wording.Quote(twice)} stands here a second time");
        }
    }

    /// <summary>The flag of that name, or null and a problem.</summary>
    public Flag? Known(FlagSet set, string path, string flag)
    {
        if (set.Flags.TryGetValue(flag, out var known))
        {
            return known;
        }
        Unknown("TEAL9204", path, "flag", flag, set.Flags.Keys);
        return null;
    }

    public void Known(Flag flag, string path, string variant)
    {
        if (flag.Variants.All(known => known.Name != variant))
        {
            Unknown("TEAL9202", path, $"variant of '{flag.Key}' called", variant, flag.Variants.Select(known => known.Name));
        }
    }
}
