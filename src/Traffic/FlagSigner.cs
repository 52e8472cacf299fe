using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Teal.Traffic;

/// <summary>
/// Signs what a service is told in <c>teal-flags</c>: <c>t=1764000000, k=9f2c01ab, s=…</c>, where <c>s</c> is HMAC-SHA256 in hex over
/// <c>t</c>, a line feed and the header's value. The key is one service's own: another service cannot sign for it.
/// </summary>
public sealed class FlagSigner
{
    public const string Header = "teal-flags-signature";

    /// <summary>Where an instance finds what to check with: <c>ID:KEY</c>, in hex, with a space between two.</summary>
    public const string Variable = "TEAL_FLAGS_KEY";

    private const int IdBytes = 4;
    private const int StackBytes = 4096;

    private readonly byte[] _key;
    private readonly string _id;

    private FlagSigner(byte[] key, string words) => (_key, _id, Words) = (key, IdOf(key), words);

    /// <summary>The value of <see cref="Variable"/>: a secret.</summary>
    public string Words { get; }

    /// <param name="secrets">The first signs; an instance is handed the keys of all, so that a newer one is known before it signs.</param>
    public static FlagSigner Of(string service, IReadOnlyList<byte[]> secrets)
    {
        var name = Encoding.UTF8.GetBytes($"teal-flags\n{service}");
        var keys = secrets.Select(secret => HMACSHA256.HashData(secret, name)).ToList();
        return new FlagSigner(keys[0], string.Join(' ', keys.Select(key => $"{IdOf(key)}:{Convert.ToHexStringLower(key)}")));
    }

    /// <param name="flags">The header's value, ASCII.</param>
    public string Sign(string flags, DateTimeOffset now)
    {
        var most = flags.Length + 24;
        Span<byte> text = most <= StackBytes ? stackalloc byte[StackBytes] : new byte[most];
        now.ToUnixTimeSeconds().TryFormat(text, out var digits, default, CultureInfo.InvariantCulture);
        text[digits] = (byte)'\n';
        var length = digits + 1 + Encoding.ASCII.GetBytes(flags, text[(digits + 1)..]);
        Span<byte> sum = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text[..length], sum);
        Span<char> hex = stackalloc char[HMACSHA256.HashSizeInBytes * 2];
        Convert.TryToHexStringLower(sum, hex, out _);
        return string.Create(CultureInfo.InvariantCulture, $"t={now.ToUnixTimeSeconds()}, k={_id}, s={hex}");
    }

    /// <summary>Names a key without saying it.</summary>
    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, IdBytes));
}
