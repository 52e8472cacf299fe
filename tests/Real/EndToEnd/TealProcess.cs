using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>A real <c>teal server run</c> in a process of its own, with a state folder of its own, and the CLI that talks to it.</summary>
internal sealed class TealProcess : IAsyncDisposable
{
    private static readonly string TealDll = Path.Combine(AppContext.BaseDirectory, "teal.dll");

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("teal-e2e-");
    private readonly string _home;
    private readonly List<string> _serverOutput = [];
    private readonly string[] _more;
    private readonly Dictionary<string, string> _variables;
    private readonly ReservedPort _port = new();
    private Process? _server;

    private TealProcess(string[] more, Dictionary<string, string> variables)
    {
        (_more, _variables) = (more, variables);
        _home = Path.Combine(_root.FullName, "home");
    }

    public HttpClient Api { get; private set; } = null!;

    /// <summary>Where users come in; the same after a restart.</summary>
    public Uri Users => _port.Address;

    public string Home => _home;

    /// <summary>Everything of this test lies under it.</summary>
    public string Root => _root.FullName;

    public int ServerPid => _server!.Id;

    private string[] RunServer => ["server", "run", "--listen", $"http://127.0.0.1:{_port.Number}", .. _more];

    /// <summary>A home whose server does not run yet.</summary>
    public static TealProcess AtRest(string[]? more = null, Dictionary<string, string>? variables = null)
    {
        var teal = new TealProcess(more ?? [], variables ?? []);
        teal.Api = teal.ConnectApi();
        return teal;
    }

    /// <param name="more">Arguments of <c>teal server run</c>, besides where it listens.</param>
    /// <param name="variables">Environment of the server and of every command.</param>
    public static async Task<TealProcess> StartAsync(string[]? more = null, Dictionary<string, string>? variables = null)
    {
        var teal = AtRest(more, variables);
        try
        {
            await teal.RunServerAsync();
            return teal;
        }
        catch
        {
            await teal.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to the server alone: its instances live on.</summary>
    public async Task KillServerAsync()
    {
        _server!.Kill(entireProcessTree: false);
        await _server.WaitForExitAsync();
    }

    /// <summary>A start that has to fail: what the server said.</summary>
    public Task<CliResult> RefusedServerAsync(params string[] more) => TealAsync([.. RunServer, .. more]);

    /// <summary>On the same home and the same port as before.</summary>
    public async Task RunServerAsync()
    {
        _server = Run(RunServer);
        _server.OutputDataReceived += Collect;
        _server.ErrorDataReceived += Collect;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        await Eventually.ReturnsAsync(ListeningAsync, "the server to listen", ServerOutput);
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
        await using var command = Begin(arguments);
        return await command.EndAsync();
    }

    /// <summary>Runs the CLI beside the test.</summary>
    public RunningCommand Begin(params string[] arguments) => new(Run(arguments));

    /// <summary>A script of bash, in which <c>teal</c> is the CLI: for pipes.</summary>
    public async Task<CliResult> ShellAsync(string script)
    {
        await using var command = new RunningCommand(Run("bash", ["-c", $"teal() {{ dotnet '{TealDll}' \"$@\"; }}; {script}"]));
        return await command.EndAsync();
    }

    /// <summary>A folder with a manifest and a marker, so that each version has a content of its own.</summary>
    public string Folder(string version, AppManifest manifest)
    {
        var folder = _root.CreateSubdirectory($"{manifest.Service}-{version}");
        File.WriteAllText(Path.Combine(folder.FullName, "teal.yaml"), manifest.ToString());
        File.WriteAllText(Path.Combine(folder.FullName, "marker.txt"), version);
        return folder.FullName;
    }

    public async Task<CliResult> DeployAsync(string version, AppManifest manifest, params string[] more)
    {
        await using var command = BeginDeploy(version, manifest, more);
        return await command.EndAsync();
    }

    public RunningCommand BeginDeploy(string version, AppManifest manifest, params string[] more)
    {
        var folder = Folder(version, manifest);
        return Begin(["deploy", version, "-C", Path.Combine(folder, "teal.yaml"), "--from", folder, .. more]);
    }

    /// <summary>A deploy that has to end well; the status after it.</summary>
    public async Task<StatusView> ReleaseAsync(string version, AppManifest manifest)
    {
        var deployed = await DeployAsync(version, manifest);
        Assert.True(deployed.ExitCode == 0, $"{deployed}\n{ServerOutput()}");
        return await StatusAsync(manifest.Service);
    }

    /// <summary>What a user who comes now is answered.</summary>
    public async Task<string> AskAsync(string path = "/")
    {
        using var user = new HttpClient { BaseAddress = Users };
        return await user.GetStringAsync(path);
    }

    public async Task<StatusView> StatusAsync(string service = "app") =>
        await Api.GetFromJsonAsync($"/api/v1/services/{service}", WireJson.Default.StatusView)
        ?? throw new InvalidOperationException("no status");

    public async Task<HistoryView> HistoryAsync(string service = "app") =>
        await Api.GetFromJsonAsync($"/api/v1/services/{service}/history?limit=100", WireJson.Default.HistoryView)
        ?? throw new InvalidOperationException("no history");

    public async Task<StatusView> StatusWhenAsync(Func<StatusView, bool> fact, string what, string service = "app") =>
        await Eventually.ReturnsAsync(
            async () =>
            {
                try
                {
                    return await StatusAsync(service) is { } status && fact(status) ? status : null;
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
            process.Kill();
            await process.WaitForExitAsync();
        }
        _root.Delete(recursive: true);
        _port.Dispose();
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

    private Process Run(string[] arguments) => Run("dotnet", [TealDll, .. arguments]);

    private Process Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = _root.FullName,
        };
        start.Environment["TEAL_HOME"] = _home;
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException("teal did not start");
    }
}
