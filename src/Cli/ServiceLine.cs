using Teal.Releases;

namespace Teal.Cli;

/// <summary>Finds the manifest's <c>service:</c> line without reading YAML.</summary>
internal static class ServiceLine
{
    private const string Key = "service:";

    /// <summary>The plain name behind the only such key at the margin; null when it is not that simple.</summary>
    public static string? In(string manifest)
    {
        string? found = null;
        foreach (var line in manifest.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Key, StringComparison.Ordinal))
            {
                continue;
            }
            var value = Value(line[Key.Length..]);
            if (found is not null || !Names.IsService(value))
            {
                return null;
            }
            found = value;
        }
        return found;
    }

    private static string Value(ReadOnlySpan<char> rest)
    {
        var comment = rest.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? rest : rest[..comment]).Trim().ToString();
    }
}
