using System.Security.Cryptography;
using System.Text;

namespace Teal.Server.Versions;

/// <summary>What a folder holds, in one hash: the same for the folder of a developer and for its copy in the store.</summary>
/// <param name="Hash">SHA-256 in hex over every path with its kind, its execute bit and its content; times and owners are not in it.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="Files">Files and links; folders are not counted.</param>
public sealed record VersionFingerprint(string Hash, long Bytes, int Files)
{
    private const int NameLength = 12;

    /// <summary>The name of a version that was given none.</summary>
    public string DefaultName => Hash[..NameLength];

    public static VersionFingerprint Of(IEnumerable<FolderEntry> entries)
    {
        var sorted = entries.OrderBy(entry => entry.Path, StringComparer.Ordinal).ToList();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in sorted)
        {
            using var fields = new MemoryStream();
            // BinaryWriter puts its length before every string.
            using var writer = new BinaryWriter(fields, Encoding.UTF8);
            writer.Write((byte)entry.Kind);
            writer.Write(entry.Path);
            writer.Write(entry.Content);
            hash.AppendData(fields.GetBuffer().AsSpan(0, (int)fields.Length));
        }
        var files = sorted.Count(entry => entry.Kind != FolderEntryKind.Folder);
        return new(Convert.ToHexStringLower(hash.GetHashAndReset()), sorted.Sum(entry => entry.Bytes), files);
    }
}

/// <summary>One path of a version.</summary>
/// <param name="Path">Relative, with slashes.</param>
/// <param name="Content">SHA-256 of a file in hex, the target of a link, empty for a folder.</param>
public readonly record struct FolderEntry(string Path, FolderEntryKind Kind, string Content, long Bytes);

public enum FolderEntryKind
{
    Folder = 1,
    File = 2,
    Program = 3,
    Link = 4,
}
