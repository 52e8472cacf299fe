using Teal.Wire;

namespace Teal.Tests.Real.Cli;

/// <summary>The release shop-2 from v1 to v2, event by event.</summary>
internal static class Story
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly StepView[] Steps =
    [
        new(Start, "started", "0%", "v2 starts in green"),
        new(Start.AddSeconds(1), "share", "5%", "5% of users are on v2"),
        new(Start.AddSeconds(61), "share", "100%", "all users are on v2"),
        new(Start.AddSeconds(62), "drained", "100%", "v1 is drained and stays warm"),
    ];

    private static readonly ReceiptView Receipt = new(
        0,
        30,
        new Dictionary<string, long> { ["v1"] = 20, ["v2"] = 10 },
        0,
        new Dictionary<string, long>(),
        new Dictionary<string, long>(),
        [],
        0,
        0,
        0,
        true,
        Start
    );

    public static readonly ReleaseView Running = At(1, "Starting");

    public static readonly ReleaseView Done = At(4, "Ended") with { Outcome = "done", EndedAt = Start.AddSeconds(62), Receipt = Receipt };

    public static readonly ReleaseView TakenBack = At(2, "Ended") with
    {
        Outcome = "rolled_back",
        EndedAt = Start.AddSeconds(10),
        Receipt = Receipt,
    };

    public static ReleaseView At(int steps, string phase) =>
        new(
            "shop-2",
            2,
            "deploy",
            "v1",
            "v2",
            "running",
            phase,
            Math.Min(steps - 1, 2),
            2,
            Steps[steps - 1].Share,
            60_000,
            false,
            steps > 1,
            null,
            "ana",
            null,
            Start,
            null,
            Steps[..steps],
            [],
            null,
            null
        );

    public static StatusView Status(ReleaseView? release, params string[] waiting) =>
        new(1, "shop", "v1", null, "open", null, release, waiting, [], ["teal status"], 7);

    public static EventView Event(long sequence, ReleaseView release, params string[] waiting) =>
        new(sequence, Start, "shop", "share", "teal", null, Status(release, waiting));

    public static DeployAnswer Started => new("started", "shop-2", 2, 7, Status(Running));
}
