using Teal.Releases;

namespace Teal.Cli;

/// <summary>What reading <c>teal.yaml</c> gave: a manifest, or messages that each begin with <c>file:line:column</c>.</summary>
public sealed record ManifestReading(Manifest? Manifest, IReadOnlyList<string> Errors);

/// <param name="Listen">Addresses for the users' traffic.</param>
/// <param name="Admin">A TCP address for the admin API; null: the unix socket only.</param>
public sealed record ServerStart(string Home, IReadOnlyList<string> Listen, string? Admin);

/// <summary>The doors to the rooms that the command line calls in its own process. Everything else is asked of the server.</summary>
/// <param name="ReadManifest">Text, path (for messages), environment.</param>
/// <param name="ShowManifest">The effective manifest, every default written out.</param>
/// <param name="ManifestSchema">The JSON Schema of <c>teal.yaml</c>.</param>
/// <param name="Fingerprint">A hash over a folder's names, modes and content, in hex.</param>
/// <param name="WriteTar">The folder as a tar stream.</param>
/// <param name="RestoreJournal">Backup file, home.</param>
public sealed record Seams(
    Func<string, string, string?, ManifestReading> ReadManifest,
    Func<Manifest, string> ShowManifest,
    Func<string> ManifestSchema,
    Func<DirectoryInfo, string> Fingerprint,
    Func<DirectoryInfo, Stream, CancellationToken, Task> WriteTar,
    Func<ServerStart, CancellationToken, Task> RunServer,
    Action<string, string> RestoreJournal
)
{
    /// <summary>The rooms of this build.</summary>
    public static Seams Built() =>
        new(
            (_, _, _) => throw Missing("the manifest reader"),
            _ => throw Missing("the manifest writer"),
            () => throw Missing("the manifest schema"),
            _ => throw Missing("the version store"),
            (_, _, _) => throw Missing("the version store"),
            (_, _) => throw Missing("the server"),
            (_, _) => throw Missing("the journal")
        );

    private static NotSupportedException Missing(string room) => new($"This build of teal was put together without {room}.");
}
