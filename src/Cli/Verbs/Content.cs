using System.Net;
using Teal.Cli.Asking;
using Teal.Cli.Examining;
using Teal.Cli.Showing;
using Teal.Releases;
using Teal.Server.Versions;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary>What a deploy or a plan is about: the manifest, a folder and the version's name.</summary>
/// <param name="Hash">Of the folder; null when the version was given a name and nothing had to be hashed yet.</param>
internal sealed record Content(string Service, Manifest Manifest, string ManifestText, DirectoryInfo Folder, string? Hash, string Version)
{
    private const int DigitsOfHash = 12;

    /// <exception cref="CliException">Something is wrong; nothing was sent.</exception>
    public static Content Read(Desk desk, string? version, string? from)
    {
        if (version is not null && !Names.IsVersion(version))
        {
            throw DeployVerb.WrongVersion(version);
        }
        var (manifest, text) = desk.ReadManifest();
        var folder = FolderOf(desk, from);
        RequireCommand(desk, manifest, folder);
        if (version is not null)
        {
            Allowed(folder, desk.Around.Seams.CheckFolder);
            return new Content(manifest.Service, manifest, text, folder, null, version);
        }
        var hash = HashOf(desk, folder);
        return new Content(manifest.Service, manifest, text, folder, hash, hash[..Math.Min(DigitsOfHash, hash.Length)]);
    }

    public DeployRequest Request(Desk desk, bool supersede, bool wait) =>
        new(Version, ManifestText, desk.Shown(desk.Settings.ConfigPath), desk.Settings.Environment, supersede, wait, desk.Settings.Reason);

    /// <summary>The program of <c>run.command</c> inside a folder, when the command names one by path.</summary>
    public static string? Program(Manifest manifest, string folder) =>
        manifest.Run.Command is [var program, ..] && program.Contains('/', StringComparison.Ordinal) && !Path.IsPathRooted(program)
            ? Path.GetFullPath(program, folder)
            : null;

    /// <summary>Says what will hurt users though nothing is wrong with the release. To the error stream: programs read the other.</summary>
    public void Warn(Desk desk)
    {
        if (desk.IsText && !desk.Settings.IsQuiet && SharedKeys.Warning(Folder) is { } warning)
        {
            desk.Screen.Error(new InkedLine($"warning: {warning}.", Ink.Strong));
            desk.Screen.Error($"  -> {SharedKeys.Cure}");
        }
    }

    /// <summary>Takes the folder into the server's store, unless it is there.</summary>
    public async Task StoreAsync(Desk desk, CancellationToken stop)
    {
        var path = $"api/v1/services/{Api.Segment(Service)}/versions/{Api.Segment(Version)}";
        var found = await desk.Api.HeadAsync(Hash is null ? path : $"{path}?hash={Hash}", stop);
        if (found == HttpStatusCode.NotFound)
        {
            await UploadAsync(desk, path, stop);
            return;
        }
        if (Hash is null)
        {
            // Only a name that is taken has to be compared: to hash a large folder takes as long as to send it.
            found = await desk.Api.HeadAsync($"{path}?hash={HashOf(desk, Folder)}", stop);
        }
        if (found == HttpStatusCode.Conflict)
        {
            throw OtherContent();
        }
    }

    private CliException OtherContent() =>
        new(
            ExitCode.Conflict,
            "TEAL1402",
            $"{Service} has a version {Version} with other content.",
            "A version's content never changes: what runs under a name today must be what ran under it yesterday."
        )
        {
            Next = ["teal deploy OTHER-NAME", "teal deploy   (the name is then made from the content)"],
        };

    private static string HashOf(Desk desk, DirectoryInfo folder)
    {
        var hash = "";
        Allowed(folder, looked => hash = desk.Around.Seams.Fingerprint(looked));
        return hash;
    }

    private static void Allowed(DirectoryInfo folder, Action<DirectoryInfo> look)
    {
        try
        {
            look(folder);
        }
        catch (VersionStoreException refused)
        {
            throw CliException.Usage(
                refused.Code,
                "The folder cannot be a version; nothing was sent.",
                refused.Message,
                "teal deploy --from DIR"
            );
        }
    }

    private async Task UploadAsync(Desk desk, string path, CancellationToken stop)
    {
        var stored = await desk.Api.UploadAsync(
            path,
            "application/x-tar",
            (stream, limit) => desk.Around.Seams.WriteTar(Folder, stream, limit),
            WireJson.Default.VersionView,
            stop
        );
        desk.Note($"Stored {stored.Service} {stored.Version}: {ReleaseText.Number(stored.Files)} files, {StatusText.Bytes(stored.Bytes)}.");
    }

    private static DirectoryInfo FolderOf(Desk desk, string? from)
    {
        var path = from is null ? Path.GetDirectoryName(desk.Settings.ConfigPath)! : Path.GetFullPath(from, desk.Around.Directory);
        return Directory.Exists(path)
            ? new DirectoryInfo(path)
            : throw CliException.Usage(
                "TEAL7013",
                $"There is no folder {desk.Shown(path)}.",
                "--from names the folder that holds the built service.",
                "teal deploy --from DIR"
            );
    }

    private static void RequireCommand(Desk desk, Manifest manifest, DirectoryInfo folder)
    {
        if (Program(manifest, folder.FullName) is { } program && !File.Exists(program))
        {
            throw CliException.Usage(
                "TEAL7013",
                $"{desk.Shown(folder.FullName)} does not hold {manifest.Run.Command[0]}, the program of run.command.",
                "A first part with a slash is taken from the released folder.",
                "teal deploy --from DIR"
            );
        }
    }
}
