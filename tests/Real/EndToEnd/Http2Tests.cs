using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Teal.Tests.Real.Traffic;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>HTTP/2 from the user to the app, with the real server and real processes in between.</summary>
public sealed class Http2Tests
{
    private static readonly AppManifest Http2 = new("h2")
    {
        Protocol = "h2",
        KeepPrevious = "0s",
        Drain = "2m",
    };

    [Fact]
    public async Task A_stream_that_began_on_the_old_version_ends_there_and_the_next_one_is_on_the_new()
    {
        await using var teal = await TealProcess.StartAsync(["--listen", "h2c://127.0.0.1:0"]);
        await teal.ReleaseAsync("v1", Http2);
        var server = await teal.Api.GetFromJsonAsync("/api/v1/server", WireJson.Default.ServerView);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(server!.Listen[1]).Port}") };
        var pipe = new Pipe();
        using var request = RequestOf(HttpMethod.Post, "/echo", new FlushedContent(pipe.Reader));
        request.Content!.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        await pipe.Writer.WriteAsync("one"u8.ToArray());
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.Equal("one", await ReadAsync(body, 3));
        Assert.Equal("v1", answer.Headers.GetValues("x-app-version").Single());

        await using var deploy = teal.BeginDeploy("v2", Http2);
        await teal.StatusWhenAsync(status => status.Release is { To: "v2", Phase: "draining" }, "the drain of v1");
        using var other = await client.SendAsync(RequestOf(HttpMethod.Get, "/"));
        Assert.Equal((HttpVersion.Version20, "v2"), (other.Version, other.Headers.GetValues("x-app-version").Single()));
        await pipe.Writer.WriteAsync("two"u8.ToArray());
        Assert.Equal("two", await ReadAsync(body, 3));
        await pipe.Writer.CompleteAsync();
        Assert.Equal("", await ReadAsync(body, 1));
        var deployed = await deploy.EndAsync();
        Assert.True(deployed.ExitCode == 0, deployed.ToString());
        Assert.True((await teal.StatusAsync()).Release!.Receipt is { AddsUp: true, CutCount: 0, Dropped: 0 });
    }

    private static HttpRequestMessage RequestOf(HttpMethod method, string path, HttpContent? content = null) =>
        new(method, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };

    /// <summary>That many bytes, or fewer at the end.</summary>
    private static async Task<string> ReadAsync(Stream body, int count)
    {
        var buffer = new byte[count];
        return Encoding.ASCII.GetString(buffer, 0, await body.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false));
    }
}
