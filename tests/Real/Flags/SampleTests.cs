using System.Text.Json;
using System.Text.RegularExpressions;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>The samples' flags as a reader would copy them: real processes, released by the real server.</summary>
public sealed partial class SampleTests
{
    private const string Customer = "ada";

    [Fact]
    public async Task A_change_reaches_the_shop_by_Teal_Client_and_a_shop_that_starts_without_the_flags_port_goes_by_its_file()
    {
        using var flags = new ReservedPort();
        await using var teal = await StartAsync(flags);
        await DoneAsync(teal, "flag", "create", "express-checkout", "--owner", "shop");
        await teal.ReleaseAsync("v1", await ShopAsync(teal, flags));
        await AnswersAsync(teal, "/checkout", "way", "usual");
        await DoneAsync(teal, "flag", "set", "express-checkout", "on");
        await AnswersAsync(teal, "/checkout", "way", "express");
        var clients = await DoneAsync(teal, "flag", "clients");
        Assert.Contains("shop.", clients.Output, StringComparison.Ordinal);

        // Nobody listens where the next one looks for flags: only the file has them.
        var shared = Path.Combine(teal.Home, "shared", "shop");
        var kept = Directory.GetFiles(shared, "flags-*.json");
        var file = Assert.Single(kept);
        File.Copy(file, Path.Combine(shared, "flags-green.json"), overwrite: true);
        File.Copy(file, Path.Combine(shared, "flags-blue.json"), overwrite: true);
        using var nobody = new ReservedPort();
        await teal.ReleaseAsync("v2", await ShopAsync(teal, nobody));
        await AnswersAsync(teal, "/checkout", "way", "express");
        Assert.Equal("v2", (await AskAsync(teal, "/checkout"))!.Value.GetProperty("version").GetString());
    }

    [Fact]
    public async Task A_shop_that_has_no_flags_at_all_sells_as_before()
    {
        await using var teal = await TealProcess.StartAsync();
        await teal.ReleaseAsync("v1", Shop($"{{ SHOP_DB: '{teal.Root}/shop.db', SHOP_VERSION: v1 }}"));
        await AnswersAsync(teal, "/checkout", "way", "usual");
        Assert.Equal(201, await OrderAsync(teal, 0));
    }

    [Fact]
    public async Task A_bug_behind_the_shops_flag_is_taken_back_by_what_the_shop_reports_alone()
    {
        using var flags = new ReservedPort();
        await using var teal = await StartAsync(flags);
        await DoneAsync(teal, "flag", "create", "express-checkout", "--owner", "shop");
        await teal.ReleaseAsync("v1", await ShopAsync(teal, flags));
        await using var rollout = teal.Begin([
            "flag",
            "rollout",
            "express-checkout",
            "on",
            "--steps",
            "50%,100%",
            "--hold",
            "1m",
            "--guard",
            "error_rate:+2%",
        ]);
        var ended = rollout.EndAsync();
        var statuses = new HashSet<int>();
        for (var order = 0; !ended.IsCompleted; order++)
        {
            statuses.Add(await OrderAsync(teal, order));
        }
        var rolled = await ended;
        Assert.True(rolled.ExitCode == 7, rolled.ToString());
        Assert.Contains("Reported by clients: ", rolled.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("at the edge", rolled.Output, StringComparison.Ordinal);
        Assert.Equal([201, 500], statuses.Order());
        await AnswersAsync(teal, "/checkout", "way", "usual");
    }

    [Fact]
    public async Task The_Node_service_is_told_its_flag_by_OpenFeature_reports_and_ends_when_asked()
    {
        Assert.SkipWhen(await NodeClients.Delivery is var missing && missing is not null, missing ?? "");
        using var flags = new ReservedPort();
        await using var teal = await StartAsync(flags);
        await DoneAsync(teal, "flag", "create", "same-day-delivery", "--owner", "delivery");
        await teal.ReleaseAsync("v1", Delivery($"{{ {await FlagsAsync(teal, flags)} }}"));
        await AnswersAsync(teal, "/delivery", "arrives", "in 3 days");
        await DoneAsync(teal, "flag", "set", "same-day-delivery", "on");
        await AnswersAsync(teal, "/delivery", "arrives", "today");
        await Eventually.ReturnsAsync(
            async () => Outcomes().IsMatch(await teal.Api.GetStringAsync("/metrics")) ? teal : null,
            "an outcome of the Node service",
            teal.ServerOutput
        );

        // Without flags it answers by its own default; the version before is asked to end, and does so by itself.
        await teal.ReleaseAsync("v2", Delivery("{}"));
        await AnswersAsync(teal, "/delivery", "arrives", "in 3 days");
        await Eventually.ReturnsAsync(
            async () =>
                (await DoneAsync(teal, "logs", "-s", "delivery")).Output.Contains("delivery v1 has ended", StringComparison.Ordinal)
                    ? teal
                    : null,
            "its last word",
            teal.ServerOutput
        );
    }

    private static Task<TealProcess> StartAsync(ReservedPort flags) =>
        TealProcess.StartAsync(["--flags", $"http://127.0.0.1:{flags.Number}"]);

    private static async Task<AppManifest> ShopAsync(TealProcess teal, ReservedPort flags) =>
        Shop($"{{ SHOP_DB: '{teal.Root}/shop.db', {await FlagsAsync(teal, flags)} }}");

    private static AppManifest Shop(string env) =>
        new()
        {
            Service = "shop",
            Command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "Shop.dll")],
            Env = env,
        };

    private static AppManifest Delivery(string env) =>
        new()
        {
            Service = "delivery",
            Command = ["node", Path.Combine(NodeClients.DeliveryFolder, "server.js")],
            Routes = "[ { path: /delivery } ]",
            Env = env,
            KeepPrevious = "0s",
        };

    /// <summary>The variables of both samples: a key of the role sdk, and where flags are.</summary>
    private static async Task<string> FlagsAsync(TealProcess teal, ReservedPort flags)
    {
        var created = await DoneAsync(teal, "token", "create", "--role", "sdk", "--environment", "production", "--quiet");
        return $"FLAGS_URL: '{flags.Address}', FLAGS_KEY: {created.Output.Trim()}";
    }

    private static Task<object> AnswersAsync(TealProcess teal, string path, string member, string expected)
    {
        var last = "nothing";
        return Eventually.ReturnsAsync<object>(
            async () =>
            {
                var answer = await AskAsync(teal, path);
                last = answer?.ToString() ?? "an error";
                return answer?.GetProperty(member).GetString() == expected ? last : null;
            },
            $"{path} to answer {expected}",
            () => $"{last}\n{teal.ServerOutput()}"
        );
    }

    private static async Task<JsonElement?> AskAsync(TealProcess teal, string path)
    {
        using var answer = await SendAsync(teal, new HttpRequestMessage(HttpMethod.Get, path), Customer);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement : null;
    }

    private static async Task<int> OrderAsync(TealProcess teal, int order)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = new StringContent($$"""{"id":"order-{{order}}","product":"cup","quantity":1}"""),
        };
        request.Content.Headers.ContentType = new("application/json");
        using var answer = await SendAsync(teal, request, $"customer-{order % 200}");
        return (int)answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(TealProcess teal, HttpRequestMessage request, string customer)
    {
        using var sent = request;
        using var user = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = teal.Users };
        request.Headers.Add("Cookie", $"teal-cohort={customer}");
        return await user.SendAsync(request);
    }

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] arguments)
    {
        var result = await teal.TealAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    [GeneratedRegex("teal_flag_outcomes_total\\{environment=\"production\"\\} [1-9]")]
    private static partial Regex Outcomes();
}
