using System.Security.Cryptography;
using Teal.Client;
using Teal.Flags;
using Teal.Tests.Real.EndToEnd;
using Teal.Wire;

namespace Teal.Tests.Real.Client;

public sealed class ReportingTests
{
    [Fact]
    public async Task Who_was_given_what_is_told_once_with_outcomes_and_without_their_names()
    {
        await using var server = await FlagsAsync();
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.LiveAsync(7);
        var user = EvaluationContext.Of("anna@shop.example");
        for (var i = 0; i < 100; i++)
        {
            client.GetString("headline", "?", user);
        }
        // Nobody, no flag, no variant: nothing to tell.
        client.GetString("headline", "?");
        client.GetString("nowhere", "?", user);
        client.GetBoolean("headline", false, user);
        client.Report(new Outcome("anna@shop.example") { IsFailed = true, Duration = TimeSpan.FromMilliseconds(12.5) });
        client.Report(new Outcome("anna@shop.example") { Metric = "basket_value", Value = 99.5 });
        client.Report(new Outcome("anna@shop.example") { Metric = "basket_value", Value = double.NaN });
        await client.WhenAsync(status => status.Reports.Sent == 4, "the reports");
        var unit = Convert.ToHexStringLower(SHA256.HashData("anna@shop.example"u8))[..32];
        var exposure = Assert.Single(server.Batches.SelectMany(batch => batch.Exposures));
        Assert.Equal(("headline", "plain", unit), (exposure.Flag, exposure.Variant, exposure.Unit));
        var outcomes = server.Batches.SelectMany(batch => batch.Outcomes).ToList();
        Assert.Equal(
            [(unit, true, 12.5, null, null), (unit, false, null, "basket_value", 99.5), (unit, false, null, null, (double?)null)],
            outcomes.Select(it => (it.Unit, it.Failed, it.Ms, it.Metric, it.Value))
        );
    }

    [Fact]
    public async Task Who_has_what_is_told_anew_when_the_flag_changes_and_to_a_server_that_came_back()
    {
        await using var server = await ScriptedServer.StartAsync();
        var next = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource()).ToArray();
        server.Stream = async (context, connection) =>
        {
            if (connection == 1)
            {
                await ScriptedServer.SendAsync(context, ScriptedServer.Message(Two("Hello", "red"), 7));
                await next[0].Task;
                await ScriptedServer.SendAsync(context, ScriptedServer.Message(Two("Hello", "blue"), 8));
                await next[1].Task;
                await ScriptedServer.SendAsync(context, ScriptedServer.Message(Two("Good evening", "blue"), 9));
                await next[2].Task;
                return;
            }
            await ScriptedServer.SendAsync(context, ScriptedServer.Message(Two("Good evening", "blue"), 9));
            await ScriptedServer.HoldAsync(context);
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.LiveAsync(7);
        await SentAsync(1);
        next[0].SetResult();
        // Another flag is no reason to tell this one again.
        await client.LiveAsync(8);
        await SentAsync(1);
        next[1].SetResult();
        await client.LiveAsync(9);
        await SentAsync(2);
        next[2].SetResult();
        await client.WhenAsync(status => status.State == TealClientState.Stale, "the loss");
        await client.LiveAsync(9);
        await SentAsync(3);
        Assert.All(server.Batches.SelectMany(batch => batch.Exposures), exposure => Assert.Equal("headline", exposure.Flag));

        // Asked for again and again, told so many times in all: the outcome behind them shows that nothing is on its way.
        async Task SentAsync(int exposures)
        {
            for (var i = 0; i < 100; i++)
            {
                client.GetString("headline", "?", EvaluationContext.Of("anna"));
            }
            var outcomes = server.Batches.Sum(batch => batch.Outcomes.Count) + 1;
            client.Report(new Outcome("anna"));
            await client.WhenAsync(status => status.Reports.Sent == exposures + outcomes, $"{exposures} exposures");
            Assert.Equal(exposures, server.Batches.Sum(batch => batch.Exposures.Count));
        }

        static string Two(string headline, string colour) =>
            "{\"flags\":{\"headline\":" + Flag(headline) + ",\"colour\":" + Flag(colour) + "}}";

        static string Flag(string text) => "{\"state\":\"ENABLED\",\"variants\":{\"plain\":\"" + text + "\"},\"defaultVariant\":\"plain\"}";
    }

    [Fact]
    public async Task Asking_again_what_was_told_allocates_nothing()
    {
        await using var server = await FlagsAsync();
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.LiveAsync(7);
        var user = EvaluationContext.Of("anna");
        client.GetString("headline", "?", user);
        // The first call of a method may allocate for itself.
        client.GetString("headline", "?", user);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            client.GetString("headline", "?", user);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task A_batch_that_was_not_taken_comes_again_the_same_and_the_next_has_the_next_number()
    {
        await using var server = await FlagsAsync();
        var refusals = 2;
        server.Events = _ => Interlocked.Decrement(ref refusals) >= 0 ? 503 : 200;
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        client.Report(new Outcome("u1"));
        await client.WhenAsync(status => status.Reports.Sent == 1, "the first");
        client.Report(new Outcome("u2"));
        await client.WhenAsync(status => status.Reports.Sent == 2, "the second");
        Assert.Equal([1, 1, 1, 2], server.Batches.Select(batch => batch.Sequence));
        Assert.Single(server.Batches.Select(batch => batch.Client).Distinct());
        Assert.Single(server.Batches.Take(3).Select(batch => batch.Outcomes[0]).Distinct());
        Assert.Contains("503", client.Status.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_finds_no_room_is_counted_and_told_with_the_next_batch()
    {
        await using var server = await FlagsAsync();
        var isAway = true;
        server.Events = _ => Volatile.Read(ref isAway) ? 503 : 200;
        await using var client = ClientFacts.Start(server.Address, "teal_key", options => options.MostReportsWaiting = 5);
        client.Report(new Outcome("first"));
        // It is in a batch of its own now, and the queue has room for five.
        await Eventually.ReturnsAsync(() => Task.FromResult(server.Batches.IsEmpty ? null : server), "the first batch");
        for (var i = 0; i < 12; i++)
        {
            client.Report(new Outcome($"u{i}"));
        }
        Assert.Equal(new TealClientReports(Waiting: 6, Sent: 0, Dropped: 7, Refused: 0), client.Status.Reports);
        Volatile.Write(ref isAway, false);
        await client.WhenAsync(status => status.Reports.Sent == 6, "the rest");
        Assert.Equal([0, 7], server.Batches.DistinctBy(batch => batch.Sequence).Select(batch => batch.Dropped));
    }

    [Fact]
    public async Task What_the_server_will_not_have_is_counted_and_holds_up_nothing()
    {
        await using var server = await FlagsAsync();
        server.Events = batch => batch.Sequence == 1 ? 400 : 200;
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        client.Report(new Outcome("u1"));
        await client.WhenAsync(status => status.Reports.Refused == 1, "the refusal");
        client.Report(new Outcome("u2"));
        await client.WhenAsync(status => status.Reports.Sent == 1, "the next");
        Assert.Equal(2, server.Batches.Count);
    }

    [Fact]
    public async Task An_end_sends_what_still_waits()
    {
        await using var server = await FlagsAsync();
        var client = ClientFacts.Start(server.Address, "teal_key", options => options.ReportEvery = TimeSpan.FromHours(1));
        await using (client)
        {
            await client.LiveAsync(7);
            client.Report(new Outcome("u1"));
        }
        Assert.Single(Assert.Single(server.Batches).Outcomes);
        Assert.Equal(TealClientState.Stopped, client.Status.State);
        Assert.Equal("Hello", client.GetString("headline", "?"));
    }

    [Fact]
    public async Task The_largest_batch_fits_what_the_server_reads()
    {
        await using var server = await FlagsAsync();
        await using var client = ClientFacts.Start(server.Address, "teal_key", options => options.ReportEvery = TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2_000; i++)
        {
            client.Report(
                new Outcome($"u{i}")
                {
                    Metric = new string('\u00ff', 100),
                    Value = double.MinValue,
                    Duration = TimeSpan.MaxValue,
                }
            );
        }
        await client.WhenAsync(status => status.Reports.Sent == 2_000, "all");
        Assert.All(server.Batches, batch => Assert.InRange(SizeOf(batch), 1, 128 * 1024));
    }

    private static int SizeOf(ClientEventsRequest batch) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(batch, WireJson.Default.ClientEventsRequest).Length;

    private static async Task<ScriptedServer> FlagsAsync()
    {
        var server = await ScriptedServer.StartAsync();
        server.Stream = async (context, _) =>
        {
            await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("Hello"), 7));
            await ScriptedServer.HoldAsync(context);
        };
        return server;
    }
}
