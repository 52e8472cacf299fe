using System.Diagnostics;
using System.Text.Json;

namespace Teal.Tests.Real.Flags;

/// <summary>A real client in a process of its own, unmodified: what it says comes line by line.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private NodeClient(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Begins it and waits until its provider is ready.</summary>
    public static async Task<NodeClient> StartAsync(params string[] arguments)
    {
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

    private static Process Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = NodeClients.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
