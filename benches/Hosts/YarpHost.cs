using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Teal.Bench.Hosts;

/// <summary>YARP as its own documentation starts with it: routes and clusters from configuration, nothing else changed.</summary>
internal static class YarpHost
{
    public static async Task RunAsync(string listen, string upstream)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration["ReverseProxy:Routes:shop:ClusterId"] = "shop";
        builder.Configuration["ReverseProxy:Routes:shop:Match:Path"] = "{**rest}";
        builder.Configuration["ReverseProxy:Clusters:shop:Destinations:a:Address"] = upstream;
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync(listen);
    }
}
