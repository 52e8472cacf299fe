using System.Security.Cryptography;
using Teal.Flags;

namespace Teal.Client;

/// <summary>The flags in force: one reference to evaluate by, never changed.</summary>
/// <param name="Tag">Names the content: equal content, equal tag.</param>
internal sealed record ServedFlags(string Environment, long Revision, FlagDocument Document, string Tag)
{
    /// <summary>Which connection to the server they were confirmed on, counted by this process; 0: on none.</summary>
    public int Connection { get; init; }

    /// <summary>The flag as it is now, on this connection: 64 bits that are others when either is another.</summary>
    public ulong StampOf(string flag) => (Document.Find(flag)?.Stamp ?? 0) + (ulong)Connection * 0x9E3779B97F4A7C15;

    /// <summary>SHA-256, in hex.</summary>
    public static string TagOf(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json));
}
