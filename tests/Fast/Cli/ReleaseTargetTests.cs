using Teal.Cli.Following;
using Teal.Wire;

namespace Teal.Tests.Fast.Cli;

public sealed class ReleaseTargetTests
{
    private static readonly ReleaseTarget Begun = ReleaseTarget.Of(Sample.Release);
    private static readonly ReleaseTarget Waiting = new(null, "v3", 2);

    [Fact]
    public void A_release_runs_until_it_has_an_outcome()
    {
        Assert.IsType<Whereabouts.Running>(Begun.In(Sample.Status));
        Assert.IsType<Whereabouts.Ended>(Begun.In(With(Sample.Release with { Outcome = "rolled_back" })));
    }

    [Fact]
    public void A_newer_release_means_that_ours_has_ended_unseen() =>
        Assert.IsType<Whereabouts.Passed>(Begun.In(With(Sample.Release with { Id = "shop-3", Number = 3 })));

    [Fact]
    public void An_older_release_is_not_ours_yet() =>
        Assert.IsType<Whereabouts.Waiting>(Begun.In(With(Sample.Release with { Id = "shop-1", Number = 1 })));

    [Fact]
    public void A_deploy_waits_as_long_as_the_server_says_so_and_then_begins_or_was_displaced()
    {
        var next = Sample.Release with { Id = "shop-3", Number = 3, To = "v3" };
        Assert.IsType<Whereabouts.Waiting>(Waiting.In(Sample.Status with { Waiting = ["v3"] }));
        Assert.IsType<Whereabouts.Running>(Waiting.In(With(next)));
        Assert.IsType<Whereabouts.Displaced>(Waiting.In(With(next with { To = "v4" })));
    }

    [Theory]
    [InlineData("deploy", "Returning", false)]
    [InlineData("deploy", "DrainingBack", true)]
    [InlineData("deploy", "Ended", true)]
    [InlineData("rollback", "Shifting", false)]
    [InlineData("rollback", "Draining", true)]
    public void Traffic_is_back_once_the_data_plane_confirmed_it(string kind, string phase, bool isBack) =>
        Assert.Equal(isBack, TrafficClock.IsBack(Sample.Release with { Kind = kind, Phase = phase }));

    private static StatusView With(ReleaseView release) => Sample.Status with { Release = release };
}
