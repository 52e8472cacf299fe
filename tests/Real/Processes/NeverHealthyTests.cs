using Teal.Releases;
using Teal.Server.Processes;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class NeverHealthyTests
{
    /// <summary>Of the pumped clock, and more than the patience of the tests: nothing is given up before the fact was seen.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task An_app_that_exits_at_once_is_tried_three_times_and_shown_with_its_code_and_last_lines()
    {
        await using var bench = new SupervisorBench();
        var failure = await bench.StartAsync(TestApp.Order(modes: ["exit=3"]));

        Assert.NotNull(failure);
        Assert.Equal("TEAL5003", failure.Code);
        Assert.Equal("shop v1 (blue) never became healthy", failure.What);
        Assert.Contains("exited with code 3", failure.Why);
        Assert.Equal(["app: exit 3"], failure.LogLines);
        Assert.Equal(3, bench.Journal.Notes.Count(note => note.StartsWith("started", StringComparison.Ordinal)));
        Assert.Empty(bench.Down);
    }

    [Fact]
    public async Task One_early_exit_is_forgiven()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: [$"exit-once={bench.Home}/once"])));
        Assert.Equal(1, Assert.Single(bench.Blue).Restarts);
    }

    [Fact]
    public async Task After_giving_up_nothing_is_started_again_until_the_next_start()
    {
        await using var bench = new SupervisorBench();
        Assert.Equal("TEAL5003", (await bench.StartAsync(TestApp.Order(modes: ["exit=3"])))?.Code);
        Assert.Equal(0, Assert.Single(bench.Blue).Pid);
        Assert.Null(await bench.StartAsync(TestApp.Order("v2")));
        Assert.Equal(
            3,
            bench.Journal.Notes.Count(note =>
                note.StartsWith("started", StringComparison.Ordinal) && note.Contains("Version = v1", StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public async Task An_app_that_never_listens_is_given_up()
    {
        var failure = await GiveUpAsync(status => status == "connection refused", "deaf");
        Assert.Equal("TEAL5004", failure.Code);
        Assert.Equal("connection refused", failure.LastResponse);
        Assert.Contains("within 120 s", failure.Why);
    }

    [Fact]
    public async Task An_app_that_answers_500_is_given_up_and_its_answer_shown()
    {
        var failure = await GiveUpAsync(status => status.StartsWith("500", StringComparison.Ordinal), "health=500");
        Assert.Equal("TEAL5005", failure.Code);
        Assert.StartsWith("500 Internal Server Error", failure.LastResponse);
        Assert.EndsWith("the app says it is not well", failure.LastResponse);
    }

    [Fact]
    public async Task An_app_that_answers_what_is_no_HTTP_is_given_up()
    {
        var failure = await GiveUpAsync(status => status.StartsWith("no HTTP answer", StringComparison.Ordinal), "garbage");
        Assert.Equal("TEAL5005", failure.Code);
        Assert.StartsWith("no HTTP answer", failure.LastResponse);
    }

    [Fact]
    public async Task An_app_whose_health_comes_and_goes_never_rises()
    {
        var failure = await GiveUpAsync(status => status.StartsWith("200", StringComparison.Ordinal), "health-flap");
        Assert.Equal("TEAL5005", failure.Code);
        Assert.Contains("/healthz did not stay good within 120 s", failure.Why);
    }

    [Fact]
    public async Task An_app_that_is_slow_to_say_that_it_is_healthy_is_not()
    {
        var failure = await GiveUpAsync(status => status == "no answer within 2000 ms", TimeSpan.FromSeconds(2), "health-secs=600");
        Assert.Equal("TEAL5005", failure.Code);
    }

    [Theory]
    [InlineData("./no-such-program", "is not in the stored folder")]
    [InlineData("no-such-program-anywhere", "not in PATH")]
    [InlineData("./app.dll", "may not be executed")]
    [InlineData("./not-a-program", "needs a first line like #!/bin/sh")]
    [InlineData("./no-interpreter", "names an interpreter that is not here")]
    public async Task A_command_that_cannot_be_run_fails_at_once_and_says_why(string command, string why)
    {
        await using var bench = new SupervisorBench();
        var folder = Directory.CreateDirectory(Path.Combine(bench.Home, "stored")).FullName;
        Write(Path.Combine(folder, "app.dll"), "text", UnixFileMode.UserRead);
        Write(Path.Combine(folder, "not-a-program"), "hello", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Write(Path.Combine(folder, "no-interpreter"), "#!/no/such/interpreter\n", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var failure = await bench.StartAsync(TestApp.Order() with { Folder = folder, CommandPath = command });
        Assert.Equal("TEAL5001", failure?.Code);
        Assert.Contains(why, failure!.Why);
        Assert.DoesNotContain(bench.Journal.Notes, note => note.StartsWith("started", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stored_folder_that_is_gone_is_named()
    {
        await using var bench = new SupervisorBench();
        var failure = await bench.StartAsync(TestApp.Order() with { Folder = Path.Combine(bench.Home, "gone") });
        Assert.Equal("TEAL5001", failure?.Code);
        Assert.Equal("the stored folder of version v1 is gone", failure!.Why);
    }

    [Fact]
    public async Task Cancelling_a_start_leaves_the_stopping_to_stop()
    {
        await using var bench = new SupervisorBench();
        using var cancel = new CancellationTokenSource();
        var start = bench.Supervisor.StartAsync(TestApp.Order(modes: ["deaf"]), cancel.Token);
        await UntilAsync(() => bench.Blue.Any(instance => instance.Pid > 0), "the process exists");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        var pid = bench.Blue[0].Pid;
        Assert.True(Runs(pid));
        await bench.StopAsync();
        Assert.False(Runs(pid));
    }

    [Fact]
    public async Task A_stop_ends_a_start_that_is_under_way()
    {
        await using var bench = new SupervisorBench();
        var start = bench.Supervisor.StartAsync(TestApp.Order(modes: ["deaf"]), CancellationToken.None);
        await UntilAsync(() => bench.Blue.Any(instance => instance.Pid > 0), "the process exists");
        await bench.StopAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Patience));
    }

    /// <summary>Waits until a probe said <paramref name="seen"/>, then lets the deadline pass.</summary>
    private static Task<Failure> GiveUpAsync(Func<string, bool> seen, params string[] modes) =>
        // A probe that is on its way when the clock jumps must not time out by it.
        GiveUpAsync(seen, 2 * GiveUpAfter, modes);

    private static async Task<Failure> GiveUpAsync(Func<string, bool> seen, TimeSpan timeout, params string[] modes)
    {
        await using var time = new PumpedTime();
        await using var bench = new SupervisorBench(time: time.Provider);
        var order = TestApp
            .Order(modes: modes)
            .WithHealth(h => h with { GiveUpAfter = GiveUpAfter, Timeout = timeout })
            // A probe that it still answers is nothing to wait for.
            .WithRun(run => run with { StopTimeout = TimeSpan.FromSeconds(1) });
        var start = bench.StartAsync(order);
        await UntilAsync(() => bench.Blue.Any(instance => instance.LastProbe is { } probe && seen(probe)), "the app answers");
        time.Jump(GiveUpAfter);
        var failure = await start;
        Assert.NotNull(failure);
        return failure;
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
    }
}
