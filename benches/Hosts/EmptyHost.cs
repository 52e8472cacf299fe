using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Teal.Bench.Hosts;

/// <summary>An ASP.NET Core minimal endpoint that does nothing: what a request costs before anything is done for it.</summary>
internal static class EmptyHost
{
    public static async Task RunAsync(string listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add(listen);
        app.MapPost("/empty", () => Results.Ok());
        await app.RunAsync();
    }
}
