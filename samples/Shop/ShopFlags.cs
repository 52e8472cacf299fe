using Teal.Client;

namespace Shop;

/// <summary>Where the flags come from that the shop evaluates itself: two variables, and without them the code's own defaults hold.</summary>
internal static class ShopFlags
{
    private const string NoFlags = """{ "flags": {} }""";

    public static IServiceCollection AddShopFlags(this IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("FLAGS_URL") is not { Length: > 0 } url)
        {
            return services.AddTealFlags(TealClient.FromDocument(NoFlags));
        }
        return services.AddTealFlags(options =>
        {
            options.Address = new Uri(url);
            options.Key = Environment.GetEnvironmentVariable("FLAGS_KEY");
            options.Name = Environment.GetEnvironmentVariable("TEAL_INSTANCE") ?? "shop";
            options.CacheFile = CacheFile();
        });
    }

    /// <summary>
    /// By it the shop starts with its last flags while the server is away. In the folder that outlives a version, one for each slot: the old
    /// and the new version run at the same time, and each process needs a file of its own.
    /// </summary>
    private static string? CacheFile() =>
        Environment.GetEnvironmentVariable("TEAL_SHARED") is { } shared
            ? Path.Combine(shared, $"flags-{Environment.GetEnvironmentVariable("TEAL_SLOT")}.json")
            : null;
}
