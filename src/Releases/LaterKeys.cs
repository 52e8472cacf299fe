namespace Teal.Releases;

/// <summary>Keys of capabilities that are not there yet: they are known, and refused by name.</summary>
internal static class LaterKeys
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["database"] = "migrations",
        ["flags.file"] = "files of flags that the server watches",
        ["run.image"] = "container images",
        ["run.kubernetes"] = "Kubernetes",
        ["guard.prometheus"] = "guards on Prometheus queries",
        ["guard.min_ratio"] = "guards on Prometheus queries",
    };

    public static IEnumerable<string> All => Words.Keys;

    public static string? WhyNot(string key) =>
        Words.TryGetValue(key, out var what) ? $"'{key}' is not in this version: {what} come later" : null;
}
