using Shop;

// A shop as small as a shop can be that still has everything a release can break: reads, writes that must not be lost or doubled,
// slow answers, uploads, WebSockets and event streams. Its version and its faults stand in shop.json beside it.
var settings = ShopSettings.Load(AppContext.BaseDirectory);
Faults.BeforeListening(settings.Faults);

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 1L << 30);
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));

builder.Services.AddShopFlags();
builder.Services.AddSingleton(new Orders(settings.Database));
builder.Services.AddSingleton<Checkout>();

await using var app = builder.Build();
app.UseWebSockets();
app.Use(Faults.Middleware(settings));
app.MapShop(settings);
Console.WriteLine($"shop {settings.Version} starts");
Faults.WhileRunning(settings.Faults, app.Lifetime);
await app.RunAsync();
