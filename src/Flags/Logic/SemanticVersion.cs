using System.Globalization;

namespace Teal.Flags;

/// <summary>
/// A version as flagd reads it: <see href="https://semver.org/">semver 2.0.0</see>, with an optional v in front, one or two numbers
/// alone being filled up with zeros. Nothing is copied out of the text.
/// </summary>
internal readonly ref struct SemanticVersion
{
    private const int MostChars = 256;
    private const double LargestNumber = 9007199254740991;
    private const int MostDigitsWhenPartial = 16;

    private SemanticVersion(double major, double minor, double patch, ReadOnlySpan<char> prerelease)
    {
        Major = major;
        Minor = minor;
        Patch = patch;
        Prerelease = prerelease;
    }

    public double Major { get; }

    public double Minor { get; }

    public double Patch { get; }

    public ReadOnlySpan<char> Prerelease { get; }

    public static bool TryParse(ReadOnlySpan<char> text, out SemanticVersion version)
    {
        if (text.Length > 0 && text[0] is 'v' or 'V')
        {
            text = text[1..];
        }
        return TryParseFull(text, out version) || TryParsePartial(text, out version);
    }

    public int OrderTo(in SemanticVersion other)
    {
        var order = Major.CompareTo(other.Major);
        order = order != 0 ? order : Minor.CompareTo(other.Minor);
        order = order != 0 ? order : Patch.CompareTo(other.Patch);
        if (order != 0)
        {
            return order;
        }
        // A release is later than all of its pre-releases.
        return Prerelease.IsEmpty || other.Prerelease.IsEmpty
            ? Prerelease.IsEmpty.CompareTo(other.Prerelease.IsEmpty)
            : ComparePrereleases(Prerelease, other.Prerelease);
    }

    private static bool TryParseFull(ReadOnlySpan<char> text, out SemanticVersion version)
    {
        version = default;
        if (text.Length > MostChars)
        {
            return false;
        }
        text = JsNumber.Trim(text);
        // node-semver takes a small v of its own.
        text = text.Length > 0 && text[0] == 'v' ? text[1..] : text;
        var plus = text.IndexOf('+');
        if (plus >= 0 && !AreIdentifiers(text[(plus + 1)..], mayLeadWithZero: true))
        {
            return false;
        }
        text = plus < 0 ? text : text[..plus];
        var dash = text.IndexOf('-');
        var prerelease = dash < 0 ? default : text[(dash + 1)..];
        if (dash >= 0 && !AreIdentifiers(prerelease, mayLeadWithZero: false))
        {
            return false;
        }
        var isVersion = TryTriple(dash < 0 ? text : text[..dash], out var major, out var minor, out var patch);
        version = new SemanticVersion(major, minor, patch, prerelease);
        return isVersion;
    }

    private static bool TryTriple(ReadOnlySpan<char> text, out double major, out double minor, out double patch)
    {
        Span<Range> parts = stackalloc Range[4];
        (major, minor, patch) = (0, 0, 0);
        return text.Split(parts, '.') == 3
            && TryNumber(text[parts[0]], out major)
            && TryNumber(text[parts[1]], out minor)
            && TryNumber(text[parts[2]], out patch);
    }

    private static bool TryParsePartial(ReadOnlySpan<char> text, out SemanticVersion version)
    {
        version = default;
        var dot = text.IndexOf('.');
        var first = dot < 0 ? text : text[..dot];
        var second = dot < 0 ? "0" : text[(dot + 1)..];
        if (!AreDigits(first) || !AreDigits(second) || first.Length > MostDigitsWhenPartial)
        {
            return false;
        }
        // A longer second number is not seen by node-semver at all.
        second = second.Length > MostDigitsWhenPartial ? "0" : second;
        var isVersion = TryNumber(first, out var major) & TryNumber(second, out var minor);
        version = new SemanticVersion(major, minor, 0, default);
        return isVersion;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out double number)
    {
        number = 0;
        return AreDigits(digits)
            && (digits.Length == 1 || digits[0] != '0')
            && double.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= LargestNumber;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');

    private static bool AreIdentifiers(ReadOnlySpan<char> text, bool mayLeadWithZero)
    {
        foreach (var part in text.Split('.'))
        {
            var identifier = text[part];
            foreach (var character in identifier)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character != '-')
                {
                    return false;
                }
            }
            var leadsWithZero = identifier.Length > 1 && identifier[0] == '0' && AreDigits(identifier);
            if (identifier.IsEmpty || (leadsWithZero && !mayLeadWithZero))
            {
                return false;
            }
        }
        return true;
    }

    private static int ComparePrereleases(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (true)
        {
            var order = CompareIdentifiers(TakeIdentifier(ref left), TakeIdentifier(ref right));
            if (order != 0 || (left.IsEmpty && right.IsEmpty))
            {
                return order;
            }
            if (left.IsEmpty || right.IsEmpty)
            {
                return left.IsEmpty ? -1 : 1;
            }
        }
    }

    private static ReadOnlySpan<char> TakeIdentifier(ref ReadOnlySpan<char> text)
    {
        var dot = text.IndexOf('.');
        var identifier = dot < 0 ? text : text[..dot];
        text = dot < 0 ? default : text[(dot + 1)..];
        return identifier;
    }

    private static int CompareIdentifiers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var (isLeftNumber, isRightNumber) = (AreDigits(left), AreDigits(right));
        if (isLeftNumber && isRightNumber)
        {
            var first = double.Parse(left, NumberStyles.None, CultureInfo.InvariantCulture);
            return first.CompareTo(double.Parse(right, NumberStyles.None, CultureInfo.InvariantCulture));
        }
        return isLeftNumber != isRightNumber ? (isLeftNumber ? -1 : 1) : left.SequenceCompareTo(right);
    }
}
