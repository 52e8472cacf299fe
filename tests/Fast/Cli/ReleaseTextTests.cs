using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Tests.Fast.Cli;

public sealed class ReleaseTextTests
{
    private static readonly ReleaseView Ended = Sample.Release with
    {
        EndedAt = Sample.Start.AddSeconds(72),
        Receipt = Sample.Receipt,
        Phase = "Ended",
    };

    [Fact]
    public void A_good_end_says_what_users_saw_and_the_sum_of_the_receipt() =>
        Assert.Equal(
            """
            shop is on v2, was on v1, after 1m12s.
              receipt        1,234 requests = 800 by v1 + 430 by v2 + 4 client gone
              users saw      0 failed requests
              next           teal rollback
            """,
            Text(Ended with { Outcome = "done" }, "teal rollback")
        );

    [Fact]
    public void A_release_that_was_taken_back_shows_the_figure_and_its_limit()
    {
        var finding = new FindingView("error_rate max_increase 0.5%", "unhealthy", "12%", "0.5%", 210, "");
        var release = Ended with
        {
            Outcome = "rolled_back",
            Verdicts = [new VerdictView(Sample.Start, 1, "rollback", [finding])],
            Failure = new FailureView(
                "TEAL2103",
                "v2 broke its guard",
                "error_rate rose by 12%",
                "500 Internal Server Error",
                ["at Shop.Buy()"]
            ),
        };
        Assert.Equal(
            """
            shop is back on v1: v2 was taken back, after 1m12s.
              what           v2 broke its guard (TEAL2103)
              why            error_rate rose by 12%
              last response  500 Internal Server Error
              log            at Shop.Buy()
              guard          error_rate max_increase 0.5%: unhealthy, 12%, limit 0.5%, 210 requests
              receipt        1,234 requests = 800 by v1 + 430 by v2 + 4 client gone
              users saw      0 failed requests
              next           teal logs
                             teal history
            """,
            Text(release, "teal logs", "teal history")
        );
    }

    [Fact]
    public void A_version_that_never_became_healthy_was_seen_by_nobody()
    {
        var release = Ended with { Outcome = "not_switched", TrafficMoved = false, Receipt = null };
        Assert.Equal(
            """
            shop stays on v1: v2 was not switched to, users saw nothing of it.
              users saw      nothing of v2
            """,
            Text(release)
        );
    }

    [Fact]
    public void Failed_requests_say_where_they_went_wrong()
    {
        var receipt = Sample.Receipt with
        {
            Accepted = 1238,
            Failed = new Dictionary<string, long> { ["v2"] = 3 },
            Shed = new Dictionary<string, long> { ["held_full"] = 2 },
            Cut = [new CutView("GET", "/report", "v1", 31_000)],
            CutCount = 1,
        };
        var text = Text(Ended with { Outcome = "done", Receipt = receipt });
        Assert.Contains(
            "1,240 requests = 800 by v1 + 430 by v2 + 4 client gone + 3 failed by v2 + 2 shed: held_full + 1 cut at the drain deadline",
            text
        );
        Assert.Contains("6 failed requests (3 failed by v2, 2 shed: held_full, 1 cut at the drain deadline)", text);
        Assert.Contains("cut            GET /report on v1 after 31s", text);
        Assert.DoesNotContain("TEAL7019", text);
    }

    [Fact]
    public void A_receipt_that_does_not_add_up_is_told_loudly_even_when_its_writer_thinks_it_does() =>
        Assert.Contains("TEAL7019", Text(Ended with { Outcome = "done", Receipt = Sample.Receipt with { Accepted = 9999 } }));

    [Fact]
    public void Steps_are_told_once_though_the_timeline_drops_its_oldest_lines()
    {
        StepView[] steps = [.. Enumerable.Range(0, 6).Select(i => Sample.Step(i, "share", "5%", $"step {i}"))];
        Assert.Equal(["step 4", "step 5"], PlainProgress.NewSteps(steps[2..], steps[3]).Select(step => step.Words));
        Assert.Equal(3, PlainProgress.NewSteps(steps[3..], steps[0]).Count());
        Assert.Empty(PlainProgress.NewSteps(steps, steps[5]));
    }

    [Fact]
    public void The_live_view_counts_the_hold_down()
    {
        var lines = LiveText.Of(Sample.Status, Sample.Release, null, Sample.Start.AddSeconds(22), 0).Select(line => line.Text).ToList();
        Assert.Contains(lines, line => line.EndsWith("observing, 40s of hold left", StringComparison.Ordinal));
        Assert.Contains(
            lines,
            line => line.Contains("shop.green.2.0", StringComparison.Ordinal) && line.Contains("unhealthy (503)", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(20)]
    [InlineData(3)]
    [InlineData(1)]
    public void The_live_view_fits_a_narrow_terminal(int columns) =>
        Assert.All(
            LiveText.Of(Sample.Status, Sample.Release, "gone", Sample.Start, columns),
            line => Assert.True(line.Text.Length <= columns, line.Text)
        );

    [Fact]
    public void The_status_names_versions_slots_and_the_next_commands() =>
        Assert.Equal(
            """
            shop is on v1
              release        shop-2: deploy v1 -> v2, running
                             by ana, 2026-01-02T03:04:05Z
              stage          1 of 3 at 5%, observing
              blue           v1 Serving 95%, 1 of 1 healthy
                             shop.blue.1.0 pid 10 port 5001, healthy, 3 in flight, cpu 12%, 50 MiB
              green          v2 Serving 5%, 0 of 1 healthy
                             shop.green.2.0 pid 11 port 5002, unhealthy (503), 0 in flight, 1 restarts
              next           teal watch
                             teal abort
            """,
            string.Join('\n', StatusText.Of(Sample.Status).Select(line => line.Text))
        );

    private static string Text(ReleaseView release, params string[] next) =>
        string.Join('\n', ReleaseText.Ending(Sample.Status with { Next = next }, release).Select(line => line.Text));
}
