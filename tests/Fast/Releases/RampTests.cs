using Teal.Analysis;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>The one rule by which a share goes on, for releases and for flags.</summary>
public sealed class RampTests
{
    private static readonly Ramp _held = new(TimeSpan.FromMinutes(1), IsHoldElapsed: false, IsPaused: false, IsForced: false, null);

    [Fact]
    public void It_advances_when_the_hold_is_over_and_the_guard_says_healthy_in_either_order()
    {
        Assert.Equal(RampNext.Stay, _held.WhenConfirmed());
        Assert.Equal(RampNext.Stay, _held.WhenJudged(VerdictKind.Continue));
        Assert.Equal(RampNext.Advance, (_held with { Verdict = VerdictKind.Continue }).WhenHeld());
        Assert.Equal(RampNext.Stay, _held.WhenHeld());
        Assert.Equal(RampNext.Advance, (_held with { IsHoldElapsed = true }).WhenJudged(VerdictKind.Continue));
    }

    [Theory]
    [InlineData(VerdictKind.NoData)]
    [InlineData(VerdictKind.Hold)]
    public void What_is_not_known_to_be_healthy_waits_for_the_end_of_the_hold_and_then_asks(VerdictKind verdict)
    {
        Assert.Equal(RampNext.Stay, _held.WhenJudged(verdict));
        Assert.Equal(RampNext.AskPerson, (_held with { Verdict = verdict }).WhenHeld());
        Assert.Equal(RampNext.AskPerson, (_held with { IsHoldElapsed = true }).WhenJudged(verdict));
        Assert.False((_held with { Verdict = verdict }).MayBePromoted);
    }

    [Fact]
    public void A_breach_counts_at_any_time_once_and_not_against_a_person_who_overruled_it()
    {
        Assert.Equal(RampNext.TakeBack, _held.WhenJudged(VerdictKind.Rollback));
        Assert.Equal(RampNext.TakeBack, (_held with { IsPaused = true }).WhenJudged(VerdictKind.Rollback));
        Assert.Equal(RampNext.Stay, (_held with { Verdict = VerdictKind.Rollback }).WhenJudged(VerdictKind.Rollback));
        Assert.Equal(RampNext.Stay, (_held with { IsForced = true }).WhenJudged(VerdictKind.Rollback));
    }

    [Fact]
    public void A_stage_without_a_hold_and_a_forced_one_are_not_watched_unless_they_are_paused()
    {
        var unheld = _held with { Hold = TimeSpan.Zero };
        Assert.Equal(RampNext.Advance, unheld.WhenConfirmed());
        Assert.Equal(RampNext.Advance, (_held with { IsForced = true }).WhenConfirmed());
        Assert.Equal(RampNext.Stay, (unheld with { IsPaused = true }).WhenConfirmed());
        Assert.Equal(RampNext.Stay, (_held with { IsPaused = true, IsHoldElapsed = true }).WhenJudged(VerdictKind.Continue));
    }
}
