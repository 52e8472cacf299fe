using CsCheck;
using Teal.Flags;
using Teal.Releases;
using Teal.Tests.Fast.Flags.Authoring;
using Teal.Tests.Fast.Manifests;

namespace Teal.Tests.Fast.Flags.Files;

public sealed class FlagFileTests
{
    /// <summary>The one of the guide.</summary>
    internal static string Example { get; } =
        File.ReadAllText(Path.Combine(Golden.Root, "docs/guide/flags-yaml.md")).Split("```yaml\n")[1].Split("```")[0];

    [Fact]
    public void The_guides_example_says_what_the_guide_says()
    {
        var set = Good(Example);
        Assert.Equal(["staging", "production"], set.Environments);
        Assert.Equal(["u1", "u2"], set.Segments["testers"].Users);
        Assert.True(set.Segments["testers"].IsPersonal);
        Assert.Equal(new Holdout(new Share(100), "holdout:global"), set.Holdouts["global"]);

        var checkout = set.Flags["checkout"];
        Assert.Equal(("checkout", FlagType.Bool, FlagKind.Release), (checkout.Salt, checkout.Type, checkout.Kind));
        Assert.Equal("on 5%, off 95%", FlagWords.Of(checkout.Environments["production"].Otherwise));
        Assert.Equal("off", checkout.Environments["staging"].Off);

        var banner = set.Flags["banner"];
        Assert.Equal(FlagKind.Experiment, banner.Kind);
        Assert.Equal(new DateOnly(2027, 1, 31), banner.Expires);
        Assert.Equal([new Variant("red", VariantValue.Of("#f00")), new Variant("blue", VariantValue.Of("#00f"))], banner.Variants);
        Assert.Equal(("checkout", "on"), (banner.Requires[0].Flag, Assert.Single(banner.Requires[0].Variants)));
        Assert.Equal(new CohortSharing(CohortRelation.SameAs, CohortOwner.Release, "shop"), banner.Cohort);
        Assert.Equal([new FlagLink(FlagLinkKind.Release, "shop")], banner.Links);
    }

    [Fact]
    public void An_environment_lays_its_keys_over_those_of_the_flag()
    {
        var banner = Good(Example).Flags["banner"];
        var (staging, production) = (banner.Environments["staging"], banner.Environments["production"]);
        Assert.Equal((new Serve.One("red"), new Serve.One("blue")), (staging.Otherwise, production.Otherwise));
        Assert.Empty(staging.Schedule);
        Assert.Equal([new Scheduled(new DateTime(2026, 12, 1, 9, 0, 0), "Europe/Berlin", IsEnabled: false, null)], production.Schedule);
        Assert.Equal(("global", "blue"), (staging.Holdout, staging.Off));
        Assert.Equal(["staff", "germany"], staging.Rules.Select(rule => rule.Name));
        Assert.Equal("(country in \"DE\", \"AT\" and plan in \"gold\")", FlagWords.Of(production.Rules[1].If));
        Assert.Equal("red 50%, blue 50%", FlagWords.Of(production.Rules[1].Serve));
    }

    [Fact]
    public void An_environment_that_serves_one_variant_takes_the_rollout_and_its_attribute_back()
    {
        var flag = Good(
            """
            environments: [staging, production]
            flags:
              a: { owner: me, rollout: 5%, by: account, environments: { staging: { serve: on } } }
            """
        ).Flags["a"];
        Assert.Equal(new Serve.One("on"), flag.Environments["staging"].Otherwise);
        Assert.Equal("on 5%, off 95% by account", FlagWords.Of(flag.Environments["production"].Otherwise));
    }

    [Theory]
    [InlineData("{ age: { at_least: 18, less: 65 } }", "(age at_least 18 and age less 65)")]
    [InlineData("{ beta: true }", "beta equals true")]
    [InlineData("{ beta: \"true\" }", "beta equals \"true\"")]
    [InlineData("{ zip: 007 }", "zip equals \"007\"")]
    [InlineData("{ email: { exists: true } }", "email exists")]
    [InlineData("{ version: { sem_ver: \">=2.1.0\" } }", "version sem_ver \">=2.1.0\"")]
    [InlineData("{ any: [{ plan: gold }, { not: { country: [DE] } }] }", "(plan equals \"gold\" or not country in \"DE\")")]
    [InlineData("{ all: [{ plan: gold }] }", "(plan equals \"gold\")")]
    [InlineData("{ device.os: { starts_with: [ios, ipad] } }", "device.os starts_with \"ios\", \"ipad\"")]
    public void A_condition_is_read(string yaml, string words)
    {
        var set = Good($"flags:\n  a: {{ owner: me, rules: [{{ name: r, if: {yaml}, serve: on }}] }}\n");
        Assert.Equal(words, FlagWords.Of(set.Flags["a"].Environments["production"].Rules[0].If));
    }

    [Fact]
    public void Values_of_every_kind_are_read()
    {
        const string File = """
            flags:
              n: { owner: me, variants: { low: 1.50, high: -2e3 }, serve: low, off: ~ }
              o: { owner: me, variants: { one: { a: [1, x, ~], "b c": { d: true } } }, serve: one }
              t: { owner: me, variants: { yes: NO, one: "1" }, serve: "yes" }
            """;
        var flags = Good(File).Flags;
        Assert.Equal((FlagType.Number, "1.50"), (flags["n"].Type, flags["n"].Variants[0].Value.Json));
        Assert.Null(flags["n"].Environments["production"].Off);
        Assert.Equal("""{"a":[1,"x",null],"b c":{"d":true}}""", flags["o"].Variants[0].Value.Json);
        Assert.Equal(["\"NO\"", "\"1\""], flags["t"].Variants.Select(variant => variant.Value.Json));
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_same_set() =>
        Flagged.Sets.Sample(set => ReadsBack(set), iter: 500, print: FlagsWriter.Yaml);

    [Fact]
    public void What_is_written_of_two_environments_is_read_back_to_the_same_set() =>
        Gen.Select(Flagged.Sets, Flagged.Sets)
            .Sample(
                (one, other) =>
                {
                    var flags = one.Flags.Values.Select(flag => InStaging(flag, other.Flags.GetValueOrDefault(flag.Key) ?? flag));
                    ReadsBack(one with { Environments = ["staging", "production"], Flags = flags.ToDictionary(flag => flag.Key) });
                },
                iter: 500
            );

    [Fact]
    public void What_is_written_reads_like_the_guide() =>
        Assert.Equal(
            """
            environments: [staging, production]
            segments:
              internal:
                if: { email: { ends_with: "@example.com" } }
                users: []
              testers:
                personal: true
                users: [u1, u2]
            holdouts:
              global: { share: 1% }
            flags:
              checkout:
                owner: team-shop
                variants: { on: true, off: false }
                off: off
                rollout: { on: 5%, off: rest }
              banner:
                owner: web
                kind: experiment
                description: "The colour of the banner"
                tags: [web]
                expires: 2027-01-31
                variants: { red: "#f00", blue: "#00f" }
                requires: { checkout: on }
                links: ["release:shop"]
                cohort: "same-as release:shop"
                off: blue
                serve: blue
                holdout: global
                rules:
                  - { name: staff, if: { segment: internal }, serve: red }
                  - { name: germany, if: { country: [DE, AT], plan: [gold] }, rollout: { red: 50%, blue: rest } }
                schedule:
                  - { at: "2026-12-01T09:00", zone: Europe/Berlin, enabled: false }
                environments:
                  staging:
                    serve: red
                    schedule: []

            """,
            FlagsWriter.Yaml(Good(Example))
        );

    [Fact]
    public void The_guides_example_is_read_back_to_the_same_set() => ReadsBack(Good(Example));

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("true")]
    [InlineData("12")]
    [InlineData("a: b # c")]
    [InlineData("\"\\ '")]
    [InlineData("two\nlines\tand \u0085 \u2028 \u0000")]
    [InlineData("äöü 😀 \uFEFF \u202E")]
    [InlineData("- x")]
    [InlineData("*a &b !c %d @e `f")]
    public void Any_text_is_read_back_as_it_was(string text)
    {
        var flag = Flagged.Switch("a", new Serve.One("one")) with
        {
            Type = FlagType.Object,
            Owner = "x" + text,
            Description = text,
            Variants =
            [
                new Variant(
                    "one",
                    VariantValue.Of(System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { [text] = text }))!
                ),
                new Variant("off", VariantValue.Parse("{}")!),
            ],
        };
        ReadsBack(Flagged.Set(flag));
    }

    [Fact]
    public void A_long_key_of_an_object_is_read_back()
    {
        var value = VariantValue.Parse($"{{\"{new string('k', 2_000)}\":[{{}},[],1]}}")!;
        var flag = Flagged.Switch("a", new Serve.One("on")) with
        {
            Type = FlagType.Object,
            Variants = [new Variant("on", value), new Variant("off", VariantValue.Parse("{}")!)],
        };
        ReadsBack(Flagged.Set(flag));
    }

    [Fact]
    public void A_flag_of_everything_is_read_back()
    {
        var flag = Flagged.Switch("a.b_C-1", Flagged.Split("33.33%"), "staging", "production") with
        {
            Kind = FlagKind.KillSwitch,
            Tags = ["x", "true"],
            Created = new DateOnly(2026, 1, 2),
            Expires = new DateOnly(2026, 3, 4),
            Salt = "old name",
            IsArchived = true,
            Links = [new FlagLink(FlagLinkKind.Migration, "0042-split")],
            Cohort = new CohortSharing(CohortRelation.DisjointFrom, CohortOwner.Release, "shop"),
        };
        var staging = flag.Environments["staging"] with
        {
            Otherwise = new Serve.Split([new Slice("on", new Share(1)), new Slice("off", new Share(9_999))], "account"),
            Schedule = [new Scheduled(new DateTime(2026, 12, 1, 9, 30, 0), "UTC", true, Flagged.Split("7%"))],
        };
        var users = Enumerable.Range(0, 30).Select(user => $"u {user}").ToList();
        ReadsBack(
            Flagged.Set(flag.In(_ => staging, "staging")) with
            {
                Segments = new Dictionary<string, Segment>
                {
                    ["many"] = new()
                    {
                        Users = users,
                        Description = "d",
                        IsPersonal = true,
                    },
                    ["nobody"] = new(),
                },
                Holdouts = new Dictionary<string, Holdout> { ["h"] = new(new Share(5), "s", "account") },
            }
        );
        ReadsBack(new FlagSet());
    }

    internal static FlagSet Good(string yaml)
    {
        var result = FlagsReader.Read(yaml, "flags.yaml");
        Assert.Empty(result.Errors);
        return Assert.IsType<FlagSet>(result.Set);
    }

    private static Flag InStaging(Flag flag, Flag other) =>
        flag with
        {
            Environments = new Dictionary<string, Targeting>
            {
                ["staging"] = other.Environments["production"],
                ["production"] = flag.Environments["production"],
            },
        };

    private static void ReadsBack(FlagSet set)
    {
        var yaml = FlagsWriter.Yaml(set);
        var result = FlagsReader.Read(yaml, "flags.yaml");
        Assert.True(result.IsGood, string.Join('\n', result.Errors) + "\n" + yaml);
        Assert.True(FlagJson.Same(set, result.Set), yaml);
        Assert.Equal(yaml, FlagsWriter.Yaml(result.Set));
    }
}
