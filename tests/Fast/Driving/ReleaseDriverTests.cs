using System.Text.Json;
using System.Text.Json.Nodes;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Server.Driving;
using Teal.Server.Journal;
using Teal.Tests.Fast.Flags.Authoring;
using Teal.Tests.Fast.Releases;
using Teal.Tests.Fast.Rollouts;

namespace Teal.Tests.Fast.Driving;

public sealed class ReleaseDriverTests
{
    private readonly ListJournal _journal = new();
    private readonly RecordingWorld _world = new();

    [Fact]
    public void The_intent_is_in_the_journal_before_the_act()
    {
        var driver = Started();
        _world.OnBegin = effect => Assert.Contains($"\"id\":{effect.Id},", _journal.Entries[^1].Body, StringComparison.Ordinal);
        driver.Handle("shop", Given.Deploy("v1", Given.TwoStages));
        Assert.Equal(["follow 0", "follow 1", "begin 1 StartSlot"], _world.Done);
        Assert.Equal(
            ("deploy_requested", "ann", "because"),
            _journal.Entries[0] is var entry ? (entry.Kind, entry.Actor, entry.Reason) : default
        );
    }

    [Fact]
    public void A_journal_that_fails_lets_nothing_happen()
    {
        var driver = Started();
        _journal.IsFull = true;
        Assert.Throws<JournalException>(() => driver.Handle("shop", Given.Deploy("v1", Given.TwoStages)));
        Assert.Equal(["follow 0"], _world.Done);
        Assert.Same(ServerState.Empty, driver.State);
    }

    [Fact]
    public void What_changes_nothing_is_not_remembered()
    {
        var driver = Started();
        driver.Handle("shop", Given.Deploy("v1", Given.TwoStages));
        Assert.Equal(1, driver.Handle("shop", new SlotReady(42)).Sequence);
        Assert.NotNull(driver.Handle("shop", new ResumeRequested(Given.Ann)).Refusal);
        Assert.Single(_journal.Entries);
    }

    [Fact]
    public void What_is_no_longer_wanted_is_cancelled()
    {
        var driver = Started();
        driver.Handle("shop", Given.Deploy("v1", Given.TwoStages));
        driver.Handle("shop", new AbortRequested(Given.Ann));
        Assert.Equal(["follow 0", "follow 1", "begin 1 StartSlot", "follow 2", "cancel 1", "begin 2 StopSlot"], _world.Done);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1)]
    public void A_restart_folds_the_same_state_and_begins_what_was_begun(int snapshotEvery)
    {
        var driver = Started(snapshotEvery);
        driver.Handle("shop", Given.Deploy("v1", Given.TwoStages));
        driver.Handle("shop", new SlotReady(1));
        driver.Record("shop", new GateChanged(Gate.Held), Given.Ann);
        driver.Record("", new TokenCreated("t1", "00ff", "operator", null, null), Given.Ann);
        driver.Record("shop", new InstanceStarted(new InstanceRecord("i1", "shop", SlotName.Blue, "v1", 0, 4000, 17, 99)), Given.Ann);
        _world.Done.Clear();
        var restarted = Started(snapshotEvery);
        Assert.Equal(Text(driver.State), Text(restarted.State));
        Assert.Equal(["follow 5", "begin 2 SmokeSlot"], _world.Done);
        Assert.Equal("i1", Assert.Single(restarted.State.Instances).Key);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1)]
    public void A_rollout_is_driven_in_the_same_order_and_found_again(int snapshotEvery)
    {
        var driver = Started(snapshotEvery);
        var key = new RolloutKey("production", "checkout");
        driver.Handle(key, new RolloutRequested(RolloutExploration.Order(BreachShare.Off, "5% 60", "100% 60"), Share.None, Given.Ann));
        driver.Handle(key, new ShareMoved(1));
        driver.Handle(key, new RolloutPauseRequested(Given.Ann));
        Assert.Equal("TEAL9304", driver.Handle(key, new RolloutPauseRequested(Given.Ann)).Refusal!.Code);
        Assert.Equal(
            [
                "follow 0",
                "follow 1",
                "begin production/checkout 1 MoveShare",
                "follow 2",
                "begin production/checkout 2 ObserveVariant",
                "begin production/checkout 3 RolloutWait",
                "follow 3",
                "cancel production/checkout 3",
            ],
            _world.Done
        );
        Assert.Equal(["rollout_requested", "share_moved", "rollout_pause_requested"], _journal.Entries.Select(entry => entry.Kind));
        Assert.All(_journal.Entries, entry => Assert.Equal("production/checkout", entry.Service));
        _world.Done.Clear();
        var restarted = Started(snapshotEvery);
        Assert.Equal(Text(driver.State), Text(restarted.State));
        Assert.Equal(["follow 3", "begin production/checkout 2 ObserveVariant"], _world.Done);
    }

    [Fact]
    public void A_change_of_flags_is_in_force_as_it_was_tried_and_the_journal_folds_to_the_same()
    {
        var driver = Started();
        var (one, two) = (Flagged.Switch("one", Flagged.On), Flagged.Switch("two", Flagged.On));
        FlagsChanged[] changes =
        [
            new([new FlagChange.CreateFlag(one), new FlagChange.CreateFlag(two)]),
            new([new FlagChange.SetShare("one", "production", "off", new Share(2500), null, null)]),
            new([new FlagChange.EnableFlag("two", "production", IsEnabled: false, null)]),
        ];
        foreach (var change in changes)
        {
            Assert.Same(driver.ChangeFlags(change, Given.Ann).Book, driver.State.Flags);
        }
        var untouched = driver.State.Flags.Set.Flags["two"];
        var whole = driver.State.Flags.Set with
        {
            Flags = new Dictionary<string, Flag> { ["one"] = one, ["two"] = untouched },
        };
        Assert.NotNull(driver.ChangeFlags(new FlagsChanged([new FlagChange.ReplaceAll(whole, null)]), Given.Ann).Book);
        // Of a whole set, what is as it was stays the same object.
        Assert.Same(untouched, driver.State.Flags.Set.Flags["two"]);
        Assert.Equal(4, driver.State.Sequence);
        Assert.Same(driver.State.Flags, driver.ChangeFlags(changes[2], Given.Ann).Book);
        Assert.Equal(4, driver.State.Sequence);
        Assert.Equal(Text(driver.State), Text(Started().State));
    }

    [Fact]
    public void A_snapshot_from_before_there_were_rollouts_is_read()
    {
        var driver = Started();
        driver.Handle("shop", Given.Deploy("v1", Given.TwoStages));
        var old = JsonNode.Parse(Text(driver.State))!.AsObject();
        Assert.True(old.Remove("rollouts") && old.Remove("rollout_histories"));
        _journal.SaveSnapshot(new JournalSnapshot(1, old.ToJsonString()));
        _journal.IsUnreadable = true;
        Assert.Equal(Text(driver.State), Text(Started().State));
    }

    [Fact]
    public void A_snapshot_that_cannot_be_read_costs_time_and_nothing_else()
    {
        var driver = Started();
        driver.Handle("shop", Given.Deploy("v1", Given.TwoStages));
        _journal.SaveSnapshot(new JournalSnapshot(1, "{\"from\":\"the future\"}"));
        Assert.Equal(Text(driver.State), Text(Started().State));
    }

    [Theory]
    [InlineData("TEAL3103", "{\"kind\":\"from_the_future\"}")]
    [InlineData("TEAL3103", "{\"kind\":\"instance_exited\",\"id\":\"a\",\"why\":\"b\",\"more\":1}")]
    [InlineData("TEAL3103", "not json")]
    [InlineData(
        "TEAL3102",
        "{\"kind\":\"release\",\"event\":{\"event\":\"slot_up\",\"slot\":\"Blue\"},\"effects\":[{\"id\":7,\"effect\":{\"effect\":\"stop_slot\",\"slot\":\"Blue\"}}]}"
    )]
    public void An_entry_that_is_not_understood_stops_the_start_with_its_number(string code, string body)
    {
        _journal.Append(new NewEntry(DateTimeOffset.UnixEpoch, "shop", "strange", "ann", "unix", null, body));
        var refused = Assert.Throws<JournalException>(() => Started());
        Assert.Equal(code, refused.Code);
        Assert.Contains("ntry 1 ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_survives_the_journal()
    {
        var manifest = Given.TwoStages with
        {
            Run = new RunSection
            {
                Command = ["./shop", "-v"],
                Env = new Dictionary<string, string> { ["TZ"] = "UTC", ["KEY"] = "env:KEY" },
            },
            Routes = [new RouteSection { Host = "*.example.com", Path = "/shop" }],
        };
        ServerEvent happened = new ReleaseHappened(Given.Deploy("v1", manifest), []);
        var text = JsonSerializer.Serialize(happened, JournalJson.Default.ServerEvent);
        var read = JsonSerializer.Deserialize(text, JournalJson.Default.ServerEvent)!;
        Assert.Equal(text, JsonSerializer.Serialize(read, JournalJson.Default.ServerEvent));
        var back = Assert.IsType<DeployRequested>(Assert.IsType<ReleaseHappened>(read).Event).Manifest;
        Assert.Equal(manifest.Run.Command, back.Run.Command);
        Assert.Equal(manifest.Run.Env, back.Run.Env);
        Assert.Equal(manifest.Release.Steps, back.Release.Steps);
    }

    [Fact]
    public async Task The_loop_answers_commands_and_writes_a_report_when_the_disk_has_room_again()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var troubled = new TaskCompletionSource();
        await using var loop = new DriverLoop(new ReleaseDriver(_journal, _world, _world, time), time)
        {
            Troubled = _ => troubled.TrySetResult(),
        };
        loop.Start();
        Assert.Null((await loop.SendAsync("shop", Given.Deploy("v1", Given.TwoStages))).Refusal);
        _journal.IsFull = true;
        await loop.Post("shop", new SlotReady(1));
        await troubled.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAsync<JournalException>(() => loop.SendAsync("shop", new AbortRequested(Given.Ann)));
        Assert.Equal(1, loop.Unwritten);
        _journal.IsFull = false;
        // The report is counted out a moment after it was handled.
        for (var tries = 0; tries < 5000 && loop.Unwritten > 0; tries++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }
        Assert.Equal(0, loop.Unwritten);
        Assert.Equal(ReleasePhase.Smoking, loop.State.Services["shop"].Release!.Phase);
    }

    private static string Text(ServerState state) => JsonSerializer.Serialize(state, JournalJson.Default.ServerState);

    private ReleaseDriver Started(int snapshotEvery = 1000)
    {
        var driver = new ReleaseDriver(_journal, _world, _world, TimeProvider.System, snapshotEvery);
        driver.Recover();
        return driver;
    }

    private sealed class ListJournal : IJournal
    {
        private JournalSnapshot? _snapshot;

        public List<JournalEntry> Entries { get; } = [];
        public volatile bool IsFull;

        /// <summary>Nothing but the snapshot is there.</summary>
        public bool IsUnreadable { get; set; }
        public long Fence => 1;

        public JournalEntry Append(NewEntry entry)
        {
            if (IsFull)
            {
                throw new JournalException("TEAL1998", "The disk is full.");
            }
            var (at, service, kind, actor, from, reason, body) = entry;
            Entries.Add(new JournalEntry(Entries.Count + 1, at, service, kind, actor, from, reason, body, Fence, ""));
            return Entries[^1];
        }

        public IReadOnlyList<JournalEntry> ReadAfter(long sequence, int limit = 1000) =>
            IsUnreadable && sequence == 0
                ? throw new JournalException("TEAL1997", "The snapshot was not taken.")
                : [.. Entries.Skip((int)sequence).Take(limit)];

        public JournalSnapshot? LatestSnapshot() => _snapshot;

        public void SaveSnapshot(JournalSnapshot snapshot) => _snapshot = snapshot;

        public void Dispose() { }
    }

    private sealed class RecordingWorld : IReleaseWorld, IRolloutWorld
    {
        public List<string> Done { get; } = [];
        public Action<OutstandingEffect>? OnBegin { get; set; }

        public void Begin(string service, OutstandingEffect effect)
        {
            OnBegin?.Invoke(effect);
            Done.Add($"begin {effect.Id} {effect.Effect.GetType().Name}");
        }

        public void Cancel(string service, long effect) => Done.Add($"cancel {effect}");

        public void Begin(RolloutState state, WantedRolloutEffect wanted) =>
            Done.Add($"begin {state.Key} {wanted.Id} {wanted.Effect.GetType().Name}");

        public void Cancel(RolloutKey key, long effect) => Done.Add($"cancel {key} {effect}");

        public void Follow(ServerState state) => Done.Add($"follow {state.Sequence}");
    }
}
