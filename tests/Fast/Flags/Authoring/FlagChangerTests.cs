using System.Text.Json;
using CsCheck;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

public sealed class FlagChangerTests
{
    private static readonly FlagSet One = Flagged.Set(Flagged.Switch("checkout", Flagged.Off, "staging", "production"));

    private static FlagChange.SetShare To(string share, string variant = "on") =>
        new(
            "checkout",
            "production",
            variant,
            Share.TryParse(share, out var parsed) ? parsed : throw new FormatException(share),
            null,
            null
        );

    [Fact]
    public void A_change_counts_the_flag_and_the_set_and_keeps_the_time()
    {
        var next = Flagged.Good(One, To("5%"));
        Assert.Equal(2, next.Flags["checkout"].Version);
        Assert.Equal(1, next.Version);
        Assert.Equal(Flagged.Now, Flagged.Production(next, "checkout").Changed);
        Assert.Null(next.Flags["checkout"].Environments["staging"].Changed);
    }

    [Fact]
    public void A_change_that_changes_nothing_returns_the_same_set() =>
        Assert.Same(One, Flagged.Good(One, new FlagChange.EnableFlag("checkout", "production", true, 1)));

    [Fact]
    public void Two_who_looked_at_the_same_version_do_not_overwrite_each_other()
    {
        var next = Flagged.Good(One, To("5%") with { ExpectedVersion = 1 });
        var refusal = Flagged.Refused(next, To("50%") with { ExpectedVersion = 1 });
        Assert.Equal(("TEAL9230", FlagProblemKind.Conflict), (refusal.Code, refusal.Kind));
    }

    [Fact]
    public void A_ramp_is_monotone_up_and_down_and_ends_in_one_variant() =>
        Gen.Int[0, Share.Whole]
            .Array[1, 6]
            .Sample(
                ramp =>
                {
                    var set = One;
                    foreach (var parts in ramp)
                    {
                        set = Flagged.Good(set, To("0%") with { Share = new Share(parts) });
                        var split = (Serve.Split)Flagged.Production(set, "checkout").Otherwise;
                        Assert.Equal([new Slice("on", new Share(parts)), new Slice("off", new Share(Share.Whole - parts))], split.Slices);
                    }
                },
                iter: 50
            );

    [Fact]
    public void The_off_variant_is_always_the_rest()
    {
        var launched = Flagged.Good(One, new FlagChange.SetOtherwise("checkout", "production", Flagged.On, null));
        var split = (Serve.Split)Flagged.Production(Flagged.Good(launched, To("10%", "off")), "checkout").Otherwise;
        Assert.Equal([new Slice("on", new Share(9_000)), new Slice("off", new Share(1_000))], split.Slices);
    }

    [Fact]
    public void Kill_and_revive_bring_back_what_was()
    {
        var rolling = Flagged.Good(One, To("5%"));
        var killed = Flagged.Good(rolling, new FlagChange.EnableFlag("checkout", "production", false, null));
        Assert.Equal("off", FlagLife.Settled(Flagged.Production(killed, "checkout")));
        var revived = Flagged.Good(killed, new FlagChange.EnableFlag("checkout", "production", true, null));
        Assert.Equal(
            FlagWords.Of(Flagged.Production(rolling, "checkout").Otherwise),
            FlagWords.Of(Flagged.Production(revived, "checkout").Otherwise)
        );
    }

    [Fact]
    public void Rules_are_put_replaced_and_removed_by_name()
    {
        var staff = new Rule("staff", new Condition.Attribute("plan", Test.Exists, []), Flagged.On);
        var set = Flagged.Good(One, new FlagChange.PutRule("checkout", "production", staff, null, null));
        set = Flagged.Good(set, new FlagChange.PutRule("checkout", "production", staff with { Name = "first" }, 0, null));
        set = Flagged.Good(set, new FlagChange.PutRule("checkout", "production", staff with { Serve = Flagged.Off }, 0, null));
        Assert.Equal(["first", "staff"], Flagged.Production(set, "checkout").Rules.Select(rule => rule.Name));
        Assert.Equal("TEAL9231", Flagged.Refused(set, new FlagChange.RemoveRule("checkout", "production", "stuff", null)).Code);
        set = Flagged.Good(set, new FlagChange.RemoveRule("checkout", "production", "staff", null));
        Assert.Equal("first", Assert.Single(Flagged.Production(set, "checkout").Rules).Name);
    }

    [Fact]
    public void Promoting_makes_two_environments_the_same()
    {
        var set = Flagged.Good(One, new FlagChange.SetOtherwise("checkout", "staging", Flagged.Split("25%"), null));
        Assert.Equal(
            ["checkout: otherwise: on 25%, off 75% → off"],
            FlagDiff.Between(set, "staging", "production").Select(line => line.ToString())
        );
        var promoted = Flagged.Good(set, new FlagChange.Promote("staging", "production", null));
        Assert.Empty(FlagDiff.Between(promoted, "staging", "production"));
    }

    [Fact]
    public void What_a_file_leaves_as_it_was_keeps_its_version_and_its_times()
    {
        var set = Flagged.Good(One, To("5%"));
        var file = Flagged.Set(
            Flagged
                .Switch("checkout", Flagged.Off, "staging", "production")
                .In(_ => Flagged.Production(set, "checkout") with { Changed = null })
        );
        Assert.Same(set, Flagged.Good(set, new FlagChange.ReplaceAll(file, set.Version)));
    }

    [Fact]
    public void A_scheduled_change_is_due_at_its_time_is_made_once_and_is_gone()
    {
        var entry = new Scheduled(new DateTime(2026, 12, 1, 9, 0, 0), "Europe/Berlin", null, Flagged.On);
        var set = Flagged.Set(Flagged.Switch("checkout", Flagged.Off).In(targeting => targeting with { Schedule = [entry] }));
        var at = new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);
        Assert.Empty(FlagSchedule.Due(set, at.AddTicks(-1)));
        var due = Assert.Single(FlagSchedule.Due(set, at));
        Assert.Equal((at, at), (due.At, FlagSchedule.Next(set)));
        var next = Flagged.Good(set, due.Change);
        Assert.Equal("on", FlagWords.Of(Flagged.Production(next, "checkout").Otherwise));
        Assert.Empty(FlagSchedule.Due(next, at));
        Assert.Equal("TEAL9231", Flagged.Refused(next, due.Change).Code);
    }

    [Theory]
    [InlineData("2026-03-29T02:30", "2026-03-29T01:30Z")]
    [InlineData("2026-10-25T02:30", "2026-10-25T00:30Z")]
    [InlineData("2026-07-01T09:00", "2026-07-01T07:00Z")]
    public void A_time_that_the_clock_skips_or_shows_twice_is_one_instant(string local, string instant) =>
        Assert.Equal(DateTimeOffset.Parse(instant, null), FlagSchedule.InstantOf(DateTime.Parse(local, null), "Europe/Berlin"));

    [Fact]
    public void Sets_and_changes_survive_the_journal()
    {
        Flagged.Sets.Sample(set =>
            FlagJson.Same(
                set,
                JsonSerializer.Deserialize(JsonSerializer.Serialize(set, FlagJson.Default.FlagSet), FlagJson.Default.FlagSet)!
            )
        );
        var json = JsonSerializer.Serialize<FlagChange>(To("5%"), FlagJson.Default.FlagChange);
        Assert.Equal(
            json,
            JsonSerializer.Serialize(JsonSerializer.Deserialize(json, FlagJson.Default.FlagChange)!, FlagJson.Default.FlagChange)
        );
        Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize(json.Replace("flag\"", "flog\"", StringComparison.Ordinal), FlagJson.Default.FlagChange)
        );
    }
}
