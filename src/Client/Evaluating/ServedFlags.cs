using System.Security.Cryptography;
using Teal.Flags;

namespace Teal.Client;

/// <summary>The flags in force: one reference to evaluate by, never changed.</summary>
/// <param name="Tag">Names the content: equal content, equal tag.</param>
internal sealed record ServedFlags(string Environment, long Revision, FlagDocument Document, string Tag)
{
    /// <summary>SHA-256, in hex.</summary>
    public static string TagOf(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json));
}
