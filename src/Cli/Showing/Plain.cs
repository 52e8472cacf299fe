using System.Globalization;
using System.Text;

namespace Teal.Cli.Showing;

/// <summary>
/// Makes foreign text safe to print: what a terminal would obey instead of show (escape sequences, other control characters, marks
/// that reverse the reading direction) is written as a visible escape. Everything that is printed passes through here once.
/// </summary>
public static class Plain
{
    public static string Of(string text)
    {
        var first = 0;
        while (first < text.Length && IsHarmless(text[first]))
        {
            first++;
        }
        return first == text.Length ? text : Escaped(text, first);
    }

    private static string Escaped(string text, int first)
    {
        var plain = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (var rune in text.AsSpan(first).EnumerateRunes())
        {
            if (IsHarmless(rune))
            {
                plain.Append(rune.ToString());
            }
            else
            {
                plain.Append(Escape(rune.Value));
            }
        }
        return plain.ToString();
    }

    private static string Escape(int value) =>
        value switch
        {
            '\n' => @"\n",
            '\r' => @"\r",
            0x1b => @"\e",
            <= 0xff => string.Create(CultureInfo.InvariantCulture, $@"\x{value:x2}"),
            <= 0xffff => string.Create(CultureInfo.InvariantCulture, $@"\u{value:x4}"),
            _ => string.Create(CultureInfo.InvariantCulture, $@"\U{value:x8}"),
        };

    // Printable ASCII and the tab: nearly every character that is ever printed.
    private static bool IsHarmless(char character) => character is (>= ' ' and < '\x7f') or '\t';

    private static bool IsHarmless(Rune rune) =>
        rune.Value == '\t'
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );
}
