using Teal.Releases;
using Teal.Server;
using Teal.Server.Journal;
using Teal.Server.Versions;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Cli;

/// <summary>What reading <c>teal.yaml</c> gave: a manifest, or messages that each begin with <c>file:line:column</c>.</summary>
public sealed record ManifestReading(Manifest? Manifest, IReadOnlyList<string> Errors);

/// <summary>The doors to the rooms that the command line calls in its own process. Everything else is asked of the server.</summary>
/// <param name="ReadManifest">Text, path (for messages), environment.</param>
/// <param name="ShowManifest">The effective manifest, every default written out.</param>
/// <param name="ManifestSchema">The JSON Schema of <c>teal.yaml</c>.</param>
/// <param name="Fingerprint">A hash over a folder's names, modes and content, in hex.</param>
/// <param name="CheckFolder">Throws when something in a folder cannot be part of a version; looks at no content.</param>
/// <param name="WriteTar">The folder as a tar stream.</param>
/// <param name="RunServer">Runs until cancelled; what it has to say goes to the writer.</param>
/// <param name="RestoreJournal">Backup file, home.</param>
/// <param name="VerifyJournal">A journal or backup, against its chain of hashes.</param>
public sealed record Seams(
    Func<string, string, string?, ManifestReading> ReadManifest,
    Func<Manifest, string> ShowManifest,
    Func<string> ManifestSchema,
    Func<DirectoryInfo, string> Fingerprint,
    Action<DirectoryInfo> CheckFolder,
    Func<DirectoryInfo, Stream, CancellationToken, Task> WriteTar,
    Func<ServerOptions, TextWriter, CancellationToken, Task> RunServer,
    Action<string, string> RestoreJournal,
    Func<string, JournalCheckView> VerifyJournal
)
{
    /// <summary>The rooms of this build.</summary>
    public static Seams Built() =>
        new(
            ReadManifest: static (text, path, environment) =>
            {
                var read = ManifestReader.Read(text, path, environment);
                return new ManifestReading(read.Manifest, [.. read.Errors.Select(error => $"{error} ({error.Code})")]);
            },
            ShowManifest: ManifestWriter.Yaml,
            ManifestSchema: Releases.ManifestSchema.Json,
            Fingerprint: static folder => FolderFingerprint.Of(folder).Hash,
            CheckFolder: FolderTar.Check,
            WriteTar: static (folder, stream, cancellation) => FolderTar.WriteAsync(folder, stream, cancellation),
            RunServer: ForegroundServer.RunAsync,
            RestoreJournal: static (backup, home) => JournalBackup.Restore(backup, StateFolder.Open(home).Journal),
            VerifyJournal: AuditReader.Verify
        );
}
