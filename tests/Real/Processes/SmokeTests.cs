using Teal.Releases;
using Teal.Server.Processes;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class SmokeTests : IAsyncDisposable
{
    private static readonly Uri Preview = new("http://127.0.0.1:4321/");
    private static readonly TimeSpan SmokeTimeout = TimeSpan.FromSeconds(120);
    private readonly SupervisorBench _bench = new();
    private readonly string _folder;

    public SmokeTests() => _folder = Directory.CreateDirectory(Path.Combine(_bench.Home, "stored")).FullName;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task The_program_runs_in_the_stored_folder_with_the_preview_address_and_its_arguments_as_they_are()
    {
        var failure = await SmokeAsync("echo \"$PWD|$TEAL_PREVIEW_URL|$TEAL_VERSION|$TEAL_SLOT|$1|${PORT-none}\" > seen", "a b;c $HOME");
        Assert.Null(failure);
        var seen = await File.ReadAllTextAsync(Path.Combine(_folder, "seen"));
        Assert.Equal($"{_folder}|http://127.0.0.1:4321/|v1|blue|a b;c $HOME|none\n", seen);
    }

    [Fact]
    public async Task A_failed_test_shows_its_code_and_its_last_lines()
    {
        var failure = await SmokeAsync("i=1; while [ $i -le 30 ]; do echo line $i; i=$((i+1)); done; echo 'prices are wrong' >&2; exit 12");
        Assert.Equal("TEAL5008", failure?.Code);
        Assert.Equal("./smoke.sh exited with code 12", failure!.Why);
        Assert.Equal(20, failure.LogLines.Count);
        Assert.Equal("prices are wrong", failure.LogLines[^1]);
    }

    [Fact]
    public async Task A_test_without_end_is_ended_with_what_it_started()
    {
        await using var time = new PumpedTime();
        await using var bench = new SupervisorBench(time: time.Provider);
        var child = Path.Combine(_folder, "child");
        var order = await SmokingAsync($"sleep 600 & echo waiting; echo $! > new; mv new {child}; wait");
        var smoke = bench.Supervisor.SmokeAsync(order, Preview, CancellationToken.None);
        await UntilAsync(() => File.Exists(child), "the test waits");
        time.Jump(SmokeTimeout);
        var failure = await smoke.WaitAsync(Patience);
        Assert.Equal("TEAL5009", failure?.Code);
        Assert.Equal(["waiting"], failure!.LogLines);
        Assert.False(Runs(int.Parse(await File.ReadAllTextAsync(child))));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var order = Order(release => release with { Smoke = ["./nowhere.sh"] });
        var failure = await _bench.Supervisor.SmokeAsync(order, Preview, CancellationToken.None);
        Assert.Equal("TEAL5001", failure?.Code);
    }

    [Fact]
    public async Task Warm_up_reaches_every_instance()
    {
        var order = TestApp.Order().WithRun(run => run with { Instances = 2 });
        order = order.With(m =>
            m with
            {
                Release = m.Release with
                {
                    WarmUp = new WarmUpSection { Paths = ["/", "/pid"], Requests = 5 },
                },
            }
        );
        Assert.Null(await _bench.StartAsync(order));
        Assert.Null(await _bench.Supervisor.SmokeAsync(order, Preview, CancellationToken.None));
        Assert.Equal("11", await _bench.GetAsync("/hits", 0));
        Assert.Equal("11", await _bench.GetAsync("/hits", 1));
    }

    [Fact]
    public async Task A_warm_up_path_that_only_answers_500_fails()
    {
        var order = TestApp.Order(modes: ["errors=100"]).With(m => m with { Release = m.Release with { WarmUp = new WarmUpSection() } });
        Assert.Null(await _bench.StartAsync(order));
        var failure = await _bench.Supervisor.SmokeAsync(order, Preview, CancellationToken.None);
        Assert.Equal("TEAL5010", failure?.Code);
        Assert.EndsWith("error in v1", failure!.LastResponse);
    }

    private SlotOrder Order(Func<ReleaseSection, ReleaseSection> change) =>
        TestApp.Order().With(manifest => manifest with { Release = change(manifest.Release) }) with
        {
            Folder = _folder,
        };

    private async Task<Failure?> SmokeAsync(string script, params string[] arguments)
    {
        var order = await SmokingAsync(script, arguments);
        return await _bench.Supervisor.SmokeAsync(order, Preview, CancellationToken.None).WaitAsync(Patience);
    }

    private async Task<SlotOrder> SmokingAsync(string script, params string[] arguments)
    {
        var path = Path.Combine(_folder, "smoke.sh");
        await File.WriteAllTextAsync(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return Order(release => release with { Smoke = ["./smoke.sh", .. arguments], SmokeTimeout = SmokeTimeout });
    }
}
