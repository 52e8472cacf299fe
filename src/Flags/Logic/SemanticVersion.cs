namespace Teal.Flags;

/// <summary>
/// A version as flagd reads it: <see href="https://semver.org/">semver 2.0.0</see>, with an optional v in front, one or two numbers
/// alone being filled up with zeros. Nothing is copied out of the text.
/// </summary>
internal readonly ref struct SemanticVersion
{
    private const int MostChars = 256;
    private const long LargestNumber = 9007199254740991;
    private const int MostDigits = 16;

    private SemanticVersion(long major, long minor, long patch, ReadOnlySpan<char> prerelease)
    {
        Major = major;
        Minor = minor;
        Patch = patch;
        Prerelease = prerelease;
    }

    public long Major { get; }

    public long Minor { get; }

    public long Patch { get; }

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

    private static bool TryTriple(ReadOnlySpan<char> text, out long major, out long minor, out long patch)
    {
        minor = patch = 0;
        return TryNumber(TakeIdentifier(ref text), out major)
            && TryNumber(TakeIdentifier(ref text), out minor)
            && text.IndexOf('.') < 0
            && TryNumber(text, out patch);
    }

    private static bool TryParsePartial(ReadOnlySpan<char> text, out SemanticVersion version)
    {
        version = default;
        var dot = text.IndexOf('.');
        var first = dot < 0 ? text : text[..dot];
        var second = dot < 0 ? "0" : text[(dot + 1)..];
        if (!AreDigits(first) || !AreDigits(second) || first.Length > MostDigits)
        {
            return false;
        }
        // A longer second number is not seen by node-semver at all.
        second = second.Length > MostDigits ? "0" : second;
        var isVersion = TryNumber(first, out var major) & TryNumber(second, out var minor);
        version = new SemanticVersion(major, minor, 0, default);
        return isVersion;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out long number)
    {
        number = 0;
        if (!AreDigits(digits) || digits.Length > MostDigits || (digits.Length > 1 && digits[0] == '0'))
        {
            return false;
        }
        foreach (var digit in digits)
        {
            number = (number * 10) + digit - '0';
        }
        return number <= LargestNumber;
    }

    private static bool AreDigits(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiDigit(character))
            {
                return false;
            }
        }
        return !text.IsEmpty;
    }

    private static bool AreIdentifiers(ReadOnlySpan<char> text, bool mayLeadWithZero)
    {
        // A point at the end is followed by an empty identifier, which is none.
        if (text.IsEmpty || text[^1] == '.')
        {
            return false;
        }
        while (!text.IsEmpty)
        {
            var identifier = TakeIdentifier(ref text);
            var leadsWithZero = identifier.Length > 1 && identifier[0] == '0' && AreDigits(identifier);
            if (identifier.IsEmpty || !IsIdentifier(identifier) || (leadsWithZero && !mayLeadWithZero))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsIdentifier(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '-')
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
        if (isLeftNumber && isRightNumber && left.Length != right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }
        return isLeftNumber != isRightNumber ? (isLeftNumber ? -1 : 1) : left.SequenceCompareTo(right);
    }
}
