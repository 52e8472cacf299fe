using System.Diagnostics;
using Shoppers;
using Teal.Bench.Rig;

namespace Teal.Bench;

/// <param name="DeployMs">Median of <c>teal deploy</c>, from the start of the command to its end.</param>
/// <param name="HealthyMs">Median of the app alone, from its start to its first good health check, under the same load.</param>
/// <param name="RollbackMs">From the start of <c>teal rollback</c> to the last answer of the version that it leaves.</param>
/// <param name="MemoryMb">Highest resident memory of the server.</param>
internal sealed record TealFigures(ShoppersReport Report, double DeployMs, double HealthyMs, double RollbackMs, double MemoryMb);

/// <summary>A server of its own, driven by the command line as a person would.</summary>
internal sealed class TealReleases : IAsyncDisposable
{
    private const string Manifest = """
        service: shop
        run: { command: [dotnet, Shop.dll], stop_timeout: 5s, env: { SHOP_DB: env:SHOP_DB } }
        health: { path: /healthz, every: 100ms, timeout: 2s, rise: 1, fall: 3, give_up_after: 30s }
        release:
          steps: [ { share: 100% } ]
          drain: 5s
          keep_previous: 10m
          guard: [ { metric: error_rate, max_increase: 5% } ]

        """;

    private static readonly string _teal = Path.Combine(Machine.Root, "artifacts", "publish", "Cli", "release", "teal");
    private readonly string _folder;
    private readonly Dictionary<string, string> _environment;
    private readonly string _url;
    private readonly Child _server;
    private readonly int _port = Machine.FreePort();

    public TealReleases(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "teal.yaml"), Manifest);
        _environment = new Dictionary<string, string>
        {
            ["TEAL_HOME"] = Path.Combine(folder, "home"),
            ["SHOP_DB"] = Path.Combine(folder, "shop.db"),
        };
        _url = $"http://127.0.0.1:{_port}";
        _server = Child.Start(null, _environment, _teal, "server", "run", "--listen", _url);
    }

    public async Task<TealFigures> RunAsync(int releases)
    {
        await _server.ListensAsync(_port);
        for (var version = 0; version <= releases; version++)
        {
            Shop.Publish($"r{version}", Path.Combine(_folder, $"r{version}"));
        }
        await DeployAsync("r0");
        await using var shoppers = ShoppersRun.Start(ReleaseBench.Load(_url, seed: 1));
        var deploys = new List<double>();
        double memory = 0;
        for (var version = 1; version <= releases; version++)
        {
            deploys.Add(await DeployAsync($"r{version}"));
            memory = Math.Max(memory, OwnMemoryMb());
        }
        List<double> healthy = [];
        for (var time = 0; time < 3; time++)
        {
            healthy.Add(await Shop.TimeToHealthyMsAsync(_folder));
        }
        var rollback = await RollBackAsync(shoppers, $"r{releases}");
        return new TealFigures(await shoppers.StopAsync(), Machine.Median(deploys), Machine.Median(healthy), rollback, memory);
    }

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        // The shop outlives the server by design; these instances carry this run's database in their environment.
        foreach (var pid in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)))
        {
            if (IsOurs(pid!))
            {
                using var process = Process.GetProcessById(int.Parse(pid!));
                process.Kill();
                await process.WaitForExitAsync();
            }
        }
    }

    private async Task<double> DeployAsync(string version)
    {
        var began = Stopwatch.StartNew();
        await TealAsync("deploy", version, "--from", Path.Combine(_folder, version), "-C", Path.Combine(_folder, "teal.yaml"));
        return began.Elapsed.TotalMilliseconds;
    }

    private async Task<double> RollBackAsync(ShoppersRun shoppers, string left)
    {
        var began = DateTimeOffset.UtcNow;
        await TealAsync("rollback", "-C", Path.Combine(_folder, "teal.yaml"), "--yes");
        await Task.Delay(TimeSpan.FromSeconds(1));
        return Math.Max(0, (shoppers.Report.Versions[left].LastAnswered - began).TotalMilliseconds);
    }

    private async Task TealAsync(params string[] arguments)
    {
        var (code, output) = await Child.RunAsync(_environment, [_teal, .. arguments]);
        if (code != 0)
        {
            throw new InvalidOperationException($"teal {string.Join(' ', arguments)} ended with {code}:\n{output}");
        }
    }

    /// <summary>The server's alone: the shop's instances are its children, and not its memory.</summary>
    private double OwnMemoryMb()
    {
        using var process = Process.GetProcessById(_server.Pid);
        return process.WorkingSet64 / 1024.0 / 1024.0;
    }

    private bool IsOurs(string pid)
    {
        try
        {
            var environment = File.ReadAllText($"/proc/{pid}/environ").Split('\0');
            return environment.Contains($"SHOP_DB={_environment["SHOP_DB"]}")
                && environment.Any(line => line.StartsWith("TEAL_INSTANCE=", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
