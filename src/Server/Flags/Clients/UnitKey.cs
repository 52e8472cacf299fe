using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Teal.Server.Flags.Clients;

/// <summary>
/// Who did or got something, without the name: the first 16 bytes of the SHA-256 of a targeting key. On the wire that is 32 lower-case
/// hexadecimal digits, or the targeting key itself, which is hashed here.
/// </summary>
public static class UnitKey
{
    /// <summary>The longest unit on the wire, in characters.</summary>
    public const int Longest = 256;

    private const int Bytes = 16;
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Of a targeting key.</summary>
    public static UInt128 Of(string targetingKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(targetingKey), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash[..Bytes]);
    }

    /// <summary>Of what was sent: the hash that it is, else its own.</summary>
    public static UInt128 OfSent(string unit) => TryReadHash(unit, out var hash) ? hash : Of(unit);

    /// <summary>
    /// What else may be meant: a targeting key can look like a hash (a UUID without dashes), and what the server itself saw was filed under
    /// the hash of that.
    /// </summary>
    public static UInt128? OtherOfSent(string unit) => TryReadHash(unit, out _) ? Of(unit) : null;

    private static bool TryReadHash(string unit, out UInt128 hash)
    {
        hash = default;
        return unit.Length == 2 * Bytes
            && !unit.AsSpan().ContainsAnyExcept(Digits)
            && UInt128.TryParse(unit, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash);
    }
}
