namespace Teal.Server.Versions;

/// <summary>The program that a version's command names, looked up before anything is started.</summary>
public abstract record CommandPath
{
    /// <param name="Path">Absolute; exists and may be executed.</param>
    public sealed record Found(string Path) : CommandPath;

    /// <param name="Code">TEAL1408 not in the folder · TEAL1409 not executable · TEAL1410 not on the PATH.</param>
    public sealed record Missing(string Code, string Why) : CommandPath;

    /// <summary>
    /// A command with a slash is a path in the stored folder, or absolute; one without is a program of the folder when there is a
    /// file of that name, else it is looked for on the PATH. Parts of the PATH that are not absolute are passed over.
    /// </summary>
    public static CommandPath Resolve(string storedFolder, string command0, string? pathVariable)
    {
        if (command0.Length == 0 || command0.Contains('\0', StringComparison.Ordinal))
        {
            return new Missing("TEAL1408", "run.command is empty.");
        }
        var here = Path.GetFullPath(command0, storedFolder);
        if (command0.Contains('/', StringComparison.Ordinal))
        {
            return InFolder(storedFolder, command0, here);
        }
        return File.Exists(here) ? Executable(command0, here) : OnPath(command0, pathVariable);
    }

    private static CommandPath InFolder(string storedFolder, string command0, string path)
    {
        var inside = Path.GetFullPath(storedFolder).TrimEnd('/') + "/";
        if (!Path.IsPathRooted(command0) && !path.StartsWith(inside, StringComparison.Ordinal))
        {
            return new Missing("TEAL1408", $"run.command[0] {command0} leads out of the version's folder.");
        }
        return File.Exists(path)
            ? Executable(command0, path)
            : new Missing(
                "TEAL1408",
                $"run.command[0] {command0} is not in the folder that was released. Is it built, and is --from right?"
            );
    }

    private static CommandPath Executable(string command0, string path) =>
        MayBeRun(path)
            ? new Found(path)
            : new Missing("TEAL1409", $"run.command[0] {command0} is there and not executable: `chmod +x {command0}` and deploy again.");

    /// <summary>A link may always be executed; what it leads to decides.</summary>
    private static bool MayBeRun(string path) =>
        FolderTar.IsProgram(File.GetUnixFileMode(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path));

    private static CommandPath OnPath(string command0, string? pathVariable)
    {
        var found = (pathVariable ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, command0))
            .FirstOrDefault(path => File.Exists(path) && MayBeRun(path));
        return found is null
            ? new Missing("TEAL1410", $"run.command[0] {command0} is neither in the folder that was released nor on the server's PATH.")
            : new Found(found);
    }
}
