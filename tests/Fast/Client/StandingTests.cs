using Teal.Client;
using Teal.Flags;

namespace Teal.Tests.Fast.Client;

public sealed class StandingTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Flags_from_disk_count_as_stale_since_the_start_until_the_server_speaks()
    {
        var kept = Standing.AtStart(Start).WithKept(Served(1, "a"));
        Assert.Equal((TealClientState.FromDisk, Start), (kept.State, kept.StaleSince));
        // The server is away: nothing is worse than it was.
        Assert.Equal((TealClientState.FromDisk, Start), Of(kept.Stale(Start.AddHours(1))));
        Assert.Equal((TealClientState.Live, null), Of(kept.WithNewest(Served(2, "b"))));
    }

    [Fact]
    public void What_is_lost_is_stale_since_it_was_lost_and_not_since_it_was_last_missed()
    {
        var live = Standing.AtStart(Start).WithNewest(Served(1, "a"));
        var lost = live.Stale(Start.AddMinutes(1)).Stale(Start.AddMinutes(2));
        Assert.Equal((TealClientState.Stale, Start.AddMinutes(1)), Of(lost));
        Assert.Same(live.Served, lost.Served);
    }

    [Fact]
    public void The_same_content_keeps_its_document_and_takes_the_new_revision()
    {
        var live = Standing.AtStart(Start).WithNewest(Served(1, "a"));
        var again = live.WithNewest(Served(2, "a"));
        Assert.Same(live.Served!.Document, again.Served!.Document);
        Assert.Equal(2, again.Served.Revision);
        Assert.NotSame(live.Served.Document, live.WithNewest(Served(3, "b")).Served!.Document);
        Assert.NotSame(live.Served.Document, live.WithNewest(Served(3, "a") with { Environment = "staging" }).Served!.Document);
    }

    private static (TealClientState, DateTimeOffset?) Of(Standing standing) => (standing.State, standing.StaleSince);

    private static ServedFlags Served(long revision, string tag)
    {
        Assert.True(FlagDocument.TryRead("{\"flags\":{}}"u8, DocumentLimits.Usual, out var document, out _));
        return new ServedFlags("production", revision, document, tag);
    }
}
