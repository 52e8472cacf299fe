using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>Webhooks: told at least once, never in the way, and their address is nobody's to read.</summary>
public sealed class NotifyTests
{
    private const string Secret = "T0canaryB0";

    private static readonly AppManifest Told = new() { Notify = "[ { webhook: 'env:HOOK_URL', on: [done, not_switched, rolled_back] } ]" };

    [Fact]
    public async Task The_ends_of_releases_are_told_in_a_stable_form_and_the_address_stays_secret()
    {
        await using var hook = await Hook.ListenAsync();
        await using var teal = await TealProcess.StartAsync(variables: new() { ["HOOK_URL"] = hook.Url + Secret });
        await teal.ReleaseAsync("v1", Told);
        var plan = await teal.TealAsync("plan", "v2", "-C", Path.Combine(teal.Folder("v2", Told), "teal.yaml"), "-v");
        var bad = await teal.DeployAsync("v2", Told with { Modes = ["say=hello", "exit=3"] });
        Assert.True(bad.ExitCode == 6, bad.ToString());
        var told = await hook.HeardAsync(2);
        Assert.Equal([("done", "v1"), ("not_switched", "v2")], told.Select(notice => (notice.Event, notice.To)));
        var notice = told[1];
        Assert.Equal(("app", "app-2", "v1", "local", 1), (notice.Service, notice.Release, notice.From, notice.Actor, notice.Version));
        Assert.Equal("TEAL5003", notice.Code);
        Assert.Equal(2, told.Select(each => each.Id).Distinct().Count());
        var audit = await Eventually.ReturnsAsync(
            async () =>
                await teal.TealAsync("audit", "-s", "app", "-v", "--kind", "notice_delivered") is { } said && Count(said) == 2
                    ? said
                    : null,
            "both outcomes in the journal",
            teal.ServerOutput
        );
        Assert.Contains("by teal from teal", audit.Output);
        await teal.KillServerAsync();
        Assert.DoesNotContain(Secret, $"{plan}{bad}{audit}{teal.ServerOutput()}");
        var files = Directory
            .EnumerateFiles(teal.Root, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".sock", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => File.ReadAllText(file).Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_fails_is_asked_again_and_the_release_does_not_wait_for_it()
    {
        await using var hook = await Hook.ListenAsync();
        hook.Answers = [HttpStatusCode.InternalServerError, HttpStatusCode.NoContent];
        await using var teal = await TealProcess.StartAsync(variables: new() { ["HOOK_URL"] = hook.Url });
        await teal.ReleaseAsync("v1", Told);
        var told = await hook.HeardAsync(2);
        Assert.Equal(told[0], told[1]);
        Assert.Equal(hook.Ids.Distinct(), [told[0].Id]);
    }

    [Fact]
    public async Task What_was_not_told_before_the_server_died_is_told_after_its_restart()
    {
        await using var hook = await Hook.ListenAsync();
        hook.IsDeaf = true;
        await using var teal = await TealProcess.StartAsync(variables: new() { ["HOOK_URL"] = hook.Url });
        await teal.ReleaseAsync("v1", Told);
        await teal.KillServerAsync();
        hook.IsDeaf = false;
        await teal.RunServerAsync();
        Assert.Contains(await hook.HeardAsync(1), notice => (notice.Event, notice.To) == ("done", "v1"));
    }

    [Theory]
    [InlineData(null, "env:HOOK_URL is not there")]
    [InlineData("file:///etc/passwd", "env:HOOK_URL holds no address")]
    public async Task A_webhook_that_cannot_be_used_is_said_before_anything_is_released(string? url, string why)
    {
        await using var teal = await TealProcess.StartAsync(variables: url is null ? [] : new() { ["HOOK_URL"] = url });
        var refused = await teal.DeployAsync("v1", Told);
        Assert.True(refused.ExitCode == 2, refused.ToString());
        Assert.Contains("TEAL8216", refused.Error);
        Assert.Contains(why, refused.Error);
    }

    [Theory]
    [InlineData(HttpStatusCode.Redirect, "a redirect is not followed")]
    [InlineData(HttpStatusCode.Forbidden, "it answered 403")]
    public async Task What_will_never_be_taken_is_given_up_and_journaled(HttpStatusCode status, string why)
    {
        await using var hook = await Hook.ListenAsync();
        hook.Answers = [status];
        await using var teal = await TealProcess.StartAsync(variables: new() { ["HOOK_URL"] = hook.Url });
        await teal.ReleaseAsync("v1", Told);
        var failed = await Eventually.ReturnsAsync(
            async () =>
                await teal.TealAsync("audit", "-s", "app", "-v", "--kind", "notice_failed") is { } said && Count(said) == 1 ? said : null,
            "the failure in the journal",
            teal.ServerOutput
        );
        Assert.Contains($"TEAL8217: env:HOOK_URL did not take the message: ", failed.Output);
        Assert.Contains(why, failed.Output);
        Assert.Single(await hook.HeardAsync(1));
    }

    private static int Count(CliResult audit) =>
        audit.Output.Split('\n').Count(line => line.Contains(" by teal ", StringComparison.Ordinal));

    /// <summary>A receiver on loopback.</summary>
    private sealed class Hook : IAsyncDisposable
    {
        private readonly ConcurrentQueue<NoticeView> _heard = new();
        private readonly ConcurrentQueue<string> _ids = new();
        private readonly WebApplication _app;
        private int _asked;

        private Hook(WebApplication app) => _app = app;

        public string Url => _app.Urls.First() + "/hooks/";

        /// <summary>One after the other; the last one stays.</summary>
        public IReadOnlyList<HttpStatusCode> Answers { get; set; } = [HttpStatusCode.OK];

        /// <summary>Takes connections, reads nothing.</summary>
        public volatile bool IsDeaf;

        public IEnumerable<string> Ids => _ids;

        public static async Task<Hook> ListenAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var hook = new Hook(builder.Build());
            hook._app.Run(hook.HearAsync);
            await hook._app.StartAsync();
            return hook;
        }

        public Task<IReadOnlyList<NoticeView>> HeardAsync(int least) =>
            Eventually.ReturnsAsync(
                () => Task.FromResult(_heard.Count >= least ? (IReadOnlyList<NoticeView>)[.. _heard] : null),
                $"{least} messages"
            );

        public async ValueTask DisposeAsync()
        {
            using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
            await _app.StopAsync(atOnce.Token);
            await _app.DisposeAsync();
        }

        private async Task HearAsync(HttpContext http)
        {
            if (IsDeaf)
            {
                http.Abort();
                return;
            }
            var notice = await JsonSerializer.DeserializeAsync(http.Request.Body, WireJson.Default.NoticeView, http.RequestAborted);
            _ids.Enqueue(http.Request.Headers["Teal-Notice"].ToString());
            http.Response.StatusCode = (int)Answers[Math.Min(Interlocked.Increment(ref _asked) - 1, Answers.Count - 1)];
            http.Response.Headers.Location = "http://127.0.0.1:1/";
            _heard.Enqueue(notice!);
        }
    }
}
