using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop;

/// <summary>What one version of the shop is like: <c>shop.json</c> in its folder; the database comes from the environment.</summary>
internal sealed record ShopSettings
{
    private const string File = "shop.json";

    // Set, not init: the generated reader gives an init property that the file leaves out no value, and so takes its default away.
    public string Version { get; set; } = Environment.GetEnvironmentVariable("TEAL_VERSION") ?? "dev";
    public string Color { get; set; } = "teal";
    public FaultSettings Faults { get; set; } = new();

    /// <summary>Shared by all versions and instances; from SHOP_DB.</summary>
    [JsonIgnore]
    public string Database { get; init; } = "shop.db";

    /// <exception cref="JsonException">shop.json is not what it should be.</exception>
    public static ShopSettings Load(string folder)
    {
        var path = Path.Combine(folder, File);
        var settings = System.IO.File.Exists(path)
            ? JsonSerializer.Deserialize(System.IO.File.ReadAllText(path), ShopJson.Default.ShopSettings)!
            : new ShopSettings();
        return settings with
        {
            Version = Environment.GetEnvironmentVariable("SHOP_VERSION") ?? settings.Version,
            Database = Environment.GetEnvironmentVariable("SHOP_DB") ?? Path.Combine(folder, "shop.db"),
        };
    }
}

/// <summary>What is wrong with a version, on purpose. All off by default.</summary>
/// <param name="ErrorRate">Part of the requests that are answered 500, 0 to 1; the health check stays good.</param>
/// <param name="DelayMs">Added to every answer but the health check's.</param>
/// <param name="IsUnhealthy">The health check answers 503.</param>
/// <param name="NeverListens">Runs, and opens no port.</param>
/// <param name="ExitsAtOnce">Ends with 3 before it listens.</param>
/// <param name="ExitsAfterMs">Dies by itself, that long after its start.</param>
/// <param name="IgnoresSigterm">Has to be killed.</param>
/// <param name="FloodsOutput">Writes to its output as fast as it can.</param>
internal sealed record FaultSettings(
    double ErrorRate = 0,
    int DelayMs = 0,
    bool IsUnhealthy = false,
    bool NeverListens = false,
    bool ExitsAtOnce = false,
    int ExitsAfterMs = 0,
    bool IgnoresSigterm = false,
    bool FloodsOutput = false
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(ShopSettings))]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(TakenOrder))]
[JsonSerializable(typeof(CheckoutPage))]
[JsonSerializable(typeof(OrderCount))]
[JsonSerializable(typeof(Product[]))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(Home))]
internal sealed partial class ShopJson : JsonSerializerContext;
