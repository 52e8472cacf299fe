using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Teal.Tests.Real.Flags;

/// <summary>The site of the web test: one page, and the published modules as they are, found by an import map. No build step.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private const string Page = """
        <!doctype html>
        <meta charset="utf-8">
        <link rel="icon" href="data:,">
        <script type="importmap">
        {
          "imports": {
            "@openfeature/core": "/modules/@openfeature/core/dist/esm/index.js",
            "@openfeature/web-sdk": "/modules/@openfeature/web-sdk/dist/esm/index.js",
            "@openfeature/ofrep-core": "/modules/@openfeature/ofrep-web-provider/node_modules/@openfeature/ofrep-core/index.esm.js",
            "@openfeature/ofrep-web-provider": "/modules/@openfeature/ofrep-web-provider/index.esm.js"
          }
        }
        </script>
        <script type="module" src="/page.mjs"></script>
        """;

    private readonly WebApplication _app;

    private PageServer(WebApplication app) => _app = app;

    public string Origin => _app.Urls.Single();

    public static async Task<PageServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/page.html", () => Results.Content(Page, "text/html"));
        app.MapGet("/page.mjs", () => Results.File(Path.Combine(NodeClients.Folder, "page.mjs"), "text/javascript"));
        app.MapGet("/modules/{**path}", (string path) => Module(path));
        await app.StartAsync();
        return new PageServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Module(string path)
    {
        var file = new PhysicalFileProvider(Path.Combine(NodeClients.Folder, "node_modules")).GetFileInfo(path);
        return file.PhysicalPath is { } physical && file.Exists ? Results.File(physical, "text/javascript") : Results.NotFound();
    }
}
