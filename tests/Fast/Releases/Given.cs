using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>Small manifests, people and reports for the machine's tests.</summary>
internal static class Given
{
    public static readonly Origin Ann = new("ann", "unix", "because");
    public static readonly Failure Broken = new("TEAL9999", "It broke.", "A test said so.");
    public static readonly Receipt Receipt = new(
        0,
        0,
        new Dictionary<string, long>(),
        0,
        new Dictionary<string, long>(),
        new Dictionary<string, long>(),
        [],
        0,
        0,
        0,
        DateTimeOffset.UnixEpoch
    );

    /// <summary>Stages written as <c>5% 60</c>: share and hold in seconds.</summary>
    public static Manifest Manifest(BreachAction onBreach, params string[] stages) =>
        new()
        {
            Service = "shop",
            Run = new RunSection { Command = ["./shop"] },
            Release = new ReleaseSection { OnBreach = onBreach, Steps = [.. stages.Select(Stage)] },
        };

    public static Manifest TwoStages => Manifest(BreachAction.Rollback, "5% 60", "100% 60");

    public static DeployRequested Deploy(string version, Manifest manifest, bool supersede = false, bool wait = true) =>
        new(version, manifest, supersede, wait, Ann);

    public static Verdict Verdict(VerdictKind kind) => new(kind, []);

    private static StageSection Stage(string text)
    {
        var parts = text.Split(' ');
        Assert.True(Share.TryParse(parts[0], out var share));
        return new StageSection { Share = share, Hold = TimeSpan.FromSeconds(int.Parse(parts[1])) };
    }
}
