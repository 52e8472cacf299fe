using System.Diagnostics;
using System.Text.Json;

namespace Teal.Tests.Real.Flags;

/// <summary>A real client in a process of its own, unmodified: what it says comes line by line.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly Lock Installing = new();
    private static Task? _installed;

    private readonly Process _process;
    private readonly Task<string> _errors;

    private NodeClient(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>tests/node of this repository.</summary>
    public static string Folder { get; } = Path.Combine(Root(), "tests", "node");

    /// <summary>Null when the tests can run; else what is missing.</summary>
    public static string? Missing(params string[] programs) =>
        programs.FirstOrDefault(program =>
            !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))
        );

    /// <summary>Begins it and waits until its provider is ready.</summary>
    public static async Task<NodeClient> StartAsync(params string[] arguments)
    {
        await InstalledAsync();
        var client = new NodeClient(Run("node", arguments));
        try
        {
            Assert.Equal("ready", (await client.NextAsync()).GetProperty("event").GetString());
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every flag of the list in <c>asking.mjs</c>, by key.</summary>
    public async Task<JsonElement> AskAsync()
    {
        await _process.StandardInput.WriteLineAsync("ask");
        await _process.StandardInput.FlushAsync();
        return (await NextAsync("answers")).GetProperty("answers");
    }

    /// <summary>Waits for the provider's own event, and for what it says.</summary>
    public Task<JsonElement> ChangedAsync() => NextAsync("changed");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // What it started (a browser) ends with it.
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task<JsonElement> NextAsync(string expected)
    {
        while (true)
        {
            var line = await NextAsync();
            if (line.GetProperty("event").GetString() == expected)
            {
                return line;
            }
        }
    }

    private async Task<JsonElement> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var line = await _process.StandardOutput.ReadLineAsync(patience.Token);
        return line is null
            ? throw new InvalidOperationException($"The client ended: {await _errors}")
            : JsonDocument.Parse(line).RootElement;
    }

    private static Task InstalledAsync()
    {
        lock (Installing)
        {
            return _installed ??= Task.Run(InstallAsync);
        }
    }

    /// <summary>Once for all tests, and again when the list of packages changed; two test runs at a time wait for each other.</summary>
    private static async Task InstallAsync()
    {
        var stamp = Path.Combine(Folder, "node_modules", ".package-lock.json");
        using var alone = await AloneAsync(Path.Combine(Root(), "artifacts", "node.lock"));
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) > File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            return;
        }
        using var npm = Run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        npm.StandardInput.Close();
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"npm ci ended with {npm.ExitCode}: {await output}{await errors}");
    }

    private static async Task<FileStream> AloneAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static Process Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Teal.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"No Teal.slnx above {AppContext.BaseDirectory}.");
    }
}
