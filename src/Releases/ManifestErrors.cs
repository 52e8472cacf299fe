using System.Globalization;
using System.Text;

namespace Teal.Releases;

/// <summary>One thing that is wrong with a manifest, at its place.</summary>
/// <param name="Code">Stable, with a page in <c>docs/errors.md</c>.</param>
/// <param name="Path">Of the file.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Suggestion">What was probably meant, to be typed as it stands; null when nothing comes to mind.</param>
public sealed record ManifestError(string Code, string Path, int Line, int Column, string Message, string? Suggestion = null)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}:{Column}: {Message}")
        + (Suggestion is null ? "" : $" (did you mean '{Suggestion}'?)");
}

/// <summary>Collects what is wrong, up to a limit, each thing once.</summary>
internal sealed class ManifestErrors(string path)
{
    private const int Most = 100;
    private const int LongestQuote = 60;

    private readonly List<ManifestError> _errors = [];

    public bool Any => _errors.Count > 0;

    /// <summary>Nothing more is taken in, so nothing more need be looked for.</summary>
    public bool IsFull => _errors.Count >= Most;

    public void Add(string code, Place at, string message, string? suggestion = null)
    {
        var error = new ManifestError(code, path, at.Line, at.Column, message, suggestion);
        // The base is read again under each environment; its errors are said once.
        if (!IsFull && !_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    public IReadOnlyList<ManifestError> InOrder() => [.. _errors.OrderBy(error => error.Line).ThenBy(error => error.Column)];

    /// <summary>Someone else's text in quotes: shortened, and harmless on a terminal.</summary>
    public static string Quote(string text)
    {
        var short_ = text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";
        return $"'{Clean(short_)}'";
    }

    /// <summary>Control characters and those that turn the direction of writing are written as their number.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            var isHarmless =
                char.GetUnicodeCategory(character)
                is not (
                    UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.Surrogate
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                );
            clean.Append(isHarmless ? character.ToString() : $"\\u{(int)character:x4}");
        }
        return clean.ToString();
    }
}

/// <summary>Finds the word that was meant.</summary>
internal static class Nearest
{
    /// <summary>The closest of the words by edits (letters changed, added, left out, or two swapped); null when none is close.</summary>
    public static string? Of(string typed, IEnumerable<string> words)
    {
        if (typed.Length > 64)
        {
            return null;
        }
        var far = Math.Max(1, typed.Length / 3);
        return words
            .Select(word => (Word: word, Edits: Edits(typed.ToLowerInvariant(), word)))
            .Where(candidate => candidate.Edits <= far)
            .OrderBy(candidate => candidate.Edits)
            .Select(candidate => candidate.Word)
            .FirstOrDefault();
    }

    /// <summary>Optimal string alignment distance.</summary>
    private static int Edits(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                edits[i, j] =
                    i == 0 ? j
                    : j == 0 ? i
                    : Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
                }
            }
        }
        return edits[a.Length, b.Length];
    }
}
