using Teal.Wire;

namespace Teal.Tests.Fast.Cli;

/// <summary>A release of the shop, as the server would tell of it.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly ReceiptView Receipt = new(
        2,
        1232,
        new Dictionary<string, long> { ["v1"] = 800, ["v2"] = 430 },
        4,
        new Dictionary<string, long>(),
        new Dictionary<string, long>(),
        [],
        0,
        0,
        0,
        true,
        Start
    );

    public static readonly ReleaseView Release = new(
        "shop-2",
        2,
        "deploy",
        "v1",
        "v2",
        "running",
        "Observing",
        1,
        3,
        "5%",
        60_000,
        false,
        true,
        null,
        "ana",
        null,
        Start,
        null,
        [Step(0, "started", "0%", "v2 starts in green"), Step(2, "share", "5%", "5% of users are on v2")],
        [],
        null,
        null
    );

    public static readonly StatusView Status = new(
        1,
        "shop",
        "v1",
        null,
        "open",
        null,
        Release,
        [],
        [
            new SlotView("blue", "v1", "Serving", "95%", [new InstanceView("shop.blue.1.0", 10, 5001, true, 0, 12.3, 50 << 20, 3, "200")]),
            new SlotView("green", "v2", "Serving", "5%", [new InstanceView("shop.green.2.0", 11, 5002, false, 1, null, null, 0, "503")]),
        ],
        ["teal watch", "teal abort"],
        7
    );

    public static StepView Step(double seconds, string what, string share, string words) =>
        new(Start.AddSeconds(seconds), what, share, words);
}
