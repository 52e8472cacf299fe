using Teal.Flags;
using Teal.Releases;

namespace Teal.Tests.Simulation;

/// <summary>What becomes of a version.</summary>
public enum Fate
{
    Good,

    /// <summary>The guard finds it broken.</summary>
    Bad,

    /// <summary>It is good at first.</summary>
    BadLater,

    /// <summary>Nobody asks it anything: the guard never has data.</summary>
    Silent,

    /// <summary>The guard is not sure for a while.</summary>
    Doubtful,

    /// <summary>It never becomes healthy.</summary>
    Stillborn,
}

/// <summary>How hard a run is: the releases, and the probabilities of what disturbs them.</summary>
public sealed record Scenario(int Releases, CrashPlan Crashes, Func<int, Fate> FateOf, IReadOnlyList<Manifest> Manifests)
{
    /// <summary>Somebody decides where a release asks for it.</summary>
    public bool PersonHelps { get; init; } = true;
    public double EffectFails { get; init; }
    public double OutcomeIsLateOrDouble { get; init; }
    public double InstanceDies { get; init; }
    public double PersonMeddles { get; init; }
    public double DiskFills { get; init; }
    public double ClockJumps { get; init; }

    /// <summary>Of a flag, beside the releases.</summary>
    public int Rollouts { get; init; }

    /// <summary>Everything at once, to a degree that the seed decides.</summary>
    public static Scenario ByChance(Random chance)
    {
        var fates = chance.Next();
        return new Scenario(
            4,
            CrashPlan.ByChance(new Random(chance.Next()), Pick(chance, 0, 0.003, 0.03)),
            version => FateByChance(new Random(unchecked(fates + (version * 7919)))),
            [Manifest("100% 0"), Manifest("5% 4", "100% 0"), Manifest("1% 2", "25% 6", "100% 5"), Manifest("50% 0", "100% 3"), Pausing()]
        )
        {
            EffectFails = Pick(chance, 0, 0.01, 0.08),
            OutcomeIsLateOrDouble = Pick(chance, 0, 0.1, 0.3),
            InstanceDies = Pick(chance, 0, 0.02, 0.15),
            PersonMeddles = Pick(chance, 0, 0.05, 0.3),
            DiskFills = Pick(chance, 0, 0, 0.02),
            ClockJumps = Pick(chance, 0, 0.02, 0.02),
            Rollouts = (int)Pick(chance, 0, 2, 3),
        };
    }

    /// <summary>A first release and a second one with two stages, undisturbed but for one crash.</summary>
    public static Scenario Scripted(Fate second, CrashPlan crashes) =>
        new(2, crashes, version => version == 1 ? Fate.Good : second, [Manifest("5% 4", "100% 2")]) { PersonHelps = false };

    private static double Pick(Random chance, params double[] of) => of[chance.Next(of.Length)];

    private static Fate FateByChance(Random chance) =>
        chance.Next(100) switch
        {
            < 55 => Fate.Good,
            < 64 => Fate.Bad,
            < 72 => Fate.BadLater,
            < 80 => Fate.Silent,
            < 92 => Fate.Doubtful,
            _ => Fate.Stillborn,
        };

    private static Manifest Pausing()
    {
        var manifest = Manifest("10% 4", "100% 2");
        return manifest with { Release = manifest.Release with { OnBreach = BreachAction.Pause } };
    }

    /// <summary>Stages written as <c>5% 4</c>: share and hold in seconds.</summary>
    private static Manifest Manifest(params string[] stages) =>
        new()
        {
            Service = "shop",
            Run = new RunSection { Command = ["./shop"] },
            Release = new ReleaseSection
            {
                Steps = [.. stages.Select(Stage)],
                Drain = TimeSpan.FromSeconds(15),
                KeepPrevious = TimeSpan.FromSeconds(40),
            },
        };

    private static StageSection Stage(string text)
    {
        var parts = text.Split(' ');
        return Share.TryParse(parts[0], out var share)
            ? new StageSection { Share = share, Hold = TimeSpan.FromSeconds(int.Parse(parts[1])) }
            : throw new FormatException(text);
    }
}
