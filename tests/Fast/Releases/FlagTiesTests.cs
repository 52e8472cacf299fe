using System.Globalization;
using System.Text;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Server.Flags;
using Teal.Tests.Fast.Flags.Authoring;
using Teal.Tests.Fast.Manifests;

namespace Teal.Tests.Fast.Releases;

/// <summary>What binds releases and flags: segments, and cohorts that are the same or apart.</summary>
public sealed class FlagTiesTests
{
    private const int Users = 100_000;
    private const string Steps = "steps: [ { share: 5% }, { share: 60% }, { share: 100% } ]";

    private static readonly Segment Internal = new() { Users = ["ada", "bob"] };

    private static FlagSet With(params Flag[] flags) =>
        Flagged.Set(flags) with
        {
            Segments = new Dictionary<string, Segment> { ["internal"] = Internal },
        };

    private static Manifest Releasing(string more, string flags = "") =>
        Sample.Good($"{Sample.Least}release: {{ {Steps}, {more} }}\n{flags}");

    private static ServerState State(FlagSet set) => ServerState.Empty with { Flags = FlagBook.Empty with { Set = set } };

    /// <summary>The same with a release to v2 that stands at its first stage.</summary>
    private static ServerState Running(FlagSet set, Manifest manifest)
    {
        var release = new ReleaseState(
            2,
            ReleaseKind.Deploy,
            "v1",
            "v2",
            SlotName.Green,
            new Origin("ada", "here"),
            ReleasePhase.Observing,
            0,
            ReleaseOutcome.Running
        )
        {
            Manifest = manifest,
            Cohort = FlagTies.LineOf(manifest, set),
        };
        var state = State(set);
        var service = ServiceState.New("shop") with { Live = SlotName.Blue, Release = release };
        return state with { Services = state.Services.SetItem("shop", service) };
    }

    private static FlagProblem Refused(ServerState state, params FlagChange[] changes)
    {
        var tried = state.Flags.After(new FlagsChanged(changes), 1, Flagged.Now);
        Assert.NotNull(tried.Book);
        var outcome = ReleaseTies.Guarded(state, tried);
        Assert.Null(outcome.Book);
        return outcome.Problems[0];
    }

    private static FlagProblem Against(FlagSet set, Manifest manifest) =>
        Assert.Single(ReleaseTies.Against(Live(set), "shop", "v2", manifest));

    private static ServerState Live(FlagSet set)
    {
        var state = State(set);
        return state with { Services = state.Services.SetItem("shop", ServiceState.New("shop") with { Live = SlotName.Blue }) };
    }

    [Fact]
    public void A_segment_that_does_not_exist_is_refused_with_the_one_that_was_meant()
    {
        var problem = Against(With(Flagged.Switch("checkout", Flagged.Off)), Releasing("target: segment:internl"));
        Assert.Equal(("TEAL9509", "internal"), (problem.Code, problem.Suggestion));
        Assert.Empty(
            ReleaseTies.Against(Live(With(Flagged.Switch("checkout", Flagged.Off))), "shop", "v2", Releasing("target: segment:internal"))
        );
    }

    [Fact]
    public void An_environment_that_does_not_exist_is_refused_where_it_is_needed()
    {
        var set = With(Flagged.Switch("checkout", Flagged.Off));
        var problem = Against(set, Releasing("target: segment:internal", "flags: { environment: prodction }"));
        Assert.Equal(("TEAL9508", "production"), (problem.Code, problem.Suggestion));
        var evaluating = Releasing("target: header:x=y", "flags: { evaluate: [checkout], environment: later }");
        Assert.Empty(ReleaseTies.Against(Live(set), "shop", "v2", evaluating));
    }

    [Fact]
    public void A_segment_is_not_removed_under_a_release_and_may_be_changed()
    {
        var set = With(Flagged.Switch("checkout", Flagged.Off));
        var state = Running(set, Releasing("target: segment:internal"));
        var problem = Refused(state, new FlagChange.RemoveSegment("internal"));
        Assert.Equal(("TEAL9509", FlagProblemKind.Conflict), (problem.Code, problem.Kind));
        Assert.Contains("the release of shop to v2 targets the segment 'internal'", problem.Message);

        var changed = new FlagsChanged([new FlagChange.PutSegment("internal", Internal with { Users = ["eve"] })]);
        Assert.NotNull(ReleaseTies.Guarded(state, state.Flags.After(changed, 1, Flagged.Now)).Book);
        var ended = State(set);
        var removed = new FlagsChanged([new FlagChange.RemoveSegment("internal")]);
        Assert.NotNull(ReleaseTies.Guarded(ended, ended.Flags.After(removed, 1, Flagged.Now)).Book);
    }

    [Fact]
    public void The_cohort_of_a_flag_is_refused_where_there_is_none_to_share()
    {
        var checkout = Flagged.Switch("checkout", Flagged.Split("5%"));
        Assert.Equal("TEAL9510", Against(With(checkout), Releasing("cohort: same-as flag:chekout")).Code);
        var byAccount = checkout.In(_ => _ with { Otherwise = ((Serve.Split)Flagged.Split("5%")) with { By = "account" } });
        Assert.Equal("TEAL9511", Against(With(byAccount), Releasing("cohort: same-as flag:checkout")).Code);
        var following = checkout with { Cohort = new CohortSharing(CohortRelation.SameAs, CohortOwner.Release, "shop") };
        Assert.Equal("TEAL9511", Against(With(following), Releasing("cohort: { with: same-as flag:checkout }")).Code);
    }

    [Fact]
    public void Shares_that_are_to_be_apart_have_to_fit_before_anything_begins()
    {
        var manifest = Releasing("cohort: disjoint-from flag:checkout");
        var problem = Against(With(Flagged.Switch("checkout", Flagged.Split("41%"))), manifest);
        Assert.Equal(("TEAL9512", FlagProblemKind.Conflict), (problem.Code, problem.Kind));
        Assert.Contains("goes to 60% and 'checkout' to 41%", problem.Message);
        Assert.Empty(ReleaseTies.Against(Live(With(Flagged.Switch("checkout", Flagged.Split("40%")))), "shop", "v2", manifest));
        Assert.Empty(ReleaseTies.Against(State(With(Flagged.Switch("checkout", Flagged.Split("41%")))), "shop", "v1", manifest));
    }

    [Theory]
    [InlineData("cohort: disjoint-from flag:checkout", false)]
    [InlineData("drain: 1s", true)]
    public void No_change_of_a_flag_takes_the_room_that_a_running_release_will_need(string release, bool flagNamesRelease)
    {
        var apart = flagNamesRelease ? new CohortSharing(CohortRelation.DisjointFrom, CohortOwner.Release, "shop") : null;
        var state = Running(With(Flagged.Switch("checkout", Flagged.Split("5%")) with { Cohort = apart }), Releasing(release));
        FlagChange To(int percent) => new FlagChange.SetShare("checkout", "production", "on", new Share(percent * 100), null, null);
        Assert.Equal("TEAL9512", Refused(state, To(41)).Code);
        Assert.NotNull(ReleaseTies.Guarded(state, state.Flags.After(new FlagsChanged([To(40)]), 1, Flagged.Now)).Book);

        RolloutOrder Order(int percent) =>
            new(
                "off",
                "on",
                [new RolloutStep(new Share(1000), TimeSpan.Zero), new RolloutStep(new Share(percent * 100), TimeSpan.Zero)],
                [],
                BreachShare.Off
            );
        var key = new RolloutKey("production", "checkout");
        Assert.Equal("TEAL9512", ReleaseTies.Refusal(state, key, Order(41))?.Code);
        Assert.Null(ReleaseTies.Refusal(state, key, Order(40)));
    }

    [Fact]
    public void A_flag_keeps_its_users_while_a_release_shares_them()
    {
        var set = With(Flagged.Switch("checkout", Flagged.Split("5%")));
        var state = Running(set, Releasing("cohort: same-as flag:checkout"));
        Assert.Equal("TEAL9511", Refused(state, new FlagChange.ReplaceAll(With(set.Flags["checkout"] with { Salt = "other" }), null)).Code);
        Assert.Equal("TEAL9510", Refused(state, new FlagChange.ArchiveFlag("checkout", IsArchived: true, null)).Code);
    }

    [Theory]
    [InlineData("same-as", 500, 500)]
    [InlineData("disjoint-from", 500, 500)]
    [InlineData("disjoint-from", 4000, 6000)]
    public void A_release_and_a_flag_have_the_same_users_exactly_or_none_in_common(string relation, int ofFlag, int ofRelease)
    {
        var set = With(Flagged.Switch("checkout", Flagged.Split(new Share(ofFlag).ToString())));
        var line = FlagTies.LineOf(Releasing($"cohort: {relation} flag:checkout"), set)!;
        var (flagged, released, both) = Count(set, line, ofRelease);
        Assert.InRange(flagged, Users * ofFlag / 10_000 * 9 / 10, Users * ofFlag / 10_000 * 11 / 10);
        Assert.InRange(released, Users * ofRelease / 10_000 * 9 / 10, Users * ofRelease / 10_000 * 11 / 10);
        Assert.Equal(relation == "same-as" ? flagged : 0, both);
    }

    /// <summary>The flag's side: it names the release, which itself avoids another flag, and so fills the line from its other end.</summary>
    [Theory]
    [InlineData(CohortRelation.SameAs)]
    [InlineData(CohortRelation.DisjointFrom)]
    public void A_flag_follows_a_release_that_avoids_another_flag(CohortRelation relation)
    {
        var follower = Flagged.Switch("follower", Flagged.Split("20%")) with
        {
            Cohort = new CohortSharing(relation, CohortOwner.Release, "shop"),
        };
        var set = With(follower, Flagged.Switch("checkout", Flagged.Split("20%")));
        var line = FlagTies.LineOf(Releasing("cohort: disjoint-from flag:checkout"), set)!;
        Assert.True(line.IsFromTop);
        var (flagged, released, both) = Count(set, line, 2000, "follower");
        Assert.Equal(relation == CohortRelation.SameAs ? released : 0, both);
        Assert.True(flagged > 0);
    }

    [Fact]
    public void A_plan_says_whom_a_release_targets_and_whose_cohort_it_takes()
    {
        var state = ServiceState.New("shop") with
        {
            Live = SlotName.Blue,
            Blue = new SlotState(SlotPhase.Serving, new Deployed("v1", Sample.Good(Sample.Least))),
        };
        var manifest = Releasing("cohort: same-as flag:checkout, target: [segment:internal, 'header:x-team=shop']");
        var lines = ReleasePlanner.Plan(state, manifest, "v2").Lines.Select(line => line.What).ToList();
        Assert.Contains(
            "Send 5% of the traffic, those who get the flag checkout first, and everybody in the segment internal and whoever matches header:x-team=shop to v2.",
            lines
        );
        Assert.Contains("Send all traffic to v2.", lines);
    }

    [Fact]
    public void A_segment_with_100_000_users_is_asked_in_one_look_up()
    {
        var users = Enumerable.Range(0, Users).Select(user => $"user-{user.ToString(CultureInfo.InvariantCulture)}").ToList();
        var segment = new Segment { Users = users };
        var set = FlagSet.Empty with { Segments = new Dictionary<string, Segment> { ["many"] = segment } };
        Assert.True(
            FlagDocument.TryRead(FlagCompiler.Segments(set, ["many", "gone"]), DocumentLimits.Usual, out var document, out var fault),
            fault?.ToString()
        );
        Assert.Single(document.Flags);
        string? Asked(string user) => document.Evaluate("many", EvaluationContext.Of(user), Flagged.Now).Variant;
        Assert.Equal(FlagCompiler.Outside, Asked("nobody"));
        // Each compared with 100,000 texts, these would take minutes, and more steps than an evaluation has.
        Assert.All(users, user => Assert.Equal(FlagCompiler.Inside, Asked(user)));
    }

    private static (int Flagged, int Released, int Both) Count(FlagSet set, CohortLine line, int ofRelease, string flag = "checkout")
    {
        var releases = new Dictionary<string, CohortLine> { ["shop"] = line };
        var compiled = FlagCompiler.Compile(set, "production", releases).Full;
        Assert.True(FlagDocument.TryRead(compiled, DocumentLimits.Usual, out var document, out _), Encoding.UTF8.GetString(compiled));
        var random = new Random(20_261_124);
        var (flagged, released, both) = (0, 0, 0);
        for (var user = 0; user < Users; user++)
        {
            var key = random.NextInt64().ToString("x", CultureInfo.InvariantCulture);
            var isFlagged = document.Evaluate(flag, EvaluationContext.Of(key), Flagged.Now).Variant == "on";
            var isReleased = Cohort.Includes(new Share(ofRelease), line.Salt, key, line.IsFromTop);
            flagged += isFlagged ? 1 : 0;
            released += isReleased ? 1 : 0;
            both += isFlagged && isReleased ? 1 : 0;
        }
        return (flagged, released, both);
    }
}
