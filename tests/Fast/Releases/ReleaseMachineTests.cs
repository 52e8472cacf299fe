using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>What the machine means to a person, told in short releases.</summary>
public sealed class ReleaseMachineTests
{
    [Fact]
    public void A_first_release_goes_straight_to_everything()
    {
        var release = new Walk().Does(Given.Deploy("v1", Given.TwoStages)).Succeeds<StartSlot>().Succeeds<SmokeSlot>();
        Assert.Equal(Share.All, release.State.Traffic.ShareOf(SlotName.Blue));
        release.Succeeds<MoveTraffic>().Succeeds<WriteReceipt>();
        Assert.Equal(ReleaseOutcome.Done, release.Outcome);
        Assert.Equal("v1", release.Live);
        Assert.Empty(release.State.Outstanding);
    }

    [Fact]
    public void A_release_goes_by_its_stages_and_keeps_the_old_version_warm()
    {
        var release = Walk.OnV1().Does(Given.Deploy("v2", Given.TwoStages)).Succeeds<StartSlot>().Succeeds<SmokeSlot>();
        Assert.Equal(new Share(500), release.State.Traffic.ShareOf(SlotName.Green));
        release.Succeeds<MoveTraffic>().Says(VerdictKind.Continue).Succeeds<Wait>();
        Assert.Equal(TrafficShape.AllTo(SlotName.Green), release.State.Traffic);
        release.Succeeds<MoveTraffic>().Says(VerdictKind.Continue).Succeeds<Wait>().Succeeds<DrainSlot>().Succeeds<WriteReceipt>();
        Assert.Equal("v2", release.Live);
        Assert.Equal(SlotPhase.Warm, release.State.Blue.Phase);
        release.Succeeds<Wait>().Succeeds<StopSlot>();
        Assert.Equal(SlotState.Empty, release.State.Blue);
    }

    [Fact]
    public void No_data_holds_the_stage_and_says_so_until_there_is_some()
    {
        var release = Walk.AtFivePercent().Says(VerdictKind.NoData).Succeeds<Wait>();
        Assert.Contains("5%", release.Release.NeedsPerson, StringComparison.Ordinal);
        Assert.Equal(ReleasePhase.Observing, release.Release.Phase);
        release.Says(VerdictKind.Continue);
        Assert.Null(release.Release.NeedsPerson);
        Assert.Equal(ReleasePhase.Shifting, release.Release.Phase);
    }

    [Fact]
    public void A_breach_takes_traffic_back_at_once_and_stops_the_new_version_last()
    {
        var release = Walk.AtFivePercent().Says(VerdictKind.Rollback);
        Assert.Equal(TrafficShape.AllTo(SlotName.Blue), release.State.Traffic);
        release.Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<StopSlot>().Succeeds<WriteReceipt>();
        Assert.Equal(ReleaseOutcome.RolledBack, release.Outcome);
        Assert.Equal("v1", release.Live);
        Assert.Equal("TEAL3021", release.Release.Failure!.Code);
    }

    [Fact]
    public void A_version_that_never_gets_healthy_is_not_switched_to()
    {
        var release = Walk.OnV1().Does(Given.Deploy("v2", Given.TwoStages));
        release.Does(new SlotFailed(release.Wanted<StartSlot>(), Given.Broken)).Succeeds<StopSlot>().Succeeds<WriteReceipt>();
        Assert.Equal(ReleaseOutcome.NotSwitched, release.Outcome);
        Assert.Equal(Given.Broken, release.Release.Failure);
    }

    [Fact]
    public void Traffic_does_not_go_back_to_a_version_that_is_down_until_it_is_up()
    {
        var release = Walk.AtFivePercent().Does(new SlotDown(SlotName.Blue, Given.Broken)).Says(VerdictKind.Rollback);
        Assert.True(release.Release.IsPaused);
        Assert.Contains("down too", release.Release.NeedsPerson, StringComparison.Ordinal);
        Assert.Equal(RefusalKind.NeedsPerson, release.Refused(new AbortRequested(Given.Ann)).Kind);
        release.Does(new SlotUp(SlotName.Blue));
        Assert.Equal(ReleasePhase.Returning, release.Release.Phase);
    }

    [Fact]
    public void A_rollback_needs_no_start_and_keeps_the_other_version_warm()
    {
        var release = Walk.OnV2().Does(new RollbackRequested(null, Given.Ann));
        Assert.Equal(TrafficShape.AllTo(SlotName.Blue), release.State.Traffic);
        release.Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<WriteReceipt>();
        Assert.Equal((ReleaseOutcome.Done, "v1"), (release.Outcome, release.Live));
        Assert.Equal(SlotPhase.Warm, release.State.Green.Phase);
    }

    [Fact]
    public void A_live_version_that_goes_down_is_replaced_by_the_warm_one()
    {
        var release = Walk.OnV2().Does(new SlotDown(SlotName.Green, Given.Broken));
        Assert.Equal((ReleaseKind.Rollback, "teal"), (release.Release.Kind, release.Release.By.Actor));
        release.Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<WriteReceipt>();
        Assert.Equal((ReleaseOutcome.RolledBack, "v1"), (release.Outcome, release.Live));
    }

    [Fact]
    public void A_rollback_to_what_does_not_run_is_refused_with_the_way_to_get_it()
    {
        Assert.Contains("teal deploy v0", Walk.OnV2().Refused(new RollbackRequested("v0", Given.Ann)).Why, StringComparison.Ordinal);
        Assert.Equal("TEAL3008", Walk.OnV1().Refused(new RollbackRequested(null, Given.Ann)).Code);
    }

    [Fact]
    public void The_warm_version_deployed_again_is_not_stopped_first()
    {
        var release = Walk.OnV2().Does(Given.Deploy("v1", Given.TwoStages));
        Assert.Equal(ReleasePhase.Starting, release.Release.Phase);
        Assert.Equal(ReleasePhase.Clearing, Walk.OnV2().Does(Given.Deploy("v3", Given.TwoStages)).Release.Phase);
    }

    [Fact]
    public void A_second_deploy_waits_and_the_ninth_is_refused()
    {
        var release = Walk.AtFivePercent();
        Assert.Contains("ann (because)", release.Refused(Given.Deploy("v3", Given.TwoStages, wait: false)).Why, StringComparison.Ordinal);
        for (var version = 3; version < 11; version++)
        {
            release.Does(Given.Deploy($"v{version}", Given.TwoStages));
        }
        Assert.Equal("TEAL3002", release.Refused(Given.Deploy("v11", Given.TwoStages)).Code);
        release
            .Does(new AbortRequested(Given.Ann))
            .Succeeds<MoveTraffic>()
            .Succeeds<DrainSlot>()
            .Succeeds<StopSlot>()
            .Succeeds<WriteReceipt>();
        Assert.Equal(ReleaseOutcome.RolledBack, release.Outcome);
        release.Succeeds<Wait>();
        Assert.Equal("v3", release.Release.To);
        Assert.Equal(7, release.State.Waiting.Count);
    }

    [Fact]
    public void A_deploy_that_supersedes_takes_the_running_one_back_and_follows_it()
    {
        var release = Walk.AtFivePercent().Does(Given.Deploy("v3", Given.TwoStages, supersede: true));
        release.Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<StopSlot>().Succeeds<WriteReceipt>();
        Assert.Equal(ReleaseOutcome.Superseded, release.Outcome);
        Assert.Equal("v3", release.Succeeds<Wait>().Release.To);
    }

    [Fact]
    public void A_promotion_needs_the_guard_or_force()
    {
        var release = Walk.AtFivePercent();
        Assert.Equal(
            ("TEAL3007", RefusalKind.NeedsPerson),
            (release.Refused(new PromoteRequested(false, Given.Ann)) is var no ? (no.Code, no.Kind) : default)
        );
        release.Does(new PromoteRequested(true, Given.Ann));
        Assert.True(release.Release.PromoteForced);
        Assert.Equal(Share.All, release.State.Traffic.ShareOf(SlotName.Green));
        Assert.False(Walk.AtFivePercent().Says(VerdictKind.Continue).Does(new PromoteRequested(false, Given.Ann)).Release.PromoteForced);
    }

    [Fact]
    public void A_paused_release_is_still_guarded_and_resumes_with_a_fresh_hold()
    {
        var release = Walk.AtFivePercent().Does(new PauseRequested(Given.Ann)).Says(VerdictKind.Continue);
        Assert.Equal(ReleasePhase.Observing, release.Release.Phase);
        Assert.DoesNotContain(release.State.Outstanding, wanted => wanted.Effect is Wait);
        release.Does(new ResumeRequested(Given.Ann));
        Assert.Contains(release.State.Outstanding, wanted => wanted.Effect is Wait { Reason: WaitReason.Hold });
        Assert.Equal(ReleasePhase.Returning, release.Does(new PauseRequested(Given.Ann)).Says(VerdictKind.Rollback).Release.Phase);
    }

    [Fact]
    public void A_move_back_that_fails_is_tried_again_for_ever()
    {
        var release = Walk.AtFivePercent().Says(VerdictKind.Rollback);
        for (var failure = 0; failure < 5; failure++)
        {
            release.Does(new EffectFailed(release.Wanted<MoveTraffic>(), Given.Broken));
        }
        Assert.Equal(ReleasePhase.Returning, release.Release.Phase);
        Assert.Single(release.State.Outstanding);
    }

    [Fact]
    public void What_comes_late_twice_or_from_nowhere_changes_nothing()
    {
        var release = Walk.OnV1().Does(Given.Deploy("v2", Given.TwoStages));
        var start = release.Wanted<StartSlot>();
        release.Succeeds<StartSlot>();
        foreach (
            var late in new ReleaseEvent[]
            {
                new SlotReady(start),
                new SlotStopped(release.Wanted<SmokeSlot>()),
                new TrafficMoved(99, 1),
                new VerdictReached(start, Given.Verdict(VerdictKind.Rollback)),
            }
        )
        {
            var decision = ReleaseMachine.Decide(release.State, late);
            Assert.Same(release.State, decision.State);
            Assert.Empty(decision.Effects);
        }
    }

    [Fact]
    public void The_same_version_again_changes_nothing()
    {
        var state = Walk.OnV1().State;
        Assert.Same(state, ReleaseMachine.Decide(state, Given.Deploy("v1", Given.TwoStages)).State);
    }

    [Fact]
    public void The_story_reads_like_what_happened()
    {
        var release = Walk.AtFivePercent().Says(VerdictKind.Rollback).Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<StopSlot>();
        var story = release.Succeeds<WriteReceipt>().History.Releases[^1];
        Assert.Equal(
            [
                "begun",
                "starting",
                "healthy",
                "testing",
                "smoke_passed",
                "share",
                "holding",
                "taking_back",
                "returning",
                "returned",
                "draining",
                "drained",
                "stopping",
                "stopped",
                "receipt",
                "rolled_back",
            ],
            story.Steps.Select(step => step.What)
        );
        Assert.Equal("5% of the traffic goes to v2.", story.Steps[5].Words);
        Assert.Equal((ReleaseOutcome.RolledBack, Given.Receipt), (story.Outcome, story.Receipt));
        Assert.NotNull(story.EndedAt);
        Assert.Equal(VerdictKind.Rollback, Assert.Single(story.Verdicts).Verdict.Kind);
        Assert.Equal(2, release.History.Releases.Count);
    }
}
