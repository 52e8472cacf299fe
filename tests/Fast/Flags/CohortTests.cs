using System.Text;
using CsCheck;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class CohortTests
{
    /// <summary>MurmurHash3_x86_32, seed 0, as published (Wikipedia, "MurmurHash"; the SMHasher reference for the shorter ones).</summary>
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("a", 0x3c2569b2u)]
    [InlineData("abc", 0xb3dd93fau)]
    [InlineData("test", 0xba6bd213u)]
    [InlineData("hello", 0x248bfa47u)]
    [InlineData("Hello, world!", 0xc0363e43u)]
    [InlineData("hello, world", 0x149bbb7fu)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x2e4ff723u)]
    public void The_hash_is_the_published_one(string text, uint hash) => Assert.Equal(hash, Cohort.Murmur3(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Salt_and_key_are_hashed_as_one_text() =>
        Assert.Equal(Cohort.Bucket("", "saltkey", Share.Whole), Cohort.Bucket("salt", "key", Share.Whole));

    [Fact]
    public void Who_is_in_stays_in_as_the_share_grows() =>
        Gen.Select(Gen.String, Gen.String, Gen.Int[0, Share.Whole], Gen.Int[0, Share.Whole])
            .Sample(
                (salt, key, one, other) =>
                    !Cohort.Includes(new Share(Math.Min(one, other)), salt, key)
                    || Cohort.Includes(new Share(Math.Max(one, other)), salt, key)
            );

    [Fact]
    public void Nobody_is_in_at_none_and_everybody_at_all() =>
        Gen.Select(Gen.String, Gen.String)
            .Sample((salt, key) => !Cohort.Includes(Share.None, salt, key) && Cohort.Includes(Share.All, salt, key));

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(2500)]
    public void A_share_gets_its_part_within_binomial_bounds(int parts)
    {
        const int units = 200_000;
        const int seed = 20261123;
        var random = new Random(seed);
        var inside = 0;
        for (var i = 0; i < units; i++)
        {
            inside += Cohort.Includes(new Share(parts), "shop-17", $"user-{random.NextInt64()}") ? 1 : 0;
        }
        var chance = (double)parts / Share.Whole;
        var bound = 5 * Math.Sqrt(units * chance * (1 - chance));
        Assert.True(Math.Abs(inside - (units * chance)) <= bound, $"seed {seed}: {inside} of {units} for {parts} parts");
    }

    [Fact]
    public void Two_salts_choose_unrelated_users()
    {
        const int units = 100_000;
        var quarter = new Share(2500);
        var both = Enumerable.Range(0, units).Count(i => Cohort.Includes(quarter, "a", $"u{i}") && Cohort.Includes(quarter, "b", $"u{i}"));
        var bound = 5 * Math.Sqrt(units * 0.0625 * 0.9375);
        Assert.InRange(both, (units * 0.0625) - bound, (units * 0.0625) + bound);
    }
}
