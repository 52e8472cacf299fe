using CsCheck;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

/// <summary>Small flags to begin with, and random sets that are always good.</summary>
internal static class Flagged
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    public static readonly IReadOnlyDictionary<string, CohortLine> NoReleases = new Dictionary<string, CohortLine>();

    public static Serve.One On { get; } = new("on");
    public static Serve.One Off { get; } = new("off");

    /// <summary>A truth value, off by default, the same in every environment.</summary>
    public static Flag Switch(string key, Serve otherwise, params string[] environments) =>
        new()
        {
            Key = key,
            Type = FlagType.Bool,
            Owner = "shop-team",
            Salt = key,
            Variants = [new Variant("on", VariantValue.True), new Variant("off", VariantValue.False)],
            Environments = (environments.Length == 0 ? ["production"] : environments).ToDictionary(
                name => name,
                _ => new Targeting { Off = "off", Otherwise = otherwise }
            ),
        };

    public static Serve.Split Split(string share) =>
        Share.TryParse(share, out var parsed)
            ? new Serve.Split([new Slice("on", parsed), new Slice("off", new Share(Share.Whole - parsed.Parts))])
            : throw new FormatException(share);

    public static FlagSet Set(params Flag[] flags) =>
        new() { Environments = [.. flags[0].Environments.Keys], Flags = flags.ToDictionary(flag => flag.Key) };

    public static Flag In(this Flag flag, Func<Targeting, Targeting> change, string environment = "production") =>
        flag with
        {
            Environments = new Dictionary<string, Targeting>(flag.Environments) { [environment] = change(flag.Environments[environment]) },
        };

    public static FlagSet Good(FlagSet set, FlagChange change)
    {
        var outcome = FlagChanger.Apply(set, change, Now);
        Assert.Empty(outcome.Problems);
        return Assert.IsType<FlagSet>(outcome.Set);
    }

    public static FlagProblem Refused(FlagSet set, FlagChange change)
    {
        var outcome = FlagChanger.Apply(set, change, Now);
        Assert.Null(outcome.Set);
        return outcome.Problems[0];
    }

    public static Targeting Production(FlagSet set, string flag) => set.Flags[flag].Environments["production"];

    private static Gen<T> Pick<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(index => items[index]);

    private static readonly string[] Countries = ["DE", "AT", "CH"];

    private static readonly Gen<Condition> Simple = Gen.OneOf<Condition>(
        Pick("internal", "beta").Select(name => (Condition)new Condition.InSegment(name)),
        Pick(Countries).Select(name => (Condition)new Condition.Attribute("country", Test.Equals, [VariantValue.Of(name)])),
        Pick(Countries)
            .Array[0, 3]
            .Select(names => (Condition)new Condition.Attribute("country", Test.In, [.. names.Select(VariantValue.Of)])),
        Pick(Countries)
            .Array[0, 3]
            .Select(names => (Condition)new Condition.Attribute("country", Test.NotIn, [.. names.Select(VariantValue.Of)])),
        Gen.Select(Pick(Test.StartsWith, Test.EndsWith, Test.Contains), Pick("a", "@x.org", "u").Array[1, 2])
            .Select((test, texts) => (Condition)new Condition.Attribute("email", test, [.. texts.Select(VariantValue.Of)])),
        Gen.Select(Pick(Test.Less, Test.AtMost, Test.Greater, Test.AtLeast), Gen.Int[0, 4])
            .Select((test, number) => (Condition)new Condition.Attribute("age", test, [VariantValue.Of((double)number)])),
        Pick("=1.2.3", "!=1.2.3", "<2.0.0", ">=1.2.0", "^1.2.3", "~1.2.0")
            .Select(range => (Condition)new Condition.Attribute("version", Test.SemVer, [VariantValue.Of(range)])),
        Pick("country", "age", "email").Select(name => (Condition)new Condition.Attribute(name, Test.Exists, []))
    );

    public static readonly Gen<Condition> Conditions = Gen.OneOf(
        Simple,
        Simple.Select(inner => (Condition)new Condition.Not(inner)),
        Simple.Array[1, 3].Select(inner => (Condition)new Condition.All(inner)),
        Simple.Array[1, 3].Select(inner => (Condition)new Condition.Any(inner))
    );

    private static readonly Gen<Serve> Serves = Gen.OneOf<Serve>(
        Pick("on", "off").Select(name => (Serve)new Serve.One(name)),
        Gen.Select(Gen.Int[0, Share.Whole], Pick("targetingKey", "account"))
            .Select(
                (parts, by) =>
                    (Serve)new Serve.Split([new Slice("on", new Share(parts)), new Slice("off", new Share(Share.Whole - parts))], by)
            )
    );

    private static readonly Gen<Targeting> Targetings = Gen.Select(
            Gen.Int[0, 4],
            Gen.Select(Conditions, Serves).Array[0, 3],
            Serves,
            Gen.Int[0, 2]
        )
        .Select(
            (off, rules, otherwise, held) =>
                new Targeting
                {
                    IsEnabled = off > 0,
                    Off = "off",
                    Rules = [.. rules.Select((rule, index) => new Rule($"r{index}", rule.Item1, rule.Item2))],
                    Otherwise = otherwise,
                    Holdout = held == 0 ? "q4" : null,
                }
        );

    /// <summary>Flags f0, f1 … of which each may require those before it.</summary>
    public static readonly Gen<FlagSet> Sets = Gen.Select(Gen.Select(Targetings, Gen.Int[-1, 3]).Array[1, 5], Simple)
        .Select(
            (made, beta) =>
                new FlagSet
                {
                    Segments = new Dictionary<string, Segment>
                    {
                        ["internal"] = new()
                        {
                            Users = ["u1", "u2"],
                            If = new Condition.Attribute("email", Test.EndsWith, [VariantValue.Of("@x.org")]),
                        },
                        ["beta"] = new() { If = beta is Condition.InSegment ? new Condition.InSegment("internal") : beta },
                    },
                    Holdouts = new Dictionary<string, Holdout> { ["q4"] = new(new Share(2_000), "holdout:q4") },
                    Flags = made.Select(
                            (one, index) =>
                                Switch($"f{index}", Off).In(_ => one.Item1) with
                                {
                                    Requires = one.Item2 >= 0 && one.Item2 < index ? [new Prerequisite($"f{one.Item2}", ["on"])] : [],
                                }
                        )
                        .ToDictionary(flag => flag.Key),
                }
        );
}
