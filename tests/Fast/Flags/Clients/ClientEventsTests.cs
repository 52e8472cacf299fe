using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Flags;
using Teal.Server.Flags.Clients;
using Teal.Wire;

namespace Teal.Tests.Fast.Flags.Clients;

/// <summary>From a batch of events to the evidence of a rollout's arms.</summary>
public sealed class ClientEventsTests
{
    private const string Document = """
        { "flags": { "checkout": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" } } }
        """;

    private static readonly RolloutKey Checkout = new("production", "checkout");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly RolloutReports _reports;
    private readonly ClientEvents _events;
    private ImmutableSortedDictionary<string, RolloutState> _rollouts = ImmutableSortedDictionary<string, RolloutState>.Empty;
    private long _sequence;

    public ClientEventsTests()
    {
        _reports = new RolloutReports(() => _rollouts, _time);
        _events = new ClientEvents(_reports, _time);
        Roll(1);
    }

    [Fact]
    public void An_outcome_counts_for_the_variant_that_its_unit_was_given()
    {
        Take([Exposure("u1", "on"), Exposure("u2", "off")], [Outcome("u1", failed: true, ms: 20), Outcome("u2", ms: 5), Outcome("u3")]);
        Assert.Equal((1, 1), Counts("on"));
        Assert.Equal((1, 0), Counts("off"));
        Assert.Equal(20, _reports.Read(Checkout, "on")!.Latency.Quantile(0.99)!.Value, 0.5);
        Assert.Equal(1, _reports.Of(Checkout)!.Unmatched);
        Assert.Equal([1, 1], _reports.Of(Checkout)!.Variants.Select(variant => variant.Units));
    }

    [Fact]
    public void Another_process_may_report_the_outcome_and_another_flag_or_environment_does_not_hear_of_it()
    {
        Take([Exposure("u1", "on")], [], client: "web");
        Take([], [Outcome("u1", failed: true)], client: "orders");
        Assert.Equal((1, 1), Counts("on"));
        _events.Take(Snapshot("staging"), Batch([], [Outcome("u1", failed: true)]));
        Assert.Equal((1, 1), Counts("on"));
    }

    [Fact]
    public void A_unit_is_a_targeting_key_or_its_hash_also_when_the_key_looks_like_one()
    {
        const string uuid = "0123456789abcdef0123456789abcdef";
        _reports.Evaluated("production", "checkout", "on", "user-1");
        _reports.Evaluated("production", "checkout", "on", uuid);
        Take([Exposure(HashOf("user-2"), "on")], [Outcome("user-1"), Outcome(HashOf("user-1")), Outcome("user-2"), Outcome(uuid)]);
        Assert.Equal((4, 0), Counts("on"));
        Assert.Equal(0, _reports.Of(Checkout)!.Unmatched);
    }

    [Fact]
    public void A_batch_that_comes_again_counts_once()
    {
        var batch = Batch([Exposure("u1", "on")], [Outcome("u1")]);
        Assert.Equal(2, _events.Take(Snapshot(), batch).Accepted);
        Assert.Equal(new ClientEventsView(1, 0, 0), _events.Take(Snapshot(), batch));
        Assert.Equal((1, 0), Counts("on"));
        Assert.Equal(1, _events.Counts[0].Repeated);
        Assert.Equal(2, _events.Take(Snapshot(), batch with { Client = "another" }).Accepted);
    }

    [Fact]
    public void What_cannot_count_is_refused_and_counted_by_its_reason()
    {
        var view = Take(
            [
                Exposure("u1", "on"),
                Exposure("u1", "blue"),
                Exposure("u1", "on") with
                {
                    Flag = "nothing",
                },
                Exposure("", "on"),
                Exposure(new string('u', 257), "on"),
                Exposure("u1", "on") with
                {
                    At = _time.GetUtcNow().AddMinutes(-11),
                },
                Exposure("u1", "on") with
                {
                    At = _time.GetUtcNow().AddMinutes(2),
                },
            ],
            [
                Outcome("u1", ms: -1),
                Outcome("u1", ms: double.PositiveInfinity),
                Outcome("u1", ms: double.NaN),
                Outcome("u1") with
                {
                    Value = 3,
                },
                Outcome("u1") with
                {
                    Metric = "basket",
                },
                Outcome("u1") with
                {
                    Metric = "basket",
                    Value = double.PositiveInfinity,
                },
                Outcome("u1") with
                {
                    Metric = new string('m', 101),
                    Value = 1,
                },
                Outcome("u1") with
                {
                    At = DateTimeOffset.MinValue,
                },
            ]
        );
        Assert.Equal(new ClientEventsView(1, 1, 14), view);
        var refused = _events.Counts[0].Refused;
        Assert.Equal((1, 1, 3, 9), (refused["unknown_flag"], refused["unknown_variant"], refused["far_time"], refused["bad_value"]));
        Assert.Equal((0, 0), Counts("on"));
    }

    [Fact]
    public void A_figure_alone_is_accepted_and_says_nothing_of_success()
    {
        Assert.Equal(2, Take([Exposure("u1", "on")], [Outcome("u1") with { Metric = "basket", Value = 30 }]).Accepted);
        Assert.Equal((0, 0), Counts("on"));
        Take([], [Outcome("u1", failed: true) with { Metric = "basket", Value = 30 }]);
        Assert.Equal((1, 1), Counts("on"));
    }

    [Fact]
    public void What_clients_dropped_is_added_up_and_no_client_can_make_it_absurd()
    {
        _events.Take(Snapshot(), Batch([], []) with { Dropped = 3 });
        _events.Take(Snapshot(), Batch([], []) with { Dropped = long.MaxValue });
        Assert.Equal(1_000_003, _events.Counts[0].Dropped);
    }

    [Theory]
    [InlineData("", 1, 0, "client")]
    [InlineData("c", 0, 0, "sequence")]
    [InlineData("c", 1, -1, "dropped")]
    [InlineData("c", 1, 0, null)]
    public void A_batch_as_a_whole_has_to_be_one(string client, long sequence, long dropped, string? field)
    {
        var fault = ClientEvents.Fault(new ClientEventsRequest(client, sequence, [], [], dropped));
        Assert.Equal(field, fault?.Split(':')[0]);
    }

    [Fact]
    public void A_batch_has_at_most_a_thousand_events_and_none_of_them_is_null()
    {
        Assert.Null(ClientEvents.Fault(Batch([.. Enumerable.Repeat(Exposure("u", "on"), 500)], [.. Enumerable.Repeat(Outcome("u"), 500)])));
        Assert.NotNull(
            ClientEvents.Fault(Batch([.. Enumerable.Repeat(Exposure("u", "on"), 501)], [.. Enumerable.Repeat(Outcome("u"), 500)]))
        );
        Assert.NotNull(ClientEvents.Fault(Batch([null!], [])));
        Assert.NotNull(ClientEvents.Fault(Batch([], [null!])));
    }

    [Fact]
    public void A_new_rollout_begins_with_nothing_and_an_ended_one_keeps_its_figures()
    {
        Take([Exposure("u1", "on")], [Outcome("u1")]);
        Roll(1, RolloutPhase.Ended);
        Take([Exposure("u2", "on")], [Outcome("u1"), Outcome("u2")]);
        Assert.Equal((1, 0), Counts("on"));
        Assert.Equal(1, _reports.Of(Checkout)!.Variants.Single(it => it.Variant == "on").Units);
        Roll(2);
        Assert.Equal((0, 0), Counts("on"));
        Take([], [Outcome("u1")]);
        Assert.Equal((0, 0), Counts("on"));
    }

    [Fact]
    public void While_nothing_rolls_out_nothing_is_remembered()
    {
        _rollouts = ImmutableSortedDictionary<string, RolloutState>.Empty;
        _reports.Evaluated("production", "checkout", "on", "user-1");
        Assert.Equal(2, Take([Exposure("u1", "on")], [Outcome("u1")]).Accepted);
        Assert.Null(_reports.Of(Checkout));
        Assert.Empty(_reports.All());
    }

    private (long Outcomes, long Failed) Counts(string variant) =>
        _reports.Read(Checkout, variant) is { } seen ? (seen.Requests, seen.Errors) : (-1, -1);

    private ClientEventsView Take(ExposureEvent[] exposures, OutcomeEvent[] outcomes, string client = "web") =>
        _events.Take(Snapshot(), Batch(exposures, outcomes) with { Client = client });

    private ClientEventsRequest Batch(ExposureEvent[] exposures, OutcomeEvent[] outcomes) => new("web", ++_sequence, exposures, outcomes);

    private ExposureEvent Exposure(string unit, string variant) => new("checkout", variant, unit, _time.GetUtcNow());

    private OutcomeEvent Outcome(string unit, bool failed = false, double? ms = null) => new(unit, _time.GetUtcNow(), failed, ms);

    private static string HashOf(string key) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32];

    private static FlagSnapshot Snapshot(string environment = "production")
    {
        var bytes = Encoding.UTF8.GetBytes(Document);
        Assert.True(FlagDocument.TryRead(bytes, DocumentLimits.Usual, out var document, out _));
        return new FlagSnapshot(environment, 1, document, bytes, "tag");
    }

    private void Roll(long number, RolloutPhase phase = RolloutPhase.Observing)
    {
        var order = new RolloutOrder("off", "on", [new RolloutStep(Share.All, TimeSpan.FromMinutes(1))], [], BreachShare.Off);
        var rollout = new Rollout(
            number,
            order,
            Share.None,
            new Origin("test", "test"),
            phase,
            0,
            RolloutOutcome.Running,
            Share.All,
            Share.All,
            Share.None
        );
        _rollouts = _rollouts.SetItem(Checkout.ToString(), RolloutState.New(Checkout) with { Rollout = rollout });
    }
}
