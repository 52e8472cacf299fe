using System.Diagnostics;

namespace Teal.Tests.Real.Flags;

/// <summary>
/// The npm packages of <c>tests/node</c> and of the Node sample, installed as their lock files say, once for as long as those do not change.
/// </summary>
internal static class NodeClients
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    public static string Folder { get; } = Path.Combine(FindRoot(), "tests", "node");

    public static string DeliveryFolder { get; } = Path.Combine(FindRoot(), "samples", "Delivery");

    /// <summary>Done once, when the first test asks; null when they are there, else why not.</summary>
    public static Task<string?> Installed { get; } = InstallAsync(Folder);

    /// <summary>The same of the Node sample.</summary>
    public static Task<string?> Delivery { get; } = InstallAsync(DeliveryFolder);

    private static async Task<string?> InstallAsync(string folder)
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            return "node and npm are not on the PATH: ./test installs them on Debian";
        }
        var wanted = Path.Combine(folder, "package-lock.json");
        var installed = Path.Combine(folder, "node_modules", ".package-lock.json");
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(wanted))
        {
            return null;
        }
        var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(_patience);
        var said = await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(deadline.Token), npm.StandardError.ReadToEndAsync(deadline.Token));
        await npm.WaitForExitAsync(deadline.Token);
        return npm.ExitCode == 0
            ? null
            : throw new InvalidOperationException($"npm ci ended with {npm.ExitCode}:\n{string.Join('\n', said)}");
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Teal.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"No Teal.slnx above {AppContext.BaseDirectory}.");
    }
}
