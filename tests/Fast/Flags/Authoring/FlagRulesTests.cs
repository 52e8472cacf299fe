using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

public sealed class FlagRulesTests
{
    private static readonly Flag Good = Flagged.Switch("checkout", Flagged.Off);

    private static readonly (string Code, string Words, FlagSet Set)[] Bad =
    [
        ("TEAL9201", "'-x'", Flagged.Set(Flagged.Switch("-x", Flagged.Off))),
        ("TEAL9201", "constructor", Flagged.Set(Flagged.Switch("constructor", Flagged.Off))),
        ("TEAL9201", "../../x", Flagged.Set(Flagged.Switch("../../x", Flagged.Off))),
        ("TEAL9202", "did you mean 'on'", Flagged.Set(Flagged.Switch("a", new Serve.One("onn")))),
        ("TEAL9203", "did you mean 'beta'", WithRule(new Condition.InSegment("bet"))),
        (
            "TEAL9204",
            "'checkuot'",
            Flagged.Set(Good, Flagged.Switch("a", Flagged.On) with { Requires = [new Prerequisite("checkuot", ["on"])] })
        ),
        (
            "TEAL9204",
            "archived",
            Flagged.Set(
                Good with
                {
                    IsArchived = true,
                },
                Flagged.Switch("a", Flagged.On) with
                {
                    Requires = [new Prerequisite("checkout", ["on"])],
                }
            )
        ),
        (
            "TEAL9205",
            "'staging'",
            Flagged.Set(Good) with
            {
                Flags = new Dictionary<string, Flag> { ["checkout"] = Flagged.Switch("checkout", Flagged.Off, "staging", "production") },
            }
        ),
        ("TEAL9206", "'q4'", Flagged.Set(Good.In(targeting => targeting with { Holdout = "q4" }))),
        (
            "TEAL9207",
            "text",
            Flagged.Set(Good with { Variants = [new Variant("on", VariantValue.Of("yes")), new Variant("off", VariantValue.False)] })
        ),
        (
            "TEAL9208",
            "90%",
            Flagged.Set(Flagged.Switch("a", new Serve.Split([new Slice("on", new Share(500)), new Slice("off", new Share(8_500))])))
        ),
        (
            "TEAL9208",
            "last",
            Flagged.Set(Flagged.Switch("a", new Serve.Split([new Slice("off", new Share(9_500)), new Slice("on", new Share(500))])))
        ),
        ("TEAL9209", "a → b → a", Flagged.Set(Requiring("a", "b"), Requiring("b", "a"))),
        ("TEAL9209", "circle", Flagged.Set(Sharing("a", "b", "5%"), Sharing("b", "a", "5%"))),
        ("TEAL9210", "deep", WithRule(Deep(9))),
        ("TEAL9211", "second time", Flagged.Set(Good with { Tags = ["x", "x"] })),
        ("TEAL9212", "number", WithRule(new Condition.Attribute("age", Test.Less, [VariantValue.Of("5")]))),
        ("TEAL9212", ">=2.1.0", WithRule(new Condition.Attribute("version", Test.SemVer, [VariantValue.Of("2.1")]))),
        ("TEAL9213", "owner", Flagged.Set(Good with { Owner = " " })),
        ("TEAL9213", "off variant", Flagged.Set(Good, Requiring("a", "checkout").In(targeting => targeting with { Off = null }))),
        (
            "TEAL9214",
            "Europe/Berln",
            Flagged.Set(
                Good.In(targeting => targeting with { Schedule = [new Scheduled(new DateTime(2026, 12, 1), "Europe/Berln", true, null)] })
            )
        ),
        (
            "TEAL9214",
            "nothing",
            Flagged.Set(Good.In(targeting => targeting with { Schedule = [new Scheduled(new DateTime(2026, 12, 1), "UTC", null, null)] }))
        ),
        ("TEAL9215", "60% and 'a' 50%", Flagged.Set(Flagged.Switch("a", Flagged.Split("50%")), Sharing("b", "a", "60%"))),
        ("TEAL9216", "before", Flagged.Set(Good with { Created = new DateOnly(2026, 2, 1), Expires = new DateOnly(2026, 1, 1) })),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Bad.Length)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_mistake_has_its_code_its_place_and_its_words(int index)
    {
        var (code, words, set) = Bad[index];
        var problems = FlagRules.Check(set);
        Assert.Contains(problems, problem => problem.Code == code && problem.ToString().Contains(words) && problem.Path.Length > 0);
    }

    [Fact]
    public void Random_sets_are_good() => CsCheck.Check.Sample(Flagged.Sets, set => FlagRules.Check(set).Count == 0);

    /// <summary>Each flag requires eight that require eight: found without being written out.</summary>
    [Fact]
    public void What_would_grow_beyond_measure_is_refused_at_once()
    {
        var flags = new List<Flag>();
        for (var level = 0; level < 7; level++)
        {
            for (var i = 0; i < 8; i++)
            {
                var requires =
                    level == 0 ? [] : Enumerable.Range(0, 8).Select(j => new Prerequisite($"f{level - 1}-{j}", ["on"])).ToArray();
                flags.Add(Flagged.Switch($"f{level}-{i}", Flagged.Split("5%")) with { Requires = requires });
            }
        }
        Assert.Contains(FlagRules.Check(Flagged.Set([.. flags])), problem => problem is { Code: "TEAL9210" });
    }

    private static FlagSet WithRule(Condition condition) =>
        Flagged.Set(Good.In(targeting => targeting with { Rules = [new Rule("one", condition, Flagged.On)] })) with
        {
            Segments = new Dictionary<string, Segment> { ["beta"] = new() },
        };

    private static Condition Deep(int levels) =>
        levels == 0 ? new Condition.Attribute("plan", Test.Exists, []) : new Condition.Not(Deep(levels - 1));

    private static Flag Requiring(string key, string other) =>
        Flagged.Switch(key, Flagged.On) with
        {
            Requires = [new Prerequisite(other, ["on"])],
        };

    private static Flag Sharing(string key, string other, string share) =>
        Flagged.Switch(key, Flagged.Split(share)) with
        {
            Cohort = new CohortSharing(CohortRelation.DisjointFrom, CohortOwner.Flag, other),
        };
}
