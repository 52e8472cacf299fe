using System.Globalization;
using System.Text;

namespace Teal.Releases;

/// <param name="Code">Stable: it is never given to another meaning.</param>
/// <param name="Next">What to do now.</param>
public sealed record CatalogueEntry(string Code, string Title, string Meaning, string Next);

/// <summary>Every code that Teal says, in order; <c>docs/errors.md</c> is made from it.</summary>
public static class ErrorCatalogue
{
    // csharpier-ignore-start
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        // 2000-2999: teal.yaml and names
        new("TEAL2001", "Not YAML", "The file could not be read as YAML; the place is where reading stopped.", "Look at that line and the one before it: a quote or bracket that is not closed, an indentation that does not fit."),
        new("TEAL2002", "Too large", "The file is larger than 256 KiB, nested too deeply, or grows too much by its aliases.", "Make the file smaller; write repeated parts out instead of referring to them."),
        new("TEAL2003", "Not taken from YAML", "The file uses a part of YAML that surprises readers: a tag, a merge key, a directive, a second document, a tab in front of a line, a control character.", "Write the value plainly; indent with spaces."),
        new("TEAL2004", "Key written twice", "The same key stands twice in one group; one of the two values would be lost.", "Remove one of them."),
        new("TEAL2005", "Unknown key", "No such key exists here. Nothing is ignored silently: a misspelt limit would be no limit.", "Take the suggestion, or see docs/reference/teal-yaml.md."),
        new("TEAL2006", "Not in this version", "The key or value belongs to a capability that this version of Teal does not have yet.", "Remove it; the rest of the file works without it."),
        new("TEAL2007", "Key missing", "A required key is not there.", "Add it; docs/reference/teal-yaml.md shows what it takes."),
        new("TEAL2008", "Wrong kind of value", "The value is not of the kind that the key takes: a duration or size lacks its unit, a text stands where a number is wanted, a list where a text is.", "Write the value as the message shows."),
        new("TEAL2009", "Value refused", "The text has characters or a form that the key does not take.", "Write it as the message says; names are strict tokens because they become file names and arguments."),
        new("TEAL2010", "Out of range", "The value or the number of entries is outside of what the key allows.", "Stay inside the range that the message names."),
        new("TEAL2011", "Keys do not fit together", "Each key is good alone, but not with the others: shares that do not rise, a last step below 100%, a route given twice, a guard with a limit that its metric does not take.", "Change one of the keys at the named place."),
        new("TEAL2012", "Unknown environment", "The environment that was asked for has no entry in the file.", "Give one of the names that the message lists to -e, or add it under 'environments'."),
        new("TEAL2013", "A shell string", "A program is given as one text. Teal never starts a shell, so that nothing in a value can become a command.", "Write a list: [dotnet, Shop.dll]. Where a shell is wanted, say so: [sh, -c, \"…\"]."),
    ];
    // csharpier-ignore-end

    public static CatalogueEntry? Find(string code) => All.FirstOrDefault(entry => entry.Code == code);

    /// <summary>The page <c>docs/errors.md</c>.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder(
            "# Error codes\n\nMade from the catalogue in the code; do not edit. Each failure that Teal prints carries one of these.\n"
        );
        foreach (var entry in All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {entry.Code}\n\n**{entry.Title}.** {entry.Meaning}\n\nNext: {entry.Next}\n");
        }
        return page.ToString();
    }
}
