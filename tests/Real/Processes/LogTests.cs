using Teal.Releases;
using Teal.Server.Processes;
using static Teal.Tests.Real.Processes.SupervisorBench;

namespace Teal.Tests.Real.Processes;

public sealed class LogTests
{
    [Fact]
    public async Task A_flood_of_output_stays_within_its_bounds_and_the_app_goes_on()
    {
        var limits = new LogLimits(FileBytes: 1 << 20, Files: 3) { CheckEvery = TimeSpan.FromMilliseconds(20) };
        await using var bench = new SupervisorBench(options =>
            options with
            {
                Logs = limits,
                StartTick = TimeSpan.FromMilliseconds(20),
                Tick = TimeSpan.FromMilliseconds(20),
            }
        );
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["flood"])));
        var folder = new DirectoryInfo(Path.Combine(bench.Home, "logs", "shop", "blue"));
        await UntilAsync(() => folder.GetFiles("*.log.2").Length == 1, "the log was rotated twice");
        Assert.StartsWith("v1 ", await bench.GetAsync("/"));

        // Looked at when nothing is written and nothing rotated any more: the files change under a reader, which may find one half made.
        await bench.StopAsync();
        var files = folder.GetFiles();
        Assert.Equal(3, files.Length);
        // The one that is being written is as long as what the app wrote between two looks: a bound of time, not of size.
        var rotated = files.Where(file => file.Extension != ".log");
        Assert.All(rotated, file => Assert.True(file.Length <= 2 * limits.FileBytes, $"{file.Name}: {file.Length}"));
        var last = bench.Supervisor.Logs.Last("shop", SlotName.Blue, 20);
        Assert.Equal(20, last.Count);
        // Lines at the edge of a file are torn; not all of them are.
        Assert.Contains("flood flood flood flood flood flood flood", last.Select(line => line.Text));
    }

    [Fact]
    public async Task Logs_are_followed_over_instances_and_restarts()
    {
        await using var bench = new SupervisorBench();
        Assert.Null(await bench.StartAsync(TestApp.Order(modes: ["say=hello"])));
        using var enough = new CancellationTokenSource(Patience);
        await using var lines = bench.Supervisor.Logs.Follow("shop", null, enough.Token).GetAsyncEnumerator();

        // What was there before is not shown; the first look happens when the first line is asked for.
        var next = lines.MoveNextAsync();
        await bench.GetAsync("/print?text=one");
        Assert.True(await next);
        Assert.Equal(new LogLine(bench.Blue[0].Id, "one"), lines.Current);

        var before = bench.Blue[0].Id;
        await WatchingTests.CrashAsync(bench, 1);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("hello", lines.Current.Text);
        Assert.NotEqual(before, lines.Current.Instance);
    }

    [Fact]
    public void Following_survives_a_rotation() => Assert.Equal(["1", "2", "3", "4"], FollowedOverRotation());

    [Fact]
    public void The_last_lines_are_read_over_rotated_files()
    {
        using var home = new TemporaryHome();
        var log = new InstanceLog(home.Path, new LogLimits(FileBytes: 10, Files: 4));
        var path = log.Prepare("shop", "blue", "a", new HashSet<string>());
        foreach (var part in new[] { "1\n2\n3\n4\n5\n", "6\n7\n8\n9\n0\n", "a\nb\nunfinished" })
        {
            File.AppendAllText(path, part);
            if (!part.EndsWith("unfinished", StringComparison.Ordinal))
            {
                log.Rotate(path);
            }
        }
        var reader = new LogReader(home.Path, new LogLimits(FileBytes: 10, Files: 4), TimeProvider.System);
        Assert.Equal(["9", "0", "a", "b", "unfinished"], reader.LastOf("shop", SlotName.Blue, "a", 5).Select(line => line.Text));
        Assert.Equal(13, reader.LastOf("shop", SlotName.Blue, "a", 100).Count);
        Assert.Equal(["unfinished"], reader.Last("shop", SlotName.Blue, 1).Select(line => line.Text));
        Assert.Empty(reader.Last("shop", SlotName.Green, 1));
    }

    [Fact]
    public void A_line_without_end_comes_in_pieces()
    {
        using var home = new TemporaryHome();
        var limits = new LogLimits { LineBytes = 8 };
        var path = new InstanceLog(home.Path, limits).Prepare("shop", "blue", "a", new HashSet<string>());
        File.WriteAllText(path, new string('x', 20) + "\nend\n");
        var reader = new LogReader(home.Path, limits, TimeProvider.System);
        Assert.Equal(["xxxxxxxx", "xxxxxxxx", "xxxx", "end"], reader.LastOf("shop", SlotName.Blue, "a", 10).Select(line => line.Text));
    }

    [Fact]
    public void Logs_of_instances_that_ended_long_ago_go_and_those_in_use_stay()
    {
        using var home = new TemporaryHome();
        var log = new InstanceLog(home.Path, new LogLimits(Instances: 2));
        var running = new HashSet<string> { "oldest" };
        string[] ids = ["oldest", "old", "newer", "newest"];
        for (var i = 0; i < ids.Length; i++)
        {
            var path = log.PathOf("shop", "blue", ids[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
            File.WriteAllText(path + ".1", "");
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(i));
        }
        log.Prepare("shop", "blue", "next", running);
        var left = Directory.GetFiles(log.FolderOf("shop", "blue")).Select(Path.GetFileName).Order();
        Assert.Equal(["newer.log", "newer.log.1", "newest.log", "newest.log.1", "oldest.log", "oldest.log.1"], left);
    }

    private static List<string> FollowedOverRotation()
    {
        using var home = new TemporaryHome();
        var limits = new LogLimits(FileBytes: 4, Files: 3);
        var log = new InstanceLog(home.Path, limits);
        var path = log.Prepare("shop", "blue", "a", new HashSet<string>());
        File.WriteAllText(path, "");
        using var enough = new CancellationTokenSource(Patience);
        var lines = new LogReader(home.Path, limits, TimeProvider.System).Follow("shop", SlotName.Blue, enough.Token).GetAsyncEnumerator();
        var seen = new List<string>();
        var next = lines.MoveNextAsync().AsTask();
        File.AppendAllText(path, "1\n");
        TakeOne();
        // Written, rotated away and written again between two looks of the reader.
        File.AppendAllText(path, "2\n3\n");
        log.Rotate(path);
        File.AppendAllText(path, "4\n");
        TakeOne();
        TakeOne();
        TakeOne(isLast: true);
        return seen;

        void TakeOne(bool isLast = false)
        {
            Assert.True(next.GetAwaiter().GetResult());
            seen.Add(lines.Current.Text);
            next = isLast ? next : lines.MoveNextAsync().AsTask();
        }
    }

    private sealed class TemporaryHome : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("teal-logs-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
