using CsCheck;
using Teal.Traffic;

namespace Teal.Tests.Fast.Traffic;

public sealed class LedgerTests
{
    private static readonly Outcome[] Outcomes =
    [
        default,
        new(OutcomeKind.Served),
        new(OutcomeKind.Served, IsError: true),
        new(OutcomeKind.Failed, IsError: true),
        new(OutcomeKind.ClientGone),
        Outcome.Shed("hold_overflow"),
        Outcome.Shed("maintenance"),
        new(OutcomeKind.Cut),
    ];

    [Fact]
    public void Every_accepted_request_is_in_exactly_one_bucket_at_every_moment() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, Outcomes.Length - 1], Gen.Int[0, 100])
            .List[0, 200]
            .Sample(steps =>
            {
                var ledger = new TrafficLedger();
                var inside = new List<Passage>();
                var ends = new int[Outcomes.Length];
                foreach (var (what, outcome, pick) in steps)
                {
                    if (what == 0 || inside.Count == 0)
                    {
                        var passage = ledger.Accept("GET", "/", 0);
                        passage.Stripe.Claim(passage, new InstanceClaims(), ledger.TallyOf(pick % 2 == 0 ? "v1" : "v2"));
                        inside.Add(passage);
                    }
                    else
                    {
                        var passage = inside[pick % inside.Count];
                        inside.Remove(passage);
                        passage.Stripe.Leave(passage, Outcomes[outcome], 1, TimeSpan.FromSeconds(1));
                        ends[outcome]++;
                    }
                    var now = ledger.Snapshot();
                    Assert.True(now.AddsUp, now.ToString());
                    Assert.Equal(inside.Count, now.Inside);
                }
                var snapshot = ledger.Snapshot();
                Assert.Equal(ends[0], snapshot.Dropped);
                Assert.Equal(ends[1] + ends[2], snapshot.Served.Values.Sum());
                Assert.Equal(ends[4], snapshot.ClientGone);
                Assert.Equal(ends[7], snapshot.CutCount);
                Assert.Equal(Math.Min(ends[7], LedgerSnapshot.NamedCuts), snapshot.Cut.Count);
                var evidence = new[] { ledger.Evidence("v1"), ledger.Evidence("v2") };
                Assert.Equal(ends[1] + ends[2] + ends[3], evidence.Sum(static version => version.Requests));
                Assert.Equal(ends[2] + ends[3], evidence.Sum(static version => version.Errors));
            });

    [Fact]
    public async Task Snapshots_add_up_while_threads_race()
    {
        var ledger = new TrafficLedger();
        using var over = new CancellationTokenSource();
        var tally = ledger.TallyOf("v1");
        var workers = Enumerable
            .Range(0, 4)
            .Select(worker =>
                Task.Run(() =>
                {
                    for (var i = worker; !over.IsCancellationRequested; i++)
                    {
                        var passage = ledger.Accept("GET", "/", 0);
                        passage.Tally = tally;
                        passage.Stripe.Leave(passage, Outcomes[1 + (i % (Outcomes.Length - 1))], null, TimeSpan.Zero);
                    }
                })
            )
            .ToArray();
        var before = ledger.Snapshot();
        for (var i = 0; i < 500; i++)
        {
            var now = ledger.Snapshot();
            Assert.True(now.AddsUp, now.ToString());
            Assert.True(now.Since(before).AddsUp, now.ToString());
            before = now;
        }
        await over.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Equal((0, 0), (ledger.Snapshot().Inside, ledger.Snapshot().Dropped));
    }

    [Fact]
    public void A_difference_names_only_the_cuts_since()
    {
        var ledger = new TrafficLedger();
        Cut(ledger, "/one");
        var before = ledger.Snapshot();
        Cut(ledger, "/two");
        var since = ledger.Snapshot().Since(before);
        Assert.Equal((1, 1), (since.Accepted, since.CutCount));
        Assert.Equal("/two", Assert.Single(since.Cut).Path);
        Assert.Empty(since.Served);
    }

    [Fact]
    public void A_passage_that_was_stopped_is_never_used_again()
    {
        var ledger = new TrafficLedger();
        var first = ledger.Accept("GET", "/", 0);
        first.Stop = PassageStop.Cut;
        first.Stripe.Leave(first, new Outcome(OutcomeKind.Cut), null, TimeSpan.Zero);
        for (var i = 0; i < 10; i++)
        {
            var next = ledger.Accept("GET", "/", 0);
            Assert.NotSame(first, next);
            next.Stripe.Leave(next, new Outcome(OutcomeKind.ClientGone), null, TimeSpan.Zero);
        }
    }

    private static void Cut(TrafficLedger ledger, string path)
    {
        var passage = ledger.Accept("GET", path, 0);
        passage.Stripe.Leave(passage, new Outcome(OutcomeKind.Cut), null, TimeSpan.FromSeconds(2));
    }
}
