using System.Diagnostics;
using Teal.Releases;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class StoppingTests
{
    [Fact]
    public async Task An_app_that_ignores_SIGTERM_is_killed_at_its_deadline()
    {
        await using var bench = new SupervisorBench();
        var order = TestApp.Order(modes: ["sigterm-ignore"]).WithRun(run => run with { StopTimeout = TimeSpan.FromSeconds(0.7) });
        Assert.Null(await bench.StartAsync(order));
        var instance = bench.Blue[0];
        var began = Stopwatch.GetTimestamp();
        await bench.StopAsync();
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds(0.7));
        Assert.False(Runs(instance.Pid));
        Assert.Contains($"exited {instance.Id}: stopped: killed after 0.7 s (run.stop_timeout)", bench.Journal.Notes);
    }

    [Fact]
    public async Task What_the_app_forked_ends_with_it()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["fork"])));
        var child = WatchingTests.ChildOf(bench);
        Assert.True(Runs(child));
        await bench.StopAsync();
        Assert.False(Runs(child));
    }

    [Fact]
    public async Task A_request_inside_is_answered_before_the_app_ends()
    {
        await using var bench = new SupervisorBench();
        var gate = Path.Combine(bench.Home, "gate");
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: [$"gate={gate}"])));
        var answer = bench.GetAsync("/gate");
        // Each question is a hit too: one more than were asked is the request.
        for (var asked = 1; int.Parse(await bench.GetAsync("/hits")) <= asked; asked++)
        {
            Assert.False(answer.IsCompleted);
        }
        var stop = bench.StopAsync();
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal("v1", await answer);
        await stop;
        Assert.EndsWith(": stopped", bench.Journal.Notes[^1]);
    }

    [Fact]
    public async Task A_supervisor_that_goes_leaves_its_instances_running_and_another_can_stop_them()
    {
        await using var second = new SupervisorBench();
        var first = new SupervisorBench(home: second.Home);
        Assert.Null(await first.StartAsync(TestApp.Order()));
        var pid = first.Blue[0].Pid;
        await first.Supervisor.DisposeAsync();
        Assert.True(Runs(pid));
        await second.StopAsync(SlotName.Green);
        Assert.True(Runs(pid));
        await second.StopAsync(SlotName.Blue);
        Assert.False(Runs(pid));
    }

    [Fact]
    public async Task A_new_version_in_a_slot_replaces_the_one_before()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order("v1")));
        var pid = bench.Blue[0].Pid;
        Assert.Null(await bench.StartAsync(TestApp.Order("v2")));
        Assert.False(Runs(pid));
        Assert.StartsWith("v2 ", await bench.GetAsync("/"));
    }
}
