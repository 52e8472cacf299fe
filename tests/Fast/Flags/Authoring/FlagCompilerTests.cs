using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

public sealed class FlagCompilerTests
{
    private static string Full(FlagSet set) => Encoding.UTF8.GetString(FlagCompiler.Compile(set, "production", Flagged.NoReleases).Full);

    private static JsonNode FlagOf(FlagSet set, string key) => JsonNode.Parse(Full(set))!["flags"]![key]!;

    [Fact]
    public void A_flag_for_everybody_is_static()
    {
        var flag = FlagOf(Flagged.Set(Flagged.Switch("checkout", Flagged.On)), "checkout");
        Assert.Equal(
            """{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on","metadata":{"kind":"release","version":1}}""",
            flag.ToJsonString()
        );
    }

    [Fact]
    public void A_share_is_a_fractional_with_its_key_written_out() =>
        Assert.Equal(
            """{"if":[{"var":"targetingKey"},{"fractional":[{"cat":["checkout",{"var":"targetingKey"}]},["on",500],["off",9500]]},null]}""",
            FlagOf(Flagged.Set(Flagged.Switch("checkout", Flagged.Split("5%"))), "checkout")["targeting"]!.ToJsonString()
        );

    [Fact]
    public void A_killed_flag_serves_its_off_variant_and_without_one_the_code_decides()
    {
        var killed = Flagged.Switch("checkout", Flagged.Split("5%")).In(targeting => targeting with { IsEnabled = false });
        Assert.Equal("off", (string?)FlagOf(Flagged.Set(killed), "checkout")["defaultVariant"]);
        Assert.Null(FlagOf(Flagged.Set(killed), "checkout")["targeting"]);
        var gone = killed.In(targeting => targeting with { Off = null });
        Assert.Equal("DISABLED", (string?)FlagOf(Flagged.Set(gone), "checkout")["state"]);
    }

    [Fact]
    public void An_archived_flag_is_in_no_document() =>
        Assert.Null(JsonNode.Parse(Full(Flagged.Set(Flagged.Switch("old", Flagged.On) with { IsArchived = true })))!["flags"]!["old"]);

    [Fact]
    public void A_rename_moves_nobody()
    {
        var before = Flagged.Set(Flagged.Switch("checkout", Flagged.Split("5%")));
        var after = Flagged.Good(before, new FlagChange.RenameFlag("checkout", "new-checkout", 1));
        Assert.Equal(FlagOf(before, "checkout")["targeting"]!.ToJsonString(), FlagOf(after, "new-checkout")["targeting"]!.ToJsonString());
        Assert.Equal(2, after.Flags["new-checkout"].Version);
    }

    [Fact]
    public void A_change_in_another_environment_leaves_everything_but_the_flags_version()
    {
        var set = Flagged.Set(
            Flagged.Switch("checkout", Flagged.On, "staging", "production"),
            Flagged.Switch("other", Flagged.On, "staging", "production")
        );
        var next = Flagged.Good(set, new FlagChange.EnableFlag("checkout", "staging", false, null));
        Assert.Equal(FlagOf(set, "other").ToJsonString(), FlagOf(next, "other").ToJsonString());
        Assert.Equal(
            FlagOf(set, "checkout").ToJsonString().Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal),
            FlagOf(next, "checkout").ToJsonString()
        );
    }

    [Fact]
    public void The_same_state_makes_the_same_bytes_however_it_is_ordered_in_memory() =>
        Flagged.Sets.Sample(set =>
        {
            var turned = set with
            {
                Flags = set.Flags.Reverse().ToDictionary(pair => pair.Key, pair => pair.Value),
                Segments = set.Segments.Reverse().ToDictionary(pair => pair.Key, pair => pair.Value),
            };
            return Full(set) == Full(turned);
        });

    [Fact]
    public void Lists_of_users_stay_at_home()
    {
        var set = Flagged.Set(
            Flagged
                .Switch("vip", Flagged.Off)
                .In(targeting => targeting with { Rules = [new Rule("listed", new Condition.InSegment("people"), Flagged.On)] }),
            Flagged.Switch("behind", Flagged.On) with
            {
                Requires = [new Prerequisite("vip", ["on"])],
            },
            Flagged.Switch("open", Flagged.On)
        ) with
        {
            Segments = new Dictionary<string, Segment> { ["people"] = new() { Users = ["ada@example.com"] } },
        };
        Assert.Empty(FlagRules.Check(set));
        var documents = FlagCompiler.Compile(set, "production", Flagged.NoReleases);
        var client = Encoding.UTF8.GetString(documents.Client);
        Assert.Contains("ada@example.com", Encoding.UTF8.GetString(documents.Full));
        Assert.DoesNotContain("ada@example.com", client);
        var flags = JsonNode.Parse(client)!["flags"]!;
        Assert.Equal("DISABLED", (string?)flags["vip"]!["state"]);
        Assert.True((bool?)flags["behind"]!["metadata"]!["remote"]);
        Assert.Equal("ENABLED", (string?)flags["open"]!["state"]);
    }

    [Fact]
    public void Naming_a_person_in_a_rule_is_personal_and_naming_a_company_is_not()
    {
        static FlagSet With(Test test, string value) =>
            Flagged.Set(
                Flagged
                    .Switch("vip", Flagged.Off)
                    .In(targeting =>
                        targeting with
                        {
                            Rules = [new Rule("one", new Condition.Attribute("user.e-mail", test, [VariantValue.Of(value)]), Flagged.On)],
                        }
                    )
            );
        var person = FlagCompiler.Compile(With(Test.Equals, "ada@example.com"), "production", Flagged.NoReleases);
        Assert.DoesNotContain("ada@", Encoding.UTF8.GetString(person.Client));
        var company = FlagCompiler.Compile(With(Test.EndsWith, "@example.com"), "production", Flagged.NoReleases);
        Assert.Same(company.Full, company.Client);
    }

    [Fact]
    public void A_flag_can_have_the_buckets_of_a_release()
    {
        var flag = Flagged.Switch("checkout", Flagged.Split("5%")) with
        {
            Cohort = new CohortSharing(CohortRelation.SameAs, CohortOwner.Release, "shop"),
        };
        var salts = new Dictionary<string, CohortLine> { ["shop"] = new("shop-12", IsFromTop: false) };
        var document = Encoding.UTF8.GetString(FlagCompiler.Compile(Flagged.Set(flag), "production", salts).Full);
        Assert.Contains("""{"cat":["shop-12",{"var":"targetingKey"}]},["on",500],["off",9500]""", document);
        Assert.Contains("""{"cat":["checkout",""", Full(Flagged.Set(flag)));
    }

    [Fact]
    public void A_disjoint_flag_takes_the_other_end()
    {
        var flag = Flagged.Switch("search", Flagged.Split("5%")) with
        {
            Cohort = new CohortSharing(CohortRelation.DisjointFrom, CohortOwner.Flag, "checkout"),
        };
        var set = Flagged.Set(Flagged.Switch("checkout", Flagged.Split("95%")), flag);
        Assert.Empty(FlagRules.Check(set));
        Assert.Contains("""{"cat":["checkout",{"var":"targetingKey"}]},["off",9500],["on",500]""", FlagOf(set, "search").ToJsonString());
    }

    /// <summary>The maths alone: 10,000 buckets, one flag from each end.</summary>
    [Fact]
    public void Two_disjoint_cohorts_have_nobody_in_common_exactly_when_their_shares_fit() =>
        Gen.Select(Gen.Int[0, Share.Whole], Gen.Int[0, Share.Whole])
            .Sample(
                (one, other) =>
                {
                    var low = new CohortPlace("s", null, IsFromTop: false);
                    var high = low with { IsFromTop = true };
                    var shared = InOf(low, one).Intersect(InOf(high, other)).Any();
                    return shared != Cohorts.Fit(new Share(one), new Share(other));
                },
                iter: 100
            );

    private static IEnumerable<int> InOf(CohortPlace place, int parts)
    {
        var from = 0;
        foreach (var slice in place.Laid([new Slice("on", new Share(parts)), new Slice("off", new Share(Share.Whole - parts))]))
        {
            if (slice.Variant == "on")
            {
                return Enumerable.Range(from, slice.Share.Parts);
            }
            from += slice.Share.Parts;
        }
        return [];
    }
}
