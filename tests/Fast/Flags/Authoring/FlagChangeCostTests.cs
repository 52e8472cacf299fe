using System.Text;
using CsCheck;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

/// <summary>What is done for a change is done for what it touches, and comes to the same as if all were done anew.</summary>
public sealed class FlagChangeCostTests
{
    [Fact]
    public void Flags_compiled_one_after_the_other_are_the_same_bytes_as_compiled_from_nothing() =>
        Flagged.Sets.Sample(set =>
        {
            var compilation = new FlagCompilation("production");
            compilation.Next(set, Flagged.NoReleases);
            foreach (var changed in Steps(set))
            {
                var (next, anew) = (
                    compilation.Next(changed, Flagged.NoReleases),
                    FlagCompiler.Compile(changed, "production", Flagged.NoReleases)
                );
                Assert.Equal(Encoding.UTF8.GetString(anew.Full), Encoding.UTF8.GetString(next.Full));
                Assert.Equal(Encoding.UTF8.GetString(anew.Client), Encoding.UTF8.GetString(next.Client));
                SameAnswers(anew.Full, compilation.Document!);
            }
        });

    [Fact]
    public void A_set_that_a_change_made_is_judged_as_if_it_were_read_from_nothing() =>
        Flagged.Sets.Sample(set =>
        {
            foreach (var changed in Steps(set).Concat(BadSteps(set)))
            {
                Assert.Equal(FlagRules.Check(changed), FlagRules.Check(set, changed));
            }
        });

    [Fact]
    public void The_difference_of_two_sets_makes_one_out_of_the_other() =>
        Gen.Select(Flagged.Sets, Flagged.Sets)
            .Sample(
                (one, other) =>
                {
                    var made = FlagPatch.Between(one, other).Apply(one);
                    Assert.True(FlagPatch.Between(made, other).IsEmpty);
                    Assert.True(FlagPatch.Between(one, one).IsEmpty);
                }
            );

    [Fact]
    public void A_flag_that_is_not_touched_is_the_same_object_afterwards()
    {
        var before = Flagged.Set(Flagged.Switch("a", Flagged.On), Flagged.Switch("b", Flagged.On));
        var file = Flagged.Set(Flagged.Switch("a", Flagged.Off), Flagged.Switch("b", Flagged.On));
        var after = Flagged.Good(before, new FlagChange.ReplaceAll(file, null));
        Assert.Same(before.Flags["b"], after.Flags["b"]);
        Assert.NotSame(before.Flags["a"], after.Flags["a"]);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(7, false)]
    public void A_change_of_what_is_shared_names_the_version_of_the_set(long expected, bool isTaken)
    {
        var set = Flagged.Set(Flagged.Switch("f", Flagged.On, "staging", "production"));
        FlagChange[] changes =
        [
            new FlagChange.PutSegment("vip", new Segment { Users = ["u1"] }, expected),
            new FlagChange.PutHoldout("few", new Holdout(Share.None, "few"), expected),
            new FlagChange.Promote("staging", "production", null, expected),
            new FlagChange.ReplaceAll(Flagged.Set(Flagged.Switch("g", Flagged.On)), expected),
        ];
        foreach (var change in changes)
        {
            var problems = FlagChanger.Apply(set, change, Flagged.Now).Problems;
            Assert.Equal(isTaken ? [] : ["TEAL9230"], problems.Select(problem => problem.Code));
        }
    }

    private static IEnumerable<FlagSet> Steps(FlagSet set)
    {
        foreach (var key in set.Flags.Keys)
        {
            var off = FlagChanger.Apply(set, new FlagChange.EnableFlag(key, "production", false, null), Flagged.Now).Set;
            if (off is not null)
            {
                yield return set = off;
            }
        }
        yield return set with
        {
            Segments = new Dictionary<string, Segment>(set.Segments),
        };
    }

    private static IEnumerable<FlagSet> BadSteps(FlagSet set) =>
        set.Flags.Values.SelectMany(flag =>
            new[]
            {
                set with
                {
                    Flags = set.Flags.Where(pair => pair.Key != flag.Key).ToDictionary(),
                },
                Put(set, flag with { IsArchived = true }),
                Put(set, flag with { Variants = [new Variant("only", VariantValue.True)] }),
                Put(set, flag with { Requires = [new Prerequisite(flag.Key, ["on"])] }),
            }
        );

    private static FlagSet Put(FlagSet set, Flag flag) =>
        set with
        {
            Flags = new Dictionary<string, Flag>(set.Flags) { [flag.Key] = flag },
        };

    private static void SameAnswers(byte[] json, FlagDocument made)
    {
        Assert.True(FlagDocument.TryRead(json, DocumentLimits.Usual, out var read, out _));
        Assert.Equal(read.Flags.Select(flag => flag.Key), made.Flags.Select(flag => flag.Key));
        Assert.Equal(read.Metadata["version"].AsString, made.Metadata["version"].AsString);
        foreach (var user in (string[])["u1", "u2", "u3"])
        {
            var utf8 = Encoding.UTF8.GetBytes($$"""{"targetingKey":"{{user}}","country":"DE","age":3}""");
            Assert.True(EvaluationContext.TryParse(utf8, ContextLimits.Usual, out var context, out _));
            foreach (var flag in read.Flags)
            {
                Assert.Equal(read.Evaluate(flag.Key, context, Flagged.Now).Variant, made.Evaluate(flag.Key, context, Flagged.Now).Variant);
            }
        }
    }
}
