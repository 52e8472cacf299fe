using System.Text.Json.Nodes;
using Teal.Analysis;
using Teal.Releases;
using Teal.Server;
using Teal.Server.Journal;

namespace Teal.Tests.Fast.Releases;

public sealed class ReleaseNoticesTests
{
    private static readonly NotifySection Hook = new()
    {
        Webhook = "env:HOOK_URL",
        On = [NoticeKind.Done, NoticeKind.RolledBack, NoticeKind.NeedsPerson],
    };

    [Fact]
    public void The_end_of_a_release_is_told_once() =>
        Assert.Equal([NoticeKind.Done], Told(Walk.AtFivePercent(), walk => ToTheEnd(walk.Does(new PromoteRequested(true, Given.Ann)))));

    [Fact]
    public void A_release_that_is_taken_back_is_told_when_users_are_safe() =>
        Assert.Equal([NoticeKind.RolledBack], Told(Walk.AtFivePercent(), walk => TakenBack(walk.Says(VerdictKind.Rollback))));

    [Fact]
    public void A_rollback_after_the_end_is_told_as_one() =>
        Assert.Equal([NoticeKind.RolledBack], Told(Walk.OnV2(), walk => ToTheEnd(walk.Does(new RollbackRequested(null, Given.Ann)))));

    [Fact]
    public void Who_is_needed_is_called_once_and_again_only_after_it_went_on()
    {
        var held = Walk.AtFivePercent();
        var told = Told(
            held,
            walk =>
            {
                walk.Says(VerdictKind.Hold).Succeeds<Wait>();
                walk.Says(VerdictKind.NoData);
                walk.Says(VerdictKind.Hold);
            }
        );
        Assert.Equal([NoticeKind.NeedsPerson], told);
    }

    [Fact]
    public void The_fold_keeps_what_is_due_until_its_outcome_is_journaled_and_never_more_than_its_limit()
    {
        var manifest = Given.TwoStages with { Notify = [Hook] };
        var state = ServerState.Empty;
        for (var release = 0; release < 300; release++)
        {
            state = Released(state, $"v{release}", manifest);
        }
        Assert.Equal(256, state.Notices.Count);
        var first = state.Notices[0];
        Assert.Equal((NoticeKind.Done, "shop", "env:HOOK_URL"), (first.Kind, first.Service, first.Webhook));
        Assert.Equal(256, state.Notices.Select(notice => notice.Id).Distinct().Count());
        state = Append(state, new NoticeDelivered(first.Id, 1));
        state = Append(state, new NoticeFailed(state.Notices[0].Id, 5, "TEAL8217: no."));
        Assert.Equal(254, state.Notices.Count);
        Assert.DoesNotContain(state.Notices, notice => notice.Id == first.Id);
    }

    [Fact]
    public void A_journal_from_before_there_were_messages_is_read()
    {
        ServerEvent asked = new ReleaseHappened(Given.Deploy("v1", Given.TwoStages with { Notify = [Hook] }), []);
        var json = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(asked, JournalJson.Default.ServerEvent))!;
        Assert.True(((JsonObject)json["event"]!["manifest"]!).Remove("notify"));
        var read = (ReleaseHappened)System.Text.Json.JsonSerializer.Deserialize(json.ToJsonString(), JournalJson.Default.ServerEvent)!;
        Assert.Empty(((DeployRequested)read.Event).Manifest.Notify);
        var state = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(ServerState.Empty, JournalJson.Default.ServerState))!;
        Assert.True(((JsonObject)state).Remove("notices"));
        Assert.Empty(System.Text.Json.JsonSerializer.Deserialize(state.ToJsonString(), JournalJson.Default.ServerState)!.Notices);
    }

    /// <summary>What is told on a walk, step by step.</summary>
    private static List<NoticeKind> Told(Walk walk, Action<Walk> goOn)
    {
        var told = new List<NoticeKind>();
        walk.Stepped = (before, after) =>
        {
            if (ReleaseNotices.Between(before, after) is { } kind)
            {
                told.Add(kind);
            }
        };
        goOn(walk);
        return told;
    }

    private static void ToTheEnd(Walk walk) => walk.Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<WriteReceipt>();

    private static void TakenBack(Walk walk) =>
        walk.Succeeds<MoveTraffic>().Succeeds<DrainSlot>().Succeeds<StopSlot>().Succeeds<WriteReceipt>();

    /// <summary>A first release, and again one, to its end: whatever is wanted succeeds.</summary>
    private static ServerState Released(ServerState state, string version, Manifest manifest)
    {
        state = Append(state, Given.Deploy(version, manifest));
        while (state.Services["shop"] is { Release.IsRunning: true } service)
        {
            var wanted = service.Outstanding.First(effect => effect.Effect is not Wait { Reason: WaitReason.KeepPrevious });
            state = Append(
                state,
                wanted.Effect switch
                {
                    StartSlot => new SlotReady(wanted.Id),
                    SmokeSlot => new SmokePassed(wanted.Id),
                    MoveTraffic => new TrafficMoved(wanted.Id, wanted.Id),
                    DrainSlot => new SlotDrained(wanted.Id, 0),
                    StopSlot => new SlotStopped(wanted.Id),
                    WriteReceipt => new ReceiptWritten(wanted.Id, Given.Receipt),
                    _ => new PromoteRequested(true, Given.Ann),
                }
            );
        }
        return state;
    }

    private static ServerState Append(ServerState state, ReleaseEvent happened)
    {
        var decision = ReleaseMachine.Decide(state.Services.GetValueOrDefault("shop", ServiceState.New("shop")), happened);
        return Append(state, new ReleaseHappened(happened, decision.Effects));
    }

    private static ServerState Append(ServerState state, ServerEvent happened)
    {
        var body = System.Text.Json.JsonSerializer.Serialize(happened, JournalJson.Default.ServerEvent);
        var kind = JournalJson.KindOf(happened);
        var entry = new JournalEntry(state.Sequence + 1, DateTimeOffset.UnixEpoch, "shop", kind, "ann", "unix", null, body, 1, "");
        return ServerFold.Apply(state, entry);
    }
}
