using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>A real <c>teal server run</c> in a process of its own, with a state folder of its own, and the CLI that talks to it.</summary>
internal sealed class TealProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string TealDll = Path.Combine(AppContext.BaseDirectory, "teal.dll");

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("teal-e2e-");
    private readonly string _home;
    private readonly List<string> _serverOutput = [];
    private Process? _server;
    private int _port;

    private TealProcess() => _home = Path.Combine(_root.FullName, "home");

    public HttpClient Api { get; private set; } = null!;

    /// <summary>Where users come in; the same after a restart.</summary>
    public Uri Users => new($"http://127.0.0.1:{_port}/");

    public string Home => _home;

    public static async Task<TealProcess> StartAsync()
    {
        var teal = new TealProcess();
        teal.Api = teal.ConnectApi();
        await teal.RunServerAsync();
        return teal;
    }

    /// <summary>SIGKILL to the server alone: its instances live on.</summary>
    public async Task KillServerAsync()
    {
        _server!.Kill(entireProcessTree: false);
        await _server.WaitForExitAsync();
    }

    public async Task RunServerAsync()
    {
        _server = Run(["server", "run", "--listen", $"http://127.0.0.1:{_port}"]);
        _server.OutputDataReceived += Collect;
        _server.ErrorDataReceived += Collect;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        var view = await Eventually.ReturnsAsync(ListeningAsync, "the server to listen", ServerOutput);
        _port = new Uri(view.Listen[0]).Port;
    }

    public string ServerOutput()
    {
        lock (_serverOutput)
        {
            return string.Join('\n', _serverOutput);
        }
    }

    /// <summary>Runs the CLI to its end.</summary>
    public async Task<CliResult> TealAsync(params string[] arguments)
    {
        using var process = Run(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience * 2);
        await process.WaitForExitAsync(patience.Token);
        return new CliResult(process.ExitCode, await output, await error);
    }

    /// <summary>A folder with a manifest and a marker, so that each version has a content of its own.</summary>
    public string Folder(string version, string manifest)
    {
        var folder = _root.CreateSubdirectory(version);
        File.WriteAllText(Path.Combine(folder.FullName, "teal.yaml"), manifest);
        File.WriteAllText(Path.Combine(folder.FullName, "marker.txt"), version);
        return folder.FullName;
    }

    public Task<CliResult> DeployAsync(string version, string manifest, params string[] more)
    {
        var folder = Folder(version, manifest);
        return TealAsync(["deploy", version, "-C", Path.Combine(folder, "teal.yaml"), "--from", folder, .. more]);
    }

    public async Task<StatusView> StatusAsync(string service = "app") =>
        await Api.GetFromJsonAsync($"/api/v1/services/{service}", WireJson.Default.StatusView)
        ?? throw new InvalidOperationException("no status");

    public async Task<StatusView> StatusWhenAsync(Func<StatusView, bool> fact, string what) =>
        await Eventually.ReturnsAsync(
            async () =>
            {
                try
                {
                    return await StatusAsync() is { } status && fact(status) ? status : null;
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            },
            what,
            ServerOutput
        );

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (_server is { HasExited: false })
        {
            _server.Kill(entireProcessTree: false);
            await _server.WaitForExitAsync();
        }
        _server?.Dispose();
        foreach (var process in Process.GetProcesses().Where(IsOurs))
        {
            process.Kill(entireProcessTree: true);
        }
        _root.Delete(recursive: true);
    }

    /// <summary>An instance runs in this test's state folder: nobody else's process does.</summary>
    private bool IsOurs(Process process)
    {
        try
        {
            return new FileInfo($"/proc/{process.Id}/cwd").LinkTarget?.StartsWith(_root.FullName, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_serverOutput)
        {
            _serverOutput.Add(line.Data ?? "");
        }
    }

    private async Task<ServerView?> ListeningAsync()
    {
        if (_server!.HasExited)
        {
            throw new InvalidOperationException($"The server ended with {_server.ExitCode}:\n{ServerOutput()}");
        }
        try
        {
            var view = await Api.GetFromJsonAsync("/api/v1/server", WireJson.Default.ServerView);
            return view is { Listen.Count: > 0 } && view.Pid == _server.Id ? view : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private HttpClient ConnectApi() =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, ct) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    try
                    {
                        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_home, "teal.sock")), ct);
                        return new NetworkStream(socket, ownsSocket: true);
                    }
                    catch
                    {
                        socket.Dispose();
                        throw;
                    }
                },
            }
        )
        {
            BaseAddress = new Uri("http://teal"),
        };

    private Process Run(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [TealDll, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = _root.FullName,
        };
        start.Environment["TEAL_HOME"] = _home;
        start.Environment["NO_COLOR"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException("teal did not start");
    }
}

internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>For assertions: what a person would have seen.</summary>
    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}

/// <summary>Waits for a fact, not for time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<T> ReturnsAsync<T>(Func<Task<T?>> probe, string what, Func<string>? more = null)
        where T : class
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            if (await probe() is { } found)
            {
                return found;
            }
            await Task.Delay(20);
        }
        throw new TimeoutException($"Waited {Patience} for {what}.\n{more?.Invoke()}");
    }
}
