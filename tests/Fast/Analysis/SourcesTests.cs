using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Monitoring;

namespace Teal.Tests.Fast.Analysis;

/// <summary>More than one who sees how users fare: each is judged by itself, and the worst word counts.</summary>
public sealed class SourcesTests
{
    private static readonly Guard Increase = new(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005);
    private static readonly RolloutKey Key = new("production", "checkout");

    private readonly Seen _edge = new();
    private readonly Seen _clients = new();

    [Fact]
    public void A_breach_that_one_source_proves_is_not_outvoted_by_the_good_news_of_another()
    {
        var bad = Judged("reported by clients", Arm.Of(100, 50), Arm.Of(100));
        var good = Judged("seen at the edge", Arm.Of(100_000), Arm.Of(100_000));
        var both = Judge.Worst([good, bad]);
        Assert.Equal(VerdictKind.Rollback, both.Kind);
        Assert.StartsWith("Seen at the edge: No errors", both.Findings[0].Words, StringComparison.Ordinal);
        Assert.StartsWith("Reported by clients: 50 of the 50 errors", both.Findings[1].Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_has_fallen_silent_lets_nothing_pass_and_still_proves_what_it_proved()
    {
        var silent = new Evidence(Arm.Of(1000), Arm.Of(1000), TimeSpan.FromMinutes(9)) { Silence = TimeSpan.FromMinutes(3.5) };
        var verdict = Judge.Decide([Increase], silent);
        Assert.Equal(VerdictKind.NoData, verdict.Kind);
        Assert.Equal("Nothing was reported for 3 min, of either version.", verdict.Findings[^1].Words);
        Assert.Equal(VerdictKind.Rollback, Judge.Decide([Increase], silent with { New = Arm.Of(1000, 500) }).Kind);
        Assert.Equal(VerdictKind.Continue, Judge.Decide([], silent).Kind);
    }

    [Fact]
    public void A_source_that_never_reported_is_not_asked_and_one_that_stops_is_missed()
    {
        var watch = Watch();
        Assert.Equal(VerdictKind.NoData, watch.Look(TimeSpan.FromSeconds(2)).Kind);

        (_clients.New, _clients.Old) = (Arm.Of(100), Arm.Of(100));
        var healthy = watch.Look(TimeSpan.FromSeconds(3));
        Assert.Equal(VerdictKind.Continue, healthy.Kind);
        Assert.All(healthy.Findings, finding => Assert.StartsWith("Reported by clients: ", finding.Words, StringComparison.Ordinal));

        Assert.Equal(VerdictKind.Continue, watch.Look(TimeSpan.FromSeconds(62)).Kind);
        Assert.Equal(VerdictKind.NoData, watch.Look(TimeSpan.FromSeconds(63)).Kind);
        _clients.Old = Arm.Of(101);
        Assert.Equal(VerdictKind.Continue, watch.Look(TimeSpan.FromSeconds(64)).Kind);

        // The edge comes late, and its word counts from then on.
        (_edge.New, _edge.Old) = (Arm.Of(100, 100), Arm.Of(100));
        var broken = watch.Look(TimeSpan.FromSeconds(65));
        Assert.Equal(VerdictKind.Rollback, broken.Kind);
        Assert.Contains(broken.Findings, finding => finding.Words.StartsWith("Seen at the edge: 100 of the", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_seen_before_the_rollout_is_no_report_in_it()
    {
        (_edge.New, _edge.Old) = (Arm.Of(5000), Arm.Of(5000));
        var watch = Watch();
        (_clients.New, _clients.Old) = (Arm.Of(100), Arm.Of(100));
        var verdict = watch.Look(TimeSpan.FromSeconds(2));
        Assert.Equal(VerdictKind.Continue, verdict.Kind);
        Assert.Single(verdict.Findings);
    }

    [Fact]
    public void An_old_variant_of_which_clients_reported_nothing_is_not_one_without_errors()
    {
        var watch = Watch();
        (_clients.New, _clients.Old) = (Arm.Of(1000, 100), Arm.Of(0));
        var verdict = watch.Look(TimeSpan.FromSeconds(2));
        Assert.Equal(VerdictKind.NoData, verdict.Kind);
        Assert.Contains("Nothing was reported of the old variant", verdict.Findings[0].Words, StringComparison.Ordinal);
        _clients.Old = Arm.Of(1000, 100);
        Assert.Equal(VerdictKind.Continue, watch.Look(TimeSpan.FromSeconds(3)).Kind);
        // What the proxy does not see is not there: it sees everything.
        (_edge.New, _edge.Old) = (Arm.Of(1000, 100), Arm.Of(0));
        Assert.Equal(VerdictKind.Rollback, watch.Look(TimeSpan.FromSeconds(4)).Kind);
    }

    [Fact]
    public void Who_reported_in_an_earlier_step_of_the_rollout_is_missed_in_the_next()
    {
        var sources = Sources();
        _ = new StageWatch(sources.ArmsOf(Key, Rolling(), new RecentPast()), [Increase], TimeSpan.Zero);
        (_clients.New, _clients.Old) = (Arm.Of(100), Arm.Of(100));
        var next = new StageWatch(sources.ArmsOf(Key, Rolling(), new RecentPast()), [Increase], TimeSpan.Zero);
        (_edge.New, _edge.Old) = (Arm.Of(100), Arm.Of(100));
        Assert.Equal(VerdictKind.NoData, next.Look(TimeSpan.FromSeconds(2)).Kind);
        (_clients.New, _clients.Old) = (Arm.Of(200), Arm.Of(200));
        Assert.Equal(VerdictKind.Continue, next.Look(TimeSpan.FromSeconds(3)).Kind);
    }

    private static Verdict Judged(string source, ArmEvidence fresh, ArmEvidence old) =>
        Judge.Decide([Increase], new Evidence(fresh, old, TimeSpan.FromMinutes(1), What: Evidence.Variant) { Source = source });

    private StageWatch Watch() => new(Sources().ArmsOf(Key, Rolling(), new RecentPast()), [Increase], TimeSpan.Zero);

    private VariantSources Sources() =>
        new([new VariantSource("seen at the edge", _edge), new VariantSource("reported by clients", _clients, TimeSpan.FromMinutes(1))]);

    private static Rollout Rolling()
    {
        var (half, by) = (new Share(5000), new Origin("test", "test"));
        var order = new RolloutOrder("off", "on", [new RolloutStep(half, TimeSpan.FromHours(1))], [Increase], BreachShare.Off);
        return new Rollout(1, order, Share.None, by, RolloutPhase.Observing, 0, RolloutOutcome.Running, half, half, Share.None);
    }

    private sealed class Seen : IVariantEvidence
    {
        public ArmEvidence? New { get; set; }

        public ArmEvidence? Old { get; set; }

        public ArmEvidence? Read(string environment, string flag, string variant) => variant == "on" ? New : Old;
    }
}
