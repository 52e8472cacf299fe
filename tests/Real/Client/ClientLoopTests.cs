using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Teal.Client;
using Teal.Flags;
using Teal.Tests.Real.EndToEnd;
using Teal.Wire;

namespace Teal.Tests.Real.Client;

/// <summary>
/// An application with Teal.Client and no proxy before it, and a guarded rollout in a real server: what the client reports is all there is
/// to judge it by. The application runs before the rollout begins: everybody was told to have the old variant already.
/// </summary>
public sealed class ClientLoopTests
{
    private static readonly string[] Guarded = ["--guard", "error_rate:+2%"];

    [Fact]
    public async Task A_variant_that_fails_is_taken_back_by_what_the_client_reports_alone()
    {
        using var port = new ReservedPort();
        await using var teal = await StartAsync(port);
        await using var application = await Application.RunAsync(port, await KeyAsync(teal), failsWith: true);
        var rolled = await teal.TealAsync(["flag", "rollout", "checkout", "on", "--steps", "50%,100%", "--hold", "1m", .. Guarded]);
        Assert.True(rolled.ExitCode == 7, rolled.ToString());
        Assert.Contains("Reported by clients: ", rolled.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("at the edge", rolled.Output, StringComparison.Ordinal);
        Assert.Contains("came from the new variant", rolled.Output, StringComparison.Ordinal);
        await application.EverybodyHasAsync(false);
        var view = await ViewAsync(teal);
        Assert.Equal("taken_back", Assert.Single(view.Rollouts).Outcome);
        // Both variants were heard of, and everybody: nobody was left out for having been told before.
        Assert.All(view.Clients!.Variants, it => Assert.True(it.Outcomes > 0, view.ToString()));
    }

    [Fact]
    public async Task A_healthy_variant_goes_to_everybody_though_the_server_is_killed_on_the_way()
    {
        using var port = new ReservedPort();
        await using var teal = await StartAsync(port);
        var key = await KeyAsync(teal);
        await using var application = await Application.RunAsync(port, key, failsWith: null);
        await DoneAsync(teal, ["flag", "rollout", "checkout", "on", "--steps", "50%,100%", "--hold", "5s", "--detach", .. Guarded]);
        await ViewAsync(teal, BothAreHeardOf, "reports of both variants at 50%");
        await teal.KillServerAsync();
        await teal.RunServerAsync();
        // Its evidence went with it: the client tells it anew who has what.
        await ViewAsync(teal, BothAreHeardOf, "reports of both variants after the restart");
        var ended = await ViewAsync(teal, view => view.Rollouts[0].Outcome != "running", "the end of the rollout");
        Assert.Equal(("done", "100%"), (ended.Rollouts[0].Outcome, ended.Rollouts[0].Share));
        Assert.All(ended.Clients!.Variants, it => Assert.Equal(0, it.Failed));
        await application.EverybodyHasAsync(true);

        await using var hurried = ClientFacts.Start(port.Address, key, options => options.MostReportsWaiting = 5);
        for (var i = 0; i < 50; i++)
        {
            hurried.Report(new Outcome($"u{i}"));
        }
        await hurried.WhenAsync(status => status.Reports is { Waiting: 0, Sent: > 0 }, "its reports");
        var dropped = hurried.Status.Reports.Dropped;
        Assert.True(dropped > 0, hurried.Status.ToString());
        var clients = await DoneAsync(teal, "flag", "clients");
        Assert.Contains($" outcomes; {dropped} dropped by clients", clients.Output, StringComparison.Ordinal);
        Assert.Matches("production  reported: [1-9][0-9,]* exposures, [1-9][0-9,]* outcomes", clients.Output);
    }

    private static bool BothAreHeardOf(RolloutsView view) =>
        view.Rollouts is [{ Share: "50%" }, ..] && view.Clients is { Variants: var variants } && variants.All(it => it.Outcomes > 0);

    private static async Task<TealProcess> StartAsync(ReservedPort port)
    {
        var teal = await TealProcess.StartAsync(["--flags", $"http://127.0.0.1:{port.Number}"]);
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        return teal;
    }

    private static async Task<string> KeyAsync(TealProcess teal)
    {
        var created = await DoneAsync(teal, "token", "create", "shop", "--role", "sdk", "--environment", "production");
        return Regex.Match(created.Output, "teal_[A-Za-z0-9_-]+").Value;
    }

    private static async Task<RolloutsView> ViewAsync(TealProcess teal) =>
        (await teal.Api.GetFromJsonAsync("/api/v1/flags/checkout/rollouts", WireJson.Default.RolloutsView))!;

    private static Task<RolloutsView> ViewAsync(TealProcess teal, Func<RolloutsView, bool> fact, string what) =>
        Eventually.ReturnsAsync(async () => await ViewAsync(teal) is var view && fact(view) ? view : null, what, teal.ServerOutput);

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] command)
    {
        var done = await teal.TealAsync(command);
        Assert.True(done.ExitCode == 0, done.ToString());
        return done;
    }

    /// <summary>Serves its users one after the other, again and again, and reports how it went.</summary>
    private sealed class Application : IAsyncDisposable
    {
        private static readonly EvaluationContext[] Users =
        [
            .. Enumerable.Range(0, 40).Select(number => EvaluationContext.Of($"user-{number}")),
        ];

        private readonly CancellationTokenSource _stop = new();
        private readonly TealClient _client;
        private readonly Task _running;

        private Application(TealClient client, bool? failsWith)
        {
            _client = client;
            _running = Task.Run(() => ServeAsync(failsWith));
        }

        /// <summary>Returns when everybody was served and reported once.</summary>
        public static async Task<Application> RunAsync(ReservedPort port, string key, bool? failsWith)
        {
            var client = ClientFacts.Start(port.Address, key);
            await client.WhenAsync(status => status is { State: TealClientState.Live, Flags: 1 }, "the flag");
            var application = new Application(client, failsWith);
            await client.WhenAsync(status => status.Reports.Sent > 3 * Users.Length, "the first reports");
            return application;
        }

        public Task<TealClientStatus> EverybodyHasAsync(bool variant) =>
            _client.WhenAsync(
                _ => Users.All(user => _client.GetBoolean("checkout", !variant, user) == variant),
                $"{variant} for everybody"
            );

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _client.DisposeAsync();
            _stop.Dispose();
            Assert.False(_running.IsFaulted, _running.Exception?.ToString());
        }

        private async Task ServeAsync(bool? failsWith)
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await pace.WaitForNextTickAsync(_stop.Token))
            {
                foreach (var user in Users)
                {
                    var isOn = _client.GetBoolean("checkout", false, user);
                    _client.Report(
                        new Outcome(user.TargetingKey!) { IsFailed = isOn == failsWith, Duration = TimeSpan.FromMilliseconds(5) }
                    );
                }
            }
        }
    }
}
