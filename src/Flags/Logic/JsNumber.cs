using System.Globalization;

namespace Teal.Flags;

/// <summary>Numbers and texts turned into each other as JavaScript does it, because JSONLogic was defined by it (ECMA-262, 7.1.4 and 6.1.6.1.20).</summary>
internal static class JsNumber
{
    /// <summary>Chars that the longest number takes.</summary>
    public const int MostChars = 32;

    private const double PlainIntegers = 1L << 53;

    /// <summary>JavaScript's <c>Number(text)</c>; NaN for what is no number.</summary>
    public static double Parse(ReadOnlySpan<char> text)
    {
        var trimmed = Trim(text);
        if (trimmed.IsEmpty)
        {
            return 0;
        }
        if (trimmed.Length > 2 && trimmed[0] == '0' && (trimmed[1] | 0x20) is 'x' or 'o' or 'b')
        {
            return ParseDigits(
                trimmed[2..],
                (trimmed[1] | 0x20) switch
                {
                    'x' => 16,
                    'o' => 8,
                    _ => 2,
                }
            );
        }
        var unsigned = trimmed[0] is '+' or '-' ? trimmed[1..] : trimmed;
        if (unsigned is "Infinity")
        {
            return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }
        const NumberStyles plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        // .NET also knows "NaN" and "∞" as words; a JavaScript number begins with a digit or a point.
        var isNumber = unsigned.Length > 0 && (char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.');
        return isNumber && double.TryParse(trimmed, plain, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    /// <summary>JavaScript's <c>String(number)</c>.</summary>
    /// <returns>How many chars were written.</returns>
    public static int Format(double number, Span<char> chars)
    {
        int written;
        if (number == Math.Truncate(number) && Math.Abs(number) < PlainIntegers)
        {
            ((long)number).TryFormat(chars, out written, default, CultureInfo.InvariantCulture);
            return written;
        }
        if (!double.IsFinite(number))
        {
            var word =
                double.IsNaN(number) ? "NaN"
                : number > 0 ? "Infinity"
                : "-Infinity";
            word.CopyTo(chars);
            return word.Length;
        }
        Span<char> shortest = stackalloc char[MostChars];
        // "E16" rounds; the shortest digits that read back are what "R" gives, in .NET's own notation.
        number.TryFormat(shortest, out written, "R", CultureInfo.InvariantCulture);
        return Rewrite(shortest[..written], chars);
    }

    public static string Format(double number)
    {
        Span<char> chars = stackalloc char[MostChars];
        return new string(chars[..Format(number, chars)]);
    }

    private static double ParseDigits(ReadOnlySpan<char> digits, int radix)
    {
        double value = 0;
        foreach (var digit in digits)
        {
            var worth =
                char.IsAsciiDigit(digit) ? digit - '0'
                : char.IsAsciiLetter(digit) ? (digit | 0x20) - 'a' + 10
                : radix;
            if (worth >= radix)
            {
                return double.NaN;
            }
            value = (value * radix) + worth;
        }
        return value;
    }

    /// <summary>JavaScript's white space: Unicode's, the line ends and the byte order mark.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && IsWhite(text[0]))
        {
            text = text[1..];
        }
        while (text.Length > 0 && IsWhite(text[^1]))
        {
            text = text[..^1];
        }
        return text;
    }

    // U+0085 is white for Unicode and .NET, not for JavaScript.
    private static bool IsWhite(char character) => character == '\uFEFF' || (character != '\u0085' && char.IsWhiteSpace(character));

    /// <summary>From <c>-1.5E-07</c> or <c>123.5</c> to the digits and exponent, and from there as JavaScript places the point.</summary>
    private static int Rewrite(ReadOnlySpan<char> shortest, Span<char> chars)
    {
        var length = 0;
        if (shortest[0] == '-')
        {
            chars[length++] = '-';
            shortest = shortest[1..];
        }
        Span<char> digits = stackalloc char[MostChars];
        var point = Digits(shortest, digits, out var count);
        digits = digits[..count];
        return length + Place(digits, point, chars[length..]);
    }

    /// <returns>Where the point stands: before the digit of this index.</returns>
    private static int Digits(ReadOnlySpan<char> shortest, Span<char> digits, out int count)
    {
        var mark = shortest.IndexOf('E');
        var exponent = mark < 0 ? 0 : int.Parse(shortest[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? shortest : shortest[..mark];
        var dot = mantissa.IndexOf('.');
        var point = (dot < 0 ? mantissa.Length : dot) + exponent;
        count = 0;
        foreach (var character in mantissa)
        {
            if (character == '.')
            {
                continue;
            }
            if (count == 0 && character == '0')
            {
                point--;
                continue;
            }
            digits[count++] = character;
        }
        while (count > 1 && digits[count - 1] == '0')
        {
            count--;
        }
        return point;
    }

    private static int Place(ReadOnlySpan<char> digits, int point, Span<char> chars)
    {
        if (point is > -6 and <= 21)
        {
            return PlacePlain(digits, point, chars);
        }
        var length = 0;
        chars[length++] = digits[0];
        if (digits.Length > 1)
        {
            chars[length++] = '.';
            digits[1..].CopyTo(chars[length..]);
            length += digits.Length - 1;
        }
        chars[length++] = 'e';
        chars[length++] = point > 0 ? '+' : '-';
        Math.Abs(point - 1).TryFormat(chars[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int PlacePlain(ReadOnlySpan<char> digits, int point, Span<char> chars)
    {
        if (point <= 0)
        {
            "0.".CopyTo(chars);
            chars.Slice(2, -point).Fill('0');
            digits.CopyTo(chars[(2 - point)..]);
            return 2 - point + digits.Length;
        }
        if (point >= digits.Length)
        {
            digits.CopyTo(chars);
            chars[digits.Length..point].Fill('0');
            return point;
        }
        digits[..point].CopyTo(chars);
        chars[point] = '.';
        digits[point..].CopyTo(chars[(point + 1)..]);
        return digits.Length + 1;
    }
}
