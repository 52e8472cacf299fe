using System.Diagnostics;
using System.Globalization;
using Teal.Releases;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class WatchingTests
{
    [Fact]
    public async Task The_only_instance_that_crashes_is_told_at_once_and_started_again()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["say=hello"])));
        var first = Assert.Single(bench.Blue);

        await CrashAsync(bench, 7);
        await UntilAsync(() => !bench.Down.IsEmpty, "it is told that the slot is down");
        Assert.True(bench.Down.TryPeek(out var down));
        Assert.Equal("TEAL5011", down.Failure.Code);
        Assert.Equal("instance 1 exited with code 7", down.Failure.Why);
        Assert.Equal(["hello"], down.Failure.LogLines);

        await UntilAsync(() => !bench.Up.IsEmpty, "it is told that the slot is up again");
        var second = Assert.Single(bench.Blue);
        Assert.True(second.Restarts == 1, string.Join('\n', bench.Journal.Notes));
        Assert.NotEqual(first.Id, second.Id);
        Assert.NotEqual(first.Port, second.Port);
        Assert.Contains(
            bench.Journal.Notes,
            note => note.StartsWith($"exited {first.Id}: exited with code 7 after", StringComparison.Ordinal)
        );
        Assert.Single(bench.Down);
    }

    [Fact]
    public async Task One_of_two_that_crashes_leaves_the_slot_up()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order().WithRun(run => run with { Instances = 2 })));
        var other = bench.Blue[1];
        await CrashAsync(bench, 1);
        await UntilAsync(() => bench.Blue[0].Restarts == 1 && bench.Blue[0].IsHealthy, "the first one is back");
        Assert.Equal((other.Id, other.Pid, 0), (bench.Blue[1].Id, bench.Blue[1].Pid, bench.Blue[1].Restarts));
        Assert.Empty(bench.Down);
        Assert.Contains(SlotName.Blue, bench.Changes);
    }

    [Fact]
    public async Task A_kill_from_outside_is_noticed_within_a_tenth_of_a_second()
    {
        await using var bench = new SupervisorBench(options => options with { Backoff = new(Patience, Patience, Patience) });
        // The best of some: the machine may be busy with something else in one of them.
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 12 && best >= TimeSpan.FromMilliseconds(100); i++)
        {
            var took = await TimeToBeToldAsync(bench);
            best = took < best ? took : best;
        }
        Assert.True(best < TimeSpan.FromMilliseconds(100), $"it took {best.TotalMilliseconds} ms");
        Assert.Contains(bench.Journal.Notes, note => note.Contains("was ended by SIGKILL", StringComparison.Ordinal));
    }

    private static async Task<TimeSpan> TimeToBeToldAsync(SupervisorBench bench)
    {
        var toldAt = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Null(await bench.StartAsync(TestApp.Order()));
        bench.Supervisor.WentDown += (_, _, _) => toldAt.TrySetResult(Stopwatch.GetTimestamp());
        using var process = Process.GetProcessById(bench.Blue[0].Pid);
        var began = Stopwatch.GetTimestamp();
        process.Kill();
        var took = Stopwatch.GetElapsedTime(began, await toldAt.Task.WaitAsync(Patience));
        await bench.StopAsync();
        return took;
    }

    [Fact]
    public async Task An_instance_that_stops_answering_well_is_out_until_it_rises_again()
    {
        await using var bench = new SupervisorBench();
        var well = Path.Combine(bench.Home, "well");
        await File.WriteAllTextAsync(well, "");
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: [$"health-file={well}"])));
        var pid = bench.Blue[0].Pid;

        File.Delete(well);
        await UntilAsync(() => !bench.Down.IsEmpty, "three bad probes in a row");
        Assert.False(bench.Blue[0].IsHealthy);
        Assert.True(bench.Down.TryPeek(out var down));
        Assert.StartsWith("3 health probes in a row failed: 503 Service Unavailable", down.Failure.Why);
        Assert.Contains("the app says it is not well", down.Failure.LastResponse);

        await File.WriteAllTextAsync(well, "");
        await UntilAsync(() => !bench.Up.IsEmpty, "two good probes in a row");
        Assert.Equal((true, pid, 0), (bench.Blue[0].IsHealthy, bench.Blue[0].Pid, bench.Blue[0].Restarts));
    }

    [Fact]
    public async Task What_a_crashed_instance_forked_ends_with_it()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["fork"])));
        var child = ChildOf(bench);
        Assert.True(Runs(child));
        await CrashAsync(bench, 1);
        await UntilAsync(() => !Runs(child), "the orphan is gone");
    }

    [Fact]
    public async Task A_folder_that_is_taken_away_while_it_runs_harms_nobody_until_a_crash_and_is_then_named()
    {
        await using var bench = new SupervisorBench();
        var folder = Path.Combine(bench.Home, "stored");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(TestApp.Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        var order = TestApp.Order().WithRun(run => run with { Command = ["dotnet", "app.dll"] }) with { Folder = folder };
        Assert.Null(await bench.StartAsync(order));
        Assert.Equal(folder, await bench.GetAsync("/folder"));

        Directory.Delete(folder, recursive: true);
        Assert.StartsWith("v1 ", await bench.GetAsync("/"));
        await CrashAsync(bench, 1);
        await UntilAsync(
            () => bench.Blue[0].LastProbe?.Contains("the stored folder of version v1 is gone", StringComparison.Ordinal) == true,
            "it says why"
        );
        Assert.Single(bench.Down);
    }

    [Fact]
    public async Task Processor_and_memory_are_seen()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["spin", "leak=40"])));
        // An idle app needs less than 1 %; on a machine with busy neighbours one that spins may not get more than this.
        await UntilAsync(() => bench.Blue[0].CpuPercent > 5, "a busy core is seen");
        await UntilAsync(() => bench.Blue[0].MemoryBytes > 150 << 20, "a leak is seen");
        Assert.True(bench.Blue[0].Uptime > TimeSpan.Zero);
    }

    internal static int ChildOf(SupervisorBench bench)
    {
        var line = bench
            .Supervisor.Logs.Last("shop", SlotName.Blue, 10)
            .First(line => line.Text.StartsWith("child ", StringComparison.Ordinal));
        return int.Parse(line.Text["child ".Length..], CultureInfo.InvariantCulture);
    }

    internal static async Task CrashAsync(SupervisorBench bench, int code)
    {
        // It may be gone before it has answered.
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => bench.GetAsync($"/crash?code={code}"));
    }
}
