using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Teal.Tests.Real.EndToEnd;
using Teal.Wire;

namespace Teal.Tests.Real.Rollouts;

/// <summary>A rollout of a flag that no proxy knows of: what applications report is all there is to judge it by.</summary>
public sealed class ClientEvidenceTests
{
    private static readonly string[] Guarded = ["--guard", "error_rate:+2%"];

    [Fact]
    public async Task A_variant_that_fails_is_taken_back_by_what_clients_report_alone_and_the_words_say_so()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await using var application = Application.Run(teal, failsWith: "on");
        var rolled = await teal.TealAsync(["flag", "rollout", "checkout", "on", "--steps", "50%,100%", "--hold", "1m", .. Guarded]);
        Assert.True(rolled.ExitCode == 7, rolled.ToString());
        Assert.Contains("Reported by clients: ", rolled.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("at the edge", rolled.Output, StringComparison.Ordinal);
        Assert.Contains("came from the new variant", rolled.Output, StringComparison.Ordinal);
        var metrics = await teal.Api.GetStringAsync("/metrics");
        Assert.Contains("teal_flag_outcomes_total{environment=\"production\"} ", metrics, StringComparison.Ordinal);
        Assert.Matches("teal_rollout_outcomes_failed\\{environment=\"production\",flag=\"checkout\",variant=\"on\"\\} [1-9]", metrics);
    }

    [Fact]
    public async Task A_healthy_variant_goes_to_everybody_and_what_was_reported_is_shown()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await using var application = Application.Run(teal, failsWith: null);
        await DoneAsync(teal, ["flag", "rollout", "checkout", "on", "--steps", "50%,100%", "--hold", "2s", .. Guarded]);
        var clients = await DoneAsync(teal, "flag", "clients");
        Assert.Matches("production  reported: 0 exposures, [1-9][0-9,]* outcomes; 0 dropped by clients", clients.Output);
        var view = await teal.Api.GetFromJsonAsync("/api/v1/flags/checkout/rollouts", WireJson.Default.RolloutsView);
        Assert.Equal(["off", "on"], view!.Clients!.Variants.Select(it => it.Variant));
        Assert.All(view.Clients.Variants, it => Assert.True(it.Outcomes >= 20 && it.Failed == 0, it.ToString()));
    }

    [Fact]
    public async Task Without_a_report_it_stands_still_and_without_clients_the_edge_is_asked_as_before()
    {
        await using var teal = await TealProcess.StartAsync();
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        var rolled = await teal.TealAsync([
            "flag",
            "rollout",
            "checkout",
            "on",
            "--steps",
            "50%,100%",
            "--hold",
            "1s",
            "--no-input",
            .. Guarded,
        ]);
        Assert.True(rolled.ExitCode == 8, rolled.ToString());
        Assert.Contains("no data", rolled.Error, StringComparison.Ordinal);
    }

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] arguments)
    {
        var result = await teal.TealAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    /// <summary>A service on remote evaluation: asks over OFREP for each of its users, and reports what became of what they did.</summary>
    private sealed class Application : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        private Application(TealProcess teal, string? failsWith) => _running = Task.Run(() => RunAsync(teal, failsWith, _stop.Token));

        public static Application Run(TealProcess teal, string? failsWith) => new(teal, failsWith);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.False(_running.IsFaulted, _running.Exception?.ToString());
            _stop.Dispose();
        }

        private static async Task RunAsync(TealProcess teal, string? failsWith, CancellationToken ct)
        {
            for (var batch = 1; ; batch++)
            {
                var outcomes = new List<OutcomeEvent>();
                for (var user = 0; user < 20; user++)
                {
                    var unit = $"user-{user}";
                    var failed = await VariantAsync(teal, unit, ct) == failsWith;
                    outcomes.Add(new OutcomeEvent(unit, DateTimeOffset.UtcNow, failed, Ms: 5));
                }
                var events = new ClientEventsRequest("application", batch, [], outcomes);
                using var answer = await teal.Api.PostAsJsonAsync("/client/v1/events", events, WireJson.Default.ClientEventsRequest, ct);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
        }

        private static async Task<string?> VariantAsync(TealProcess teal, string unit, CancellationToken ct)
        {
            using var answer = await teal.Api.PostAsJsonAsync(
                "/ofrep/v1/evaluate/flags/checkout",
                new { context = new { targetingKey = unit } },
                ct
            );
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("variant").GetString();
        }
    }
}
