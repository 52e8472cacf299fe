using Microsoft.Extensions.Logging.Abstractions;
using Teal.Flags;
using Teal.Server;
using Teal.Server.Flags;
using Teal.Tests.Fast.Flags.Authoring;

namespace Teal.Tests.Fast.Flags;

/// <summary>From the journal's state to what is served.</summary>
public sealed class FlagPublisherTests
{
    [Fact]
    public void A_segment_that_becomes_personal_leaves_the_documents_that_clients_have()
    {
        var board = new FlagBoard(TimeProvider.System);
        var publisher = new FlagPublisher(board, NullLogger<FlagPublisher>.Instance);
        var flag = Flagged.Switch("f", Flagged.Off).In(targeting => targeting with { Rules = [InVip] });
        publisher.Follow(With(flag, isPersonal: false));
        using var listener = board.Listen("production", FlagListenerKind.FlagdSync, "a client")!;
        Assert.True(listener.Changes.TryRead(out var open));

        publisher.Follow(With(flag, isPersonal: true));
        Assert.True(listener.Changes.TryRead(out var closed));
        Assert.Contains("acme", System.Text.Encoding.UTF8.GetString(open.ClientJson.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("acme", System.Text.Encoding.UTF8.GetString(closed.ClientJson.Span), StringComparison.Ordinal);
    }

    private static readonly Rule InVip = new("vip", new Condition.InSegment("vip"), Flagged.On);

    private static ServerState With(Flag flag, bool isPersonal)
    {
        var acme = new Condition.Attribute("company", Test.Equals, [VariantValue.Of("acme")]);
        var vip = new Segment { If = acme, IsPersonal = isPersonal };
        var set = Flagged.Set(flag) with { Segments = new Dictionary<string, Segment> { ["vip"] = vip } };
        return ServerState.Empty with { Flags = FlagBook.Empty with { Set = set } };
    }
}
