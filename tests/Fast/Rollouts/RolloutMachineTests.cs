using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Tests.Fast.Releases;

namespace Teal.Tests.Fast.Rollouts;

/// <summary>What the machine means to a person, told in short rollouts.</summary>
public sealed class RolloutMachineTests
{
    private static readonly Share _five = new(500);
    private static readonly Share _quarter = new(2500);

    [Fact]
    public void A_rollout_goes_by_its_steps_and_ends_with_everybody()
    {
        var walk = RolloutWalk.AtFirstStep();
        Assert.Equal(_five, walk.Rollout.Confirmed);
        walk.Says(VerdictKind.Continue).Waits().Moves();
        Assert.Equal(_quarter, walk.Rollout.Confirmed);
        walk.Says(VerdictKind.Continue).Waits().Moves().Says(VerdictKind.Continue).Waits();
        Assert.Equal((RolloutOutcome.Done, Share.All), (walk.Rollout.Outcome, walk.Rollout.Share));
        Assert.Equal(
            ["begun", "share", "holding", "share", "holding", "share", "holding", "done"],
            walk.Story.Steps.Select(step => step.What)
        );
    }

    [Theory]
    [InlineData(VerdictKind.NoData)]
    [InlineData(VerdictKind.Hold)]
    public void What_is_not_known_to_be_healthy_holds_the_step_and_then_asks_a_person(VerdictKind verdict)
    {
        var walk = RolloutWalk.AtFirstStep().Says(verdict);
        Assert.Null(walk.Rollout.NeedsPerson);
        walk.Waits();
        Assert.Contains("5%", walk.Rollout.NeedsPerson, StringComparison.Ordinal);
        Assert.Equal(_five, walk.Rollout.Share);
        walk.Says(VerdictKind.Continue);
        Assert.Null(walk.Rollout.NeedsPerson);
        Assert.Equal(_quarter, walk.Rollout.Share);
    }

    [Theory]
    [InlineData(BreachShare.Off, 0)]
    [InlineData(BreachShare.Previous, 500)]
    public void A_breach_ends_at_the_share_that_was_asked_for_and_says_why(BreachShare onBreach, int parts)
    {
        var walk = RolloutWalk.AtFirstStep(onBreach).Says(VerdictKind.Continue).Waits().Moves().Says(VerdictKind.Rollback);
        Assert.Equal(RolloutPhase.Returning, walk.Rollout.Phase);
        walk.Moves();
        Assert.Equal((RolloutOutcome.TakenBack, new Share(parts)), (walk.Rollout.Outcome, walk.Rollout.Confirmed));
        Assert.Equal("TEAL9310", walk.Story.Failure!.Code);
        Assert.Contains("25%", walk.Story.Failure.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Back_to_the_previous_share_is_the_one_before_the_rollout_when_its_first_step_breaks()
    {
        var order = RolloutExploration.Order(BreachShare.Previous, "25% 60", "100% 60");
        var walk = new RolloutWalk().Begins(order, _five).Moves().Says(VerdictKind.Rollback).Moves();
        Assert.Equal(_five, walk.Rollout.Confirmed);
    }

    [Fact]
    public void A_breach_counts_while_it_is_paused_too()
    {
        var walk = RolloutWalk.AtFirstStep().Does(new RolloutPauseRequested(Given.Ann)).Says(VerdictKind.Continue);
        Assert.DoesNotContain(walk.State.Outstanding, wanted => wanted.Effect is RolloutWait);
        Assert.Equal(_five, walk.Rollout.Share);
        walk.Says(VerdictKind.Rollback).Moves();
        Assert.Equal(RolloutOutcome.TakenBack, walk.Rollout.Outcome);
    }

    [Fact]
    public void It_resumes_at_the_same_share_with_a_fresh_hold_and_fresh_evidence()
    {
        var walk = RolloutWalk.AtFirstStep().Says(VerdictKind.Continue).Does(new RolloutPauseRequested(Given.Ann));
        var observed = walk.Wanted<ObserveVariant>();
        walk.Does(new RolloutResumeRequested(Given.Ann));
        Assert.NotEqual(observed, walk.Wanted<ObserveVariant>());
        Assert.Equal((_five, (VerdictKind?)null), (walk.Rollout.Share, walk.Rollout.Verdict));
        walk.Waits();
        Assert.Equal(_five, walk.Rollout.Share);
        walk.Says(VerdictKind.Continue);
        Assert.Equal(_quarter, walk.Rollout.Share);
    }

    [Fact]
    public void A_promotion_needs_the_guards_word_or_force()
    {
        var walk = RolloutWalk.AtFirstStep();
        var refusal = walk.Refused(new RolloutPromoteRequested(false, Given.Ann));
        Assert.Equal(("TEAL9305", RefusalKind.NeedsPerson), (refusal.Code, refusal.Kind));
        walk.Does(new RolloutPromoteRequested(true, Given.Ann)).Moves();
        Assert.Equal((RolloutOutcome.Done, Share.All), (walk.Rollout.Outcome, walk.Rollout.Share));
        var allowed = RolloutWalk.AtFirstStep().Says(VerdictKind.Continue).Does(new RolloutPromoteRequested(false, Given.Ann)).Moves();
        Assert.Equal((RolloutPhase.Observing, Share.All), (allowed.Rollout.Phase, allowed.Rollout.Share));
        Assert.Equal(Share.None, allowed.Says(VerdictKind.Rollback).Rollout.Share);
    }

    [Fact]
    public void After_a_promotion_the_previous_share_is_the_one_that_was_watched()
    {
        var walk = RolloutWalk.AtFirstStep(BreachShare.Previous, "5% 60", "25% 60", "50% 60", "100% 60").Says(VerdictKind.Continue);
        walk.Does(new RolloutPromoteRequested(false, Given.Ann)).Moves().Says(VerdictKind.Rollback).Moves();
        Assert.Equal(_five, walk.Rollout.Confirmed);
    }

    [Fact]
    public void A_stop_leaves_nobody_whatever_a_breach_would_have_left()
    {
        var walk = RolloutWalk.AtFirstStep(BreachShare.Previous).Says(VerdictKind.Continue).Waits().Moves();
        walk.Does(new RolloutStopRequested(Given.Ann)).Moves();
        Assert.Equal((RolloutOutcome.Stopped, Share.None), (walk.Rollout.Outcome, walk.Rollout.Confirmed));
    }

    [Fact]
    public void A_kill_ends_it_without_a_move_of_its_own()
    {
        var walk = RolloutWalk.AtFirstStep().Does(new RolloutKilled(Given.Ann));
        Assert.Empty(walk.State.Outstanding);
        Assert.Equal((RolloutOutcome.Killed, Share.None), (walk.Rollout.Outcome, walk.Rollout.Share));
        Assert.Same(walk.State, RolloutMachine.Decide(walk.State, new RolloutKilled(Given.Ann)).State);
    }

    [Fact]
    public void A_flag_has_one_rollout_at_a_time_and_its_share_only_grows()
    {
        var order = RolloutExploration.Order(BreachShare.Off, "5% 60", "100% 60");
        var walk = RolloutWalk.AtFirstStep();
        Assert.Equal("TEAL9301", walk.Refused(new RolloutRequested(order, Share.None, Given.Ann)).Code);
        walk.Does(new RolloutKilled(Given.Ann));
        Assert.Equal("TEAL9302", walk.Refused(new RolloutRequested(order, _five, Given.Ann)).Code);
        Assert.Equal("TEAL9303", walk.Refused(new RolloutPauseRequested(Given.Ann)).Code);
        Assert.Equal(2, walk.Begins(order).Rollout.Number);
    }

    [Fact]
    public void A_share_that_cannot_be_moved_back_is_tried_again_and_then_a_person_is_asked()
    {
        var walk = RolloutWalk.AtFirstStep().Says(VerdictKind.Rollback);
        var waits = new List<double>();
        for (var retry = 0; retry < RolloutMachine.MostRetries; retry++)
        {
            walk.Fails<MoveShare>();
            waits.Add(((RolloutWait)walk.State.Outstanding.Single().Effect).For.TotalSeconds);
            walk.Waits();
        }
        Assert.Equal([1, 2, 4, 8, 16], waits);
        walk.Fails<MoveShare>();
        Assert.Empty(walk.State.Outstanding);
        Assert.Contains("teal flag kill checkout", walk.Rollout.NeedsPerson, StringComparison.Ordinal);
        walk.Does(new RolloutResumeRequested(Given.Ann)).Moves();
        Assert.Equal(RolloutOutcome.TakenBack, walk.Rollout.Outcome);
    }

    [Fact]
    public void A_share_that_cannot_be_moved_forward_takes_the_rollout_back()
    {
        var walk = RolloutWalk.AtFirstStep().Says(VerdictKind.Continue).Waits().Fails<MoveShare>().Moves();
        Assert.Equal((RolloutOutcome.TakenBack, Share.None), (walk.Rollout.Outcome, walk.Rollout.Confirmed));
        Assert.Equal("TEAL9311", walk.Rollout.Failure!.Code);
    }

    [Fact]
    public void What_cannot_be_watched_stands_still_until_a_person_has_looked()
    {
        var walk = RolloutWalk.AtFirstStep().Fails<ObserveVariant>();
        Assert.True(walk.Rollout is { IsPaused: true, NeedsPerson: not null });
        Assert.Empty(walk.State.Outstanding);
        walk.Does(new RolloutResumeRequested(Given.Ann)).Says(VerdictKind.Continue).Waits();
        Assert.Equal(_quarter, walk.Rollout.Share);
    }
}
