using System.Security.Cryptography;
using System.Text;

namespace Teal.Client;

/// <summary>How something that somebody did ended: what a guarded rollout or an experiment judges a variant by.</summary>
/// <param name="TargetingKey">Of the context that flags were evaluated for. It stays here: only its hash is sent.</param>
public sealed record Outcome(string TargetingKey)
{
    /// <summary>It did not succeed.</summary>
    public bool IsFailed { get; init; }

    /// <summary>How long it took; null when that was not measured.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What was measured besides: <c>basket_value</c>; with <see cref="Value"/>.</summary>
    public string? Metric { get; init; }

    /// <summary>Of the metric.</summary>
    public double? Value { get; init; }
}

/// <summary>Who, for counting: the same for the same targeting key, and not the key.</summary>
internal static class Unit
{
    private const int Bytes = 16;

    /// <summary>The first 128 bits of SHA-256 of the key in UTF-8, in hex.</summary>
    public static string Of(string targetingKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(targetingKey), hash);
        return Convert.ToHexStringLower(hash[..Bytes]);
    }
}
