using Teal.Cli.Showing;
using Teal.Cli.Verbs;
using Teal.Releases;

namespace Teal.Cli.Examining;

/// <summary>Is the manifest valid, and is its program there?</summary>
internal static class ManifestExamination
{
    public static IEnumerable<CheckView> Of(Desk desk)
    {
        var path = desk.Settings.ConfigPath;
        if (!File.Exists(path))
        {
            return [Check.Warn("manifest", $"there is no {desk.Shown(path)}", "teal init")];
        }
        try
        {
            var (manifest, _) = desk.ReadManifest();
            return
            [
                Check.Ok("manifest", $"{desk.Shown(path)} is valid: service {manifest.Service}"),
                Command(desk, manifest, Path.GetDirectoryName(path)!),
                .. Keys(new DirectoryInfo(Path.GetDirectoryName(path)!)),
            ];
        }
        catch (CliException failure)
        {
            return [Check.Fail("manifest", string.Join("; ", [failure.What, .. failure.Places]), "teal config validate")];
        }
    }

    private static CheckView Command(Desk desk, Manifest manifest, string folder)
    {
        var program = manifest.Run.Command[0];
        if (Content.Program(manifest, folder) is { } inside)
        {
            return File.Exists(inside)
                ? Check.Ok("run.command", $"{program} is in {folder}")
                : Check.Warn("run.command", $"{program} is not in {folder}", "teal deploy --from the folder that holds it");
        }
        return Found(desk, program)
            ? Check.Ok("run.command", $"{program} is installed")
            : Check.Fail("run.command", $"{program} is not on the PATH", $"install {program}, or name it by its path");
    }

    private static IEnumerable<CheckView> Keys(DirectoryInfo folder) =>
        SharedKeys.Warning(folder) is { } warning ? [Check.Warn("shared keys", warning, SharedKeys.Cure)] : [];

    private static bool Found(Desk desk, string program) =>
        Path.IsPathRooted(program)
            ? File.Exists(program)
            : (desk.Around.Variable("PATH") ?? "")
                .Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Any(folder => File.Exists(Path.Combine(folder, program)));
}
