using System.Globalization;
using System.Text;

namespace Teal.Flags;

/// <summary>Words for messages: other people's text made harmless, and the word that was probably meant.</summary>
public static class Wording
{
    private const int LongestQuote = 60;

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

    /// <summary>The closest of the words by edits (letters changed, added, left out, or two swapped); null when none is close.</summary>
    public static string? Nearest(string typed, IEnumerable<string> words)
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
