using System.Diagnostics;
using Teal.Bench.Rig;

namespace Teal.Bench;

/// <summary>The sample shop, started by hand.</summary>
internal static class Shop
{
    public static string Built { get; } = Path.Combine(Machine.Root, "artifacts", "bin", "Shop", "release");

    public static async Task<Child> StartAsync(string version, int port, string folder)
    {
        var environment = new Dictionary<string, string>
        {
            ["SHOP_VERSION"] = version,
            ["SHOP_DB"] = Path.Combine(folder, "shop.db"),
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
        };
        var shop = Child.Start(null, environment, "dotnet", Path.Combine(Built, "Shop.dll"));
        await HealthyAsync(port);
        return shop;
    }

    /// <summary>From the start of the process to its first good health check.</summary>
    public static async Task<double> TimeToHealthyMsAsync(string folder)
    {
        var began = Stopwatch.StartNew();
        using var shop = await StartAsync("probe", Machine.FreePort(), folder);
        return began.Elapsed.TotalMilliseconds;
    }

    /// <summary>A folder as it would be published: the built shop, with its version beside it.</summary>
    public static void Publish(string version, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Built, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        File.WriteAllText(Path.Combine(folder, "shop.json"), $$"""{ "version": "{{version}}" }""");
    }

    private static async Task HealthyAsync(int port)
    {
        using var http = new HttpClient();
        var began = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"));
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (began.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(10);
            }
        }
    }
}
