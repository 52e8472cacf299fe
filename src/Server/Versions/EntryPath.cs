using System.Text;

namespace Teal.Server.Versions;

/// <summary>Which paths and links may be in a version: those that stay inside it, whoever made them.</summary>
public static class EntryPath
{
    /// <summary>Why the relative path is refused, or null.</summary>
    public static string? WhyNot(string path, VersionLimits limits)
    {
        if (path.Length == 0 || path[0] == '/' || path.Contains('\0', StringComparison.Ordinal))
        {
            return "is not a relative path";
        }
        if (Encoding.UTF8.GetByteCount(path) > limits.PathBytes)
        {
            return $"is longer than {limits.PathBytes} bytes";
        }
        var parts = path.Split('/');
        if (parts.Length > limits.Depth)
        {
            return $"is deeper than {limits.Depth} folders";
        }
        return parts.Any(part => part is "" or "." or "..") ? "has a part that is empty, '.' or '..'" : null;
    }

    /// <summary>
    /// Why the link is refused, or null. Every '..' has to stand at the front, where it climbs real folders: after a name it would
    /// climb from wherever that name leads, and a few links to links lead out.
    /// </summary>
    public static string? WhyNotLink(string path, string target)
    {
        if (target.Length == 0 || target[0] == '/' || target.Contains('\0', StringComparison.Ordinal))
        {
            return $"leads out of the folder, to {target}";
        }
        var parts = target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToArray();
        var climbs = parts.TakeWhile(part => part == "..").Count();
        if (parts.Skip(climbs).Contains("..", StringComparer.Ordinal))
        {
            return $"leads back through '..', to {target}";
        }
        return climbs > path.Count(character => character == '/') ? $"leads out of the folder, to {target}" : null;
    }
}

/// <summary>How much a version may be.</summary>
/// <param name="Files">Files, links and folders together.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="PathBytes">Of one relative path, in UTF-8.</param>
/// <param name="Depth">Parts of one path.</param>
public sealed record VersionLimits(int Files = 100_000, long Bytes = 4L << 30, int PathBytes = 1024, int Depth = 64);
