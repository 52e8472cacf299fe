using Teal.Releases;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task An_instance_knows_where_to_listen_and_who_it_is_and_little_of_the_server()
    {
        Environment.SetEnvironmentVariable("TEAL_TEST_UNRELATED", "not for apps");
        await using var bench = new SupervisorBench();
        Assert.Null(
            await bench.StartAsync(
                TestApp
                    .Order()
                    .WithRun(run =>
                        run with
                        {
                            Env = new Dictionary<string, string> { ["TZ"] = "UTC", ["TEAL_SLOT"] = "mine" },
                        }
                    )
            )
        );
        var instance = bench.Blue[0];

        Assert.Equal($"{instance.Port}", await Variable(bench, "PORT"));
        Assert.Equal($"http://127.0.0.1:{instance.Port}", await Variable(bench, "ASPNETCORE_URLS"));
        Assert.Equal("shop", await Variable(bench, "TEAL_SERVICE"));
        Assert.Equal("v1", await Variable(bench, "TEAL_VERSION"));
        Assert.Equal("blue", await Variable(bench, "TEAL_SLOT"));
        Assert.Equal(instance.Id, await Variable(bench, "TEAL_INSTANCE"));
        Assert.Equal(bench.Home, await Variable(bench, "TEAL_OWNER"));
        Assert.Equal(Path.Combine(bench.Home, "shared", "shop"), await Variable(bench, "TEAL_SHARED"));
        Assert.True(Directory.Exists(await Variable(bench, "TEAL_SHARED")));
        Assert.Equal("UTC", await Variable(bench, "TZ"));
        Assert.Equal(TestApp.Folder, await bench.GetAsync("/folder"));
        Assert.DoesNotContain("TEAL_TEST_UNRELATED", await bench.GetAsync("/variables"));
    }

    [Fact]
    public async Task A_secret_reaches_the_app_byte_by_byte_and_nothing_else()
    {
        const string canary = "canary-7f3a $HOME \"quoted\"\nsecond line ü";
        Environment.SetEnvironmentVariable("CANARY_SOURCE", canary);
        await using var bench = new SupervisorBench();
        var file = Path.Combine(bench.Home, "secret");
        await File.WriteAllTextAsync(file, "file-canary-91");
        var order = TestApp
            .Order(modes: ["health-file=" + Path.Combine(bench.Home, "well")])
            .WithRun(run =>
                run with
                {
                    Env = new Dictionary<string, string> { ["SECRET"] = "env:CANARY_SOURCE", ["FILED"] = $"file:{file}" },
                }
            );
        await File.WriteAllTextAsync(Path.Combine(bench.Home, "well"), "");
        Assert.Null(await bench.StartAsync(order));
        Assert.Equal(canary, await Variable(bench, "SECRET"));
        Assert.Equal("file-canary-91", await Variable(bench, "FILED"));

        // The app prints it and goes down: the evidence that is journaled must not carry it.
        await bench.GetAsync("/print?text=password%20file-canary-91");
        await bench.GetAsync("/print?text=" + Uri.EscapeDataString(canary));
        await WatchingTests.CrashAsync(bench, 1);
        await UntilAsync(() => !bench.Down.IsEmpty, "the slot is down");
        Assert.True(bench.Down.TryPeek(out var down));
        Assert.Equal(["password ***", "***", "***"], down.Failure.LogLines);
        var seen = string.Join('\n', [.. bench.Journal.Notes, down.Failure.ToString(), .. bench.Blue.Select(status => status.ToString())]);
        Assert.DoesNotContain("canary-7f3a", seen);
        Assert.DoesNotContain("file-canary-91", seen);
    }

    [Theory]
    [InlineData("env:NO_SUCH_VARIABLE_HERE", "run.env.SECRET is env:NO_SUCH_VARIABLE_HERE, which is not there")]
    [InlineData("file:/no/such/file", "run.env.SECRET is file:/no/such/file, which is not there")]
    public async Task A_reference_to_nothing_names_the_variable(string written, string why)
    {
        await using var bench = new SupervisorBench();
        var failure = await bench.StartAsync(
            TestApp.Order().WithRun(run => run with { Env = new Dictionary<string, string> { ["SECRET"] = written } })
        );
        Assert.Equal(("TEAL5002", why), (failure?.Code, failure?.Why));
        Assert.DoesNotContain(bench.Journal.Notes, note => note.StartsWith("start", StringComparison.Ordinal));
    }

    private static Task<string> Variable(SupervisorBench bench, string name) => bench.GetAsync("/variable?name=" + name);
}
