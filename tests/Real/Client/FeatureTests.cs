using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.AspNetCore;
using Microsoft.FeatureManagement.FeatureFilters;
using Microsoft.FeatureManagement.Mvc;
using Teal.Client;
using Teal.Tests.Real.Flags;

namespace Teal.Tests.Real.Client;

/// <summary>An ASP.NET Core application that knows Microsoft.FeatureManagement only, on Teal's flags.</summary>
public sealed class FeatureTests
{
    [Fact]
    public async Task A_gate_opens_for_whom_the_flag_is_on_and_when_it_is()
    {
        await using var teal = await FlagServer.StartAsync();
        teal.Show(Document);
        await using var app = await AppAsync(services =>
            services.AddTealFlags(options => (options.Address, options.Key) = (teal.Ofrep, teal.Key()))
        );
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/gated?user=u1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/gated?user=u1&group=gold"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/action?user=u1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/action?user=u1&group=gold"));
        // A host's start waits for flags: the first request has them.
        Assert.Equal(TealClientState.Live, app.Services.GetRequiredService<TealClient>().Status.State);
        Assert.Equal("Healthy", await http.GetStringAsync("/healthz"));
        teal.Board.Close();
        await app.Services.GetRequiredService<TealClient>().WhenAsync(status => status.State == TealClientState.Stale, "the loss");
        Assert.Equal("Degraded", await http.GetStringAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/gated?user=u1&group=gold"));
    }

    [Fact]
    public async Task Variants_come_with_their_configuration_and_the_package_itself_may_be_registered_too()
    {
        await using var app = await AppAsync(services =>
        {
            services.AddFeatureManagement();
            services.AddTealFlags(TealClient.FromDocument(Document));
        });
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal("dark #fff 2 b", await http.GetStringAsync("/theme?user=u1"));
        Assert.Equal("plain Hello", await http.GetStringAsync("/headline?user=u1"));
        Assert.Equal("none", await http.GetStringAsync("/variant-of-nothing?user=u1"));
        Assert.Equal("headline,new-checkout,theme", await http.GetStringAsync("/names"));
    }

    [Fact]
    public async Task A_request_sees_one_world_from_its_first_question_to_its_last()
    {
        var client = TealClient.FromDocument(Document);
        await using var app = await AppAsync(services => services.AddTealFlags(client));
        await using var scope = app.Services.CreateAsyncScope();
        var request = scope.ServiceProvider.GetRequiredService<IVariantFeatureManagerSnapshot>();
        var live = app.Services.GetRequiredService<IVariantFeatureManager>();
        var gold = new TargetingContext { UserId = "u1", Groups = ["gold"] };
        Assert.True(await request.IsEnabledAsync("new-checkout", gold));
        client.SetDocument("""{"flags":{}}""");
        Assert.True(await request.IsEnabledAsync("new-checkout", gold));
        // And yet each user is asked for as who they are: the package's own snapshot remembers the first answer for all.
        Assert.False(await request.IsEnabledAsync("new-checkout", new TargetingContext { UserId = "u2" }));
        Assert.False(await live.IsEnabledAsync("new-checkout", gold));
    }

    [Fact]
    public async Task An_application_starts_without_a_server_by_its_own_defaults()
    {
        using var nobody = new ReservedPort();
        await using var app = await AppAsync(services =>
            services.AddTealFlags(options =>
            {
                (options.Address, options.Key) = (nobody.Address, "teal_key");
                options.StartTimeout = TimeSpan.FromMilliseconds(50);
            })
        );
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/gated?user=u1&group=gold"));
        using var health = await http.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    private const string Document = """
        {"flags": {
          "headline": {"state": "ENABLED", "variants": {"plain": "Hello"}, "defaultVariant": "plain"},
          "new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
            "targeting": {"if": [{"in": ["gold", {"var": "groups"}]}, "on", null]}},
          "theme": {"state": "ENABLED", "variants": {"dark": {"ink": "#fff", "size": 2, "list": ["a", "b"]}}, "defaultVariant": "dark"}
        }}
        """;

    private static async Task<WebApplication> AppAsync(Action<IServiceCollection> flags)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddHttpContextAccessor().AddSingleton<ITargetingContextAccessor, QueryTargeting>();
        flags(builder.Services);
        builder.Services.AddHealthChecks().AddCheck<TealClientHealth>("teal");
        builder.Services.AddControllers().AddApplicationPart(typeof(FeatureTests).Assembly);
        var app = builder.Build();
        app.MapHealthChecks("/healthz");
        app.MapControllers();
        app.MapGet("/gated", () => "open").WithFeatureGate("new-checkout");
        app.MapGet("/theme", async (IVariantFeatureManagerSnapshot features) => await ThemeAsync(features));
        app.MapGet(
            "/headline",
            async (IVariantFeatureManagerSnapshot features) =>
                await features.GetVariantAsync("headline") is var variant ? $"{variant.Name} {variant.Configuration.Value}" : "none"
        );
        app.MapGet(
            "/variant-of-nothing",
            async (IVariantFeatureManager features) => await features.GetVariantAsync("nothing") is { } some ? some.Name : "none"
        );
        app.MapGet(
            "/names",
            async (IFeatureManager features) => string.Join(',', (await features.GetFeatureNamesAsync().ToListAsync()).Order())
        );
        await app.StartAsync();
        return app;
    }

    private static async Task<string> ThemeAsync(IVariantFeatureManagerSnapshot features)
    {
        var theme = await features.GetVariantAsync("theme");
        var (ink, size) = (theme.Configuration["ink"], theme.Configuration.GetValue<int>("size"));
        return $"{theme.Name} {ink} {size} {theme.Configuration["list:1"]}";
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return answer.StatusCode;
    }

    /// <summary>Who the user is, as an application says it.</summary>
    private sealed class QueryTargeting(IHttpContextAccessor http) : ITargetingContextAccessor
    {
        public ValueTask<TargetingContext> GetContextAsync()
        {
            var query = http.HttpContext!.Request.Query;
            return new(new TargetingContext { UserId = query["user"], Groups = query["group"].OfType<string>() });
        }
    }
}

/// <summary>A controller with the package's attribute.</summary>
[ApiController]
public sealed class GatedController : ControllerBase
{
    [FeatureGate("new-checkout")]
    [HttpGet("/action")]
    public string Get() => "open";
}
