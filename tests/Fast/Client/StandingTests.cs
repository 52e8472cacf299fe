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
        Assert.Equal(4, live.WithNewest(Served(2, "a") with { Connection = 4 }).Served!.Connection);
        Assert.NotSame(live.Served.Document, live.WithNewest(Served(3, "b")).Served!.Document);
        Assert.NotSame(live.Served.Document, live.WithNewest(Served(3, "a") with { Environment = "staging" }).Served!.Document);
    }

    [Fact]
    public void A_flags_stamp_is_of_its_own_text_and_of_the_connection()
    {
        var (one, other) = (Flags("""{"a":FLAG,"b":FLAG}"""), Flags("""{"b":  FLAG,"c":FLAG,"a":OTHER}"""));
        Assert.Equal(one.StampOf("b"), other.StampOf("b"));
        Assert.NotEqual(one.StampOf("a"), other.StampOf("a"));
        Assert.NotEqual(one.StampOf("b"), (one with { Connection = 1 }).StampOf("b"));
        Assert.Equal(0ul, one.StampOf("nowhere"));

        static ServedFlags Flags(string flags)
        {
            var json =
                $$"""{"flags":{{flags.Replace("FLAG", Flag(1), StringComparison.Ordinal).Replace("OTHER", Flag(2), StringComparison.Ordinal)}}}""";
            Assert.True(
                FlagDocument.TryRead(System.Text.Encoding.UTF8.GetBytes(json), DocumentLimits.Usual, out var document, out var fault),
                fault?.ToString()
            );
            return new ServedFlags("production", 1, document, "tag");
        }

        static string Flag(int value) => $$$"""{"state":"ENABLED","variants":{"on":{{{value}}}},"defaultVariant":"on"}""";
    }

    private static (TealClientState, DateTimeOffset?) Of(Standing standing) => (standing.State, standing.StaleSince);

    private static ServedFlags Served(long revision, string tag)
    {
        Assert.True(FlagDocument.TryRead("{\"flags\":{}}"u8, DocumentLimits.Usual, out var document, out _));
        return new ServedFlags("production", revision, document, tag);
    }
}
