using Shoppers;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>The main promise, with everything that shoppers do at once.</summary>
public sealed class ShoppersTests
{
    [Fact]
    public async Task A_release_in_steps_under_shoppers_fails_no_request_and_loses_and_doubles_no_order()
    {
        await using var teal = await TealProcess.StartAsync();
        var database = Path.Combine(teal.Root, "shop.db");
        var orders = Path.Combine(teal.Root, "orders.txt");
        await teal.ReleaseAsync("v1", Shop("v1", database));
        await using var shoppers = ShoppersRun.Start(
            new ShoppersOptions
            {
                Url = teal.Users,
                OrdersFile = orders,
                Visitors = 12,
                Strangers = 2,
                UploadTime = TimeSpan.FromSeconds(1),
                Think = TimeSpan.FromMilliseconds(50),
            }
        );
        await Eventually.ReturnsAsync(() => Task.FromResult(IsEverybodyIn(shoppers.Report) ? shoppers : null), "every kind of shopper");

        var deployed = await teal.DeployAsync("v2", Shop("v2", database));
        Assert.True(deployed.ExitCode == 0, deployed.ToString());
        Assert.Contains("0 failed requests", deployed.Output);
        var before = shoppers.Report.Requests;
        await Eventually.ReturnsAsync(() => Task.FromResult(shoppers.Report.Requests > before + 50 ? shoppers : null), "more shopping");
        var seen = await shoppers.StopAsync();

        Assert.True(seen.IsWhole, string.Join('\n', seen.Reasons));
        Assert.Equal(0, seen.AppErrors);
        Assert.All(new[] { "v1", "v2" }, version => Assert.True(seen.Versions[version].Answers > 0));
        Assert.True(seen.Versions["v1"].LastAsked <= seen.Versions["v2"].LastAnswered);
        AssertAddsUp(await teal.StatusAsync("shop"));
        var counted = OrdersCheck.Compare(orders, database);
        Assert.True(counted.IsWhole && counted is { Acknowledged: > 0, Unknown: 0 }, counted.ToString());
        Assert.Equal(counted.Acknowledged, counted.Stored);
    }

    private static void AssertAddsUp(Wire.StatusView status)
    {
        var release = status.Release!;
        Assert.Equal(["5%", "25%", "100%"], release.Steps.Where(step => step.What == "share").Select(step => step.Share));
        var receipt = release.Receipt!;
        Assert.True(receipt.AddsUp);
        Assert.Equal((0, 0), (receipt.Dropped, receipt.CutCount));
        Assert.Empty(receipt.Failed);
        Assert.Empty(receipt.Shed);
        Assert.All(new[] { "v1", "v2" }, version => Assert.True(receipt.Served[version] > 0));
        Assert.Equal(receipt.CarriedIn + receipt.Accepted, receipt.Served.Values.Sum() + receipt.ClientGone + receipt.Open);
    }

    private static bool IsEverybodyIn(ShoppersReport report) =>
        report is { Messages: > 0, Ticks: > 0 } && new[] { "get", "post", "slow", "upload" }.All(report.Kinds.ContainsKey);

    private static AppManifest Shop(string version, string database) =>
        new()
        {
            Service = "shop",
            Command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "Shop.dll")],
            Env = $"{{ SHOP_DB: '{database}', SHOP_VERSION: {version} }}",
            Steps = "[ { share: 5%, hold: 1s }, { share: 25%, hold: 1s }, { share: 100%, hold: 500ms } ]",
        };
}
