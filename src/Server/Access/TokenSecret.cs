using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Teal.Server.Access;

/// <summary>The token that a person holds: <c>teal_</c> and 32 random bytes. It is shown once and stored as its hash.</summary>
public static class TokenSecret
{
    public const string Prefix = "teal_";
    public const int RandomBytes = 32;

    /// <summary>Base64url of 32 bytes, without padding.</summary>
    private const int EncodedLength = 43;

    public static readonly int Length = Prefix.Length + EncodedLength;

    /// <param name="random">32 bytes of the system's generator; chance comes in by the door.</param>
    public static string Of(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, RandomBytes);
        return Prefix + Base64Url.EncodeToString(random);
    }

    /// <summary>It could be one. What could not is refused without a look into the book.</summary>
    public static bool LooksLikeOne(string secret) =>
        secret.Length == Length
        && secret.StartsWith(Prefix, StringComparison.Ordinal)
        && secret.AsSpan(Prefix.Length).IndexOfAnyExcept(Base64UrlCharacters) < 0;

    /// <summary>SHA-256 in hex: enough for 256 random bits, where no dictionary helps.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static readonly System.Buffers.SearchValues<char> Base64UrlCharacters = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    );
}
