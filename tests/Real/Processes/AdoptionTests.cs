using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Teal.Releases;
using Teal.Server;
using Teal.Server.Processes;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

/// <summary>A server that was killed and its successor. The first lives in a process of its own: this program, started again.</summary>
public sealed class AdoptionTests
{
    private const string HomeVariable = "TEAL_TEST_HOST_HOME";
    private const string ModesVariable = "TEAL_TEST_HOST_MODES";

    /// <summary>Not a test of its own: what the killed process runs. Two instances of v1 in blue, then it waits to be killed.</summary>
    [Fact(Explicit = true)]
    public async Task Hosts_a_supervisor_until_it_is_killed()
    {
        var home = Environment.GetEnvironmentVariable(HomeVariable);
        Assert.NotNull(home);
        var bench = new SupervisorBench(home: home);
        Assert.Null(await bench.StartAsync(HostedOrder()));
        var written = Path.Combine(home, "records.new");
        await File.WriteAllTextAsync(written, JsonSerializer.Serialize(bench.Journal.Running));
        File.Move(written, Path.Combine(home, "records"));
        await Task.Delay(Timeout.Infinite);
    }

    [Fact]
    public async Task Instances_survive_a_killed_server_and_the_next_one_goes_on_with_them_at_once()
    {
        await using var bench = new SupervisorBench(PatientGreeting);
        var recorded = await KilledServerAsync(bench.Home);
        Assert.All(recorded, record => Assert.True(Runs(record.Pid)));

        await bench.Supervisor.AdoptAsync([HostedOrder()], recorded, CancellationToken.None);
        Assert.Equal(recorded.Select(record => record.Id).Order(), bench.Blue.Select(instance => instance.Id).Order());
        Assert.All(bench.Blue, instance => Assert.True(instance.IsHealthy));
        Assert.Null(await bench.StartAsync(HostedOrder()));
        Assert.Equal(recorded.Select(record => record.Pid).Order(), bench.Blue.Select(instance => instance.Pid).Order());
        Assert.StartsWith("v1 ", await bench.GetAsync("/"));
        Assert.Empty(bench.Journal.Notes);

        await bench.StopAsync();
        Assert.All(recorded, record => Assert.False(Runs(record.Pid)));
    }

    [Fact]
    public async Task An_adopted_instance_is_watched_like_an_own_one()
    {
        await using var bench = new SupervisorBench();
        var recorded = await KilledServerAsync(bench.Home);
        await bench.Supervisor.AdoptAsync([HostedOrder()], recorded, CancellationToken.None);
        var crashed = bench.Blue[0];
        await WatchingTests.CrashAsync(bench, 5);
        await UntilAsync(() => bench.Blue[0].IsHealthy && bench.Blue[0].Id != crashed.Id, "it was started again");
        Assert.Contains(bench.Journal.Notes, note => note.StartsWith($"exited {crashed.Id}: is gone", StringComparison.Ordinal));
        Assert.Equal(1, bench.Blue[0].Restarts);
        await bench.GetAsync("/print?text=after");
        Assert.Contains(bench.Supervisor.Logs.Last("shop", SlotName.Blue, 10), line => line.Text == "after");
    }

    [Fact]
    public async Task An_instance_that_nobody_recorded_is_found_by_its_environment()
    {
        await using var bench = new SupervisorBench();
        var recorded = await KilledServerAsync(bench.Home);
        await bench.Supervisor.AdoptAsync([HostedOrder()], recorded.Take(1).ToList(), CancellationToken.None);
        Assert.Null(await bench.StartAsync(HostedOrder()));
        Assert.Equal(recorded.Select(record => record.Pid).Order(), bench.Blue.Select(instance => instance.Pid).Order());
        Assert.Equal([$"started {recorded[1]}"], bench.Journal.Notes);
    }

    [Fact]
    public async Task What_nobody_wants_any_more_is_ended_with_what_it_forked()
    {
        await using var bench = new SupervisorBench();
        var recorded = await KilledServerAsync(bench.Home, "fork");
        var child = WatchingTests.ChildOf(bench);
        Assert.True(Runs(child));
        await bench.Supervisor.AdoptAsync([TestApp.Order("v2")], recorded, CancellationToken.None);
        await UntilAsync(() => !recorded.Any(record => Runs(record.Pid)) && !Runs(child), "v1 is gone");
        Assert.Null(await bench.StartAsync(TestApp.Order("v2")));
        await UntilAsync(
            () => recorded.All(record => bench.Journal.Notes.Contains($"exited {record.Id}: stopped: left by an earlier server")),
            "it is noted"
        );
    }

    [Fact]
    public async Task A_recorded_instance_that_is_gone_is_noted_and_started_again()
    {
        await using var bench = new SupervisorBench(PatientGreeting);
        var recorded = await KilledServerAsync(bench.Home);
        using (var process = Process.GetProcessById(recorded[0].Pid))
        {
            process.Kill();
            await UntilAsync(() => !Runs(recorded[0].Pid), "the instance is dead");
        }
        await bench.Supervisor.AdoptAsync([HostedOrder()], recorded, CancellationToken.None);
        Assert.Contains($"exited {recorded[0].Id}: was not running any more when the server started", bench.Journal.Notes);
        Assert.Null(await bench.StartAsync(HostedOrder()));
        Assert.Equal(2, bench.Blue.Count);
        Assert.Empty(bench.Down);
    }

    [Fact]
    public async Task An_app_that_died_with_its_server_is_told_to_be_down()
    {
        await using var bench = new SupervisorBench();
        var recorded = await KilledServerAsync(bench.Home);
        await using var other = new SupervisorBench(home: Directory.CreateDirectory(bench.Home + "-other").FullName);
        foreach (var record in recorded)
        {
            using var process = Process.GetProcessById(record.Pid);
            process.Kill();
        }
        await UntilAsync(() => !recorded.Any(record => Runs(record.Pid)), "the instances are dead");

        // Something else of this home still runs: the machine was not restarted.
        var green = TestApp.Order("v0", SlotName.Green);
        var first = new SupervisorBench(home: bench.Home);
        Assert.Null(await first.StartAsync(green));
        await first.Supervisor.DisposeAsync();

        var broken = TestApp.Order(modes: ["exit=4"]).WithRun(run => run with { Instances = 2 });
        await bench.Supervisor.AdoptAsync([broken, green], [.. recorded, .. first.Journal.Running], CancellationToken.None);
        await UntilAsync(() => !bench.Down.IsEmpty, "blue is told to be down");
        Assert.True(bench.Down.TryPeek(out var down));
        Assert.Equal((SlotName.Blue, "TEAL5011"), (down.Slot, down.Failure.Code));
        await UntilAsync(() => Assert.Single(bench.Supervisor.Instances("shop", SlotName.Green)).IsHealthy, "green goes on");
        Assert.DoesNotContain(bench.Down, told => told.Slot == SlotName.Green);
    }

    [Fact]
    public async Task An_adopted_instance_that_is_slow_to_answer_is_not_told_to_be_down()
    {
        await using var bench = new SupervisorBench(options => options with { AdoptionProbe = TimeSpan.FromMilliseconds(100) });
        var recorded = await KilledServerAsync(bench.Home);
        Assert.All(recorded, record => Signal(record.Pid, "STOP"));
        await bench.Supervisor.AdoptAsync([HostedOrder()], recorded, CancellationToken.None);
        Assert.All(bench.Blue, instance => Assert.False(instance.IsHealthy));
        // As often as the supervision has looked at a slot that went down at once in another test.
        var looked = bench.Blue[0].Uptime;
        await UntilAsync(() => bench.Blue[0].Uptime > looked + TimeSpan.FromSeconds(1), "the supervision has looked many times");
        Assert.All(recorded, record => Signal(record.Pid, "CONT"));
        await UntilAsync(() => bench.Blue.All(instance => instance.IsHealthy), "both answer again");
        Assert.Empty(bench.Down);
        Assert.Equal(recorded.Select(record => record.Pid).Order(), bench.Blue.Select(instance => instance.Pid).Order());
    }

    [Fact]
    public async Task Another_homes_instances_are_left_alone()
    {
        await using var theirs = new SupervisorBench();
        Assert.Null(await theirs.StartAsync(TestApp.Order()));
        await using var ours = new SupervisorBench();
        await ours.Supervisor.AdoptAsync([], [], CancellationToken.None);
        await ours.StopAsync();
        Assert.True(Runs(theirs.Blue[0].Pid));
        Assert.True(theirs.Blue[0].IsHealthy);
    }

    /// <summary>However busy the machine is, what was adopted has answered its first probe.</summary>
    private static SupervisorOptions PatientGreeting(SupervisorOptions options) => options with { AdoptionProbe = Patience };

    private static SlotOrder HostedOrder() =>
        TestApp
            .Order(
                "v1",
                SlotName.Blue,
                (Environment.GetEnvironmentVariable(ModesVariable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            )
            .WithRun(run => run with { Instances = 2 });

    private static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static async Task<List<InstanceRecord>> KilledServerAsync(string home, string modes = "")
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "-method", $"*.{nameof(AdoptionTests)}.{nameof(Hosts_a_supervisor_until_it_is_killed)}", "-explicit", "only" },
            Environment = { [HomeVariable] = home, [ModesVariable] = modes },
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var server = Process.Start(start)!;
        var records = Path.Combine(home, "records");
        try
        {
            await UntilAsync(() => File.Exists(records) || server.HasExited, "the first server is up");
            Assert.False(server.HasExited, "the first server ended by itself");
        }
        finally
        {
            server.Kill(entireProcessTree: false);
            await server.WaitForExitAsync();
        }
        return JsonSerializer.Deserialize<List<InstanceRecord>>(await File.ReadAllTextAsync(records))!;
    }
}
