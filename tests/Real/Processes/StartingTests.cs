using System.Globalization;
using Teal.Releases;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class StartingTests
{
    [Fact]
    public async Task A_version_is_started_answers_and_is_stopped()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order("v1")));

        var instance = Assert.Single(bench.Blue);
        Assert.True(instance.IsHealthy);
        Assert.StartsWith("200 OK in ", instance.LastProbe);
        Assert.Equal($"v1 {instance.Id}\n", await bench.GetAsync("/"));
        Assert.Equal(instance.Pid.ToString(CultureInfo.InvariantCulture), await bench.GetAsync("/pid"));

        await bench.StopAsync();
        Assert.Empty(bench.Blue);
        Assert.False(Runs(instance.Pid));
        Assert.Collection(
            bench.Journal.Notes,
            note => Assert.StartsWith("starting ", note),
            note => Assert.StartsWith("started ", note),
            note => Assert.Equal($"exited {instance.Id}: stopped", note)
        );
    }

    [Fact]
    public async Task Starting_what_runs_keeps_it_and_stopping_twice_is_stopping_once()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order()));
        var pid = Assert.Single(bench.Blue).Pid;
        Assert.Null(await bench.StartAsync(TestApp.Order()));
        Assert.Equal(pid, Assert.Single(bench.Blue).Pid);

        await Task.WhenAll(bench.StopAsync(), bench.StopAsync());
        await bench.StopAsync();
        Assert.Single(bench.Journal.Notes, note => note.StartsWith("exited", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Several_instances_have_ports_of_their_own_and_are_all_healthy()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order().WithRun(run => run with { Instances = 3 })));
        Assert.All(bench.Blue, instance => Assert.True(instance.IsHealthy));
        Assert.Equal([1, 2, 3], bench.Blue.Select(instance => instance.Index));
        Assert.Equal(3, bench.Blue.Select(instance => instance.Port).Distinct().Count());
        Assert.Equal(3, bench.Blue.Select(instance => instance.Pid).Distinct().Count());
    }

    [Fact]
    public async Task An_app_that_speaks_cleartext_HTTP2_is_asked_in_it()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["h2"]).WithRun(run => run with { Protocol = UpstreamProtocol.H2 })));
        Assert.StartsWith("200 ", Assert.Single(bench.Blue).LastProbe);
    }

    [Fact]
    public async Task A_journal_that_fails_starts_nothing_and_leaves_what_runs_alone()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order().WithRun(run => run with { Instances = 2 })));
        bench.Journal.IsFull = true;

        await WatchingTests.CrashAsync(bench, 1);
        await UntilAsync(() => bench.Blue[0].LastProbe == "was not started: no space left", "it says why");
        Assert.True(bench.Blue[1].IsHealthy);
        var failure = await bench.Supervisor.StartAsync(TestApp.Order(slot: SlotName.Green), CancellationToken.None);
        Assert.Equal(("TEAL5012", "no space left"), (failure?.Code, failure?.Why));
        Assert.Equal(0, bench.Supervisor.Instances("shop", SlotName.Green).Sum(instance => instance.Pid));

        bench.Journal.IsFull = false;
        await UntilAsync(() => bench.Blue[0].IsHealthy, "it is started once the journal can be written");
    }
}
