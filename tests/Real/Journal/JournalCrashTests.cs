using System.Globalization;
using Teal.Server.Journal;

namespace Teal.Tests.Real.Journal;

public sealed class JournalCrashTests : IDisposable
{
    private readonly ScratchFolder _home = new();
    private readonly Dictionary<string, long> _acknowledged = [];

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Killed_at_any_moment_every_acknowledged_entry_is_there_exactly_once()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            using var child = JournalChild.Start(_home.Journal, "round" + round, int.MaxValue);
            for (var lines = random.Next(0, 40); lines > 0 && child.ReadLine() is { } line; lines--)
            {
                Remember(line);
            }
            // Somewhere between two system calls, not always right after an answer.
            Thread.SpinWait(random.Next(0, 200_000));
            child.Kill();
            foreach (var line in child.ReadToEnd())
            {
                Remember(line);
            }
            AllAreThereOnce();
        }
        Assert.NotEmpty(_acknowledged);
    }

    [Theory]
    [InlineData("error=EIO")]
    [InlineData("error=ENOSPC")]
    [InlineData("signal=KILL")]
    public void A_fault_at_any_system_call_of_an_append_loses_nothing_and_later_appends_work(string fault)
    {
        SqliteJournal.Open(_home.Journal).Dispose();
        var run = 0;
        foreach (var call in new[] { "pwrite64", "fdatasync", "fsync", "ftruncate" })
        {
            // Until the call is made less often than that: then every one of them has failed once.
            for (var nth = 1; Inject(call, fault, nth, "run" + ++run); nth++)
            {
                Assert.InRange(nth, 1, 60);
            }
        }
        Assert.InRange(run, 12, 240);
        TestContext.Current.TestOutputHelper!.WriteLine($"{run} runs with {fault}, {_acknowledged.Count} entries acknowledged");
    }

    [Theory]
    [InlineData("openat:error=EROFS", "TEAL1002")]
    [InlineData("openat:error=EACCES", "TEAL1002")]
    [InlineData("pwrite64:error=ENOSPC", "TEAL1003")]
    [InlineData("pwrite64:error=EIO", "TEAL1004")]
    public void A_disk_that_stays_broken_is_named(string fault, string code)
    {
        SqliteJournal.Open(_home.Journal).Dispose();
        using var child = JournalChild.Start(_home.Journal, "x", 3, Strace(fault));
        Assert.Equal(["refused " + code, "refused " + code], child.ReadToEnd());
        using var journal = SqliteJournal.Open(_home.Journal);
        Assert.Empty(journal.ReadAfter(0));
    }

    /// <summary>False when the call was made less than <paramref name="nth"/> times, so that nothing was injected.</summary>
    private bool Inject(string call, string fault, int nth, string prefix)
    {
        const int appends = 4;
        using var child = JournalChild.Start(_home.Journal, prefix, appends, Strace($"{call}:{fault}:when={nth}"));
        var lines = child.ReadToEnd();
        foreach (var line in lines)
        {
            Remember(line);
        }
        AllAreThereOnce();
        var kills = fault.StartsWith("signal", StringComparison.Ordinal);
        if (!kills)
        {
            var last = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{appends - 1}");
            Assert.True(lines.Count(line => line.StartsWith("refused ", StringComparison.Ordinal)) <= 1, string.Join('\n', lines));
            Assert.True(_acknowledged.ContainsKey(last) || lines[^1].StartsWith("refused", StringComparison.Ordinal), last);
        }
        return kills ? child.ExitCode != 0 : File.ReadAllText(_home["trace"]).Contains("(INJECTED)", StringComparison.Ordinal);
    }

    /// <summary>Faster with a filter in the kernel, except that strace then delivers no signal.</summary>
    private string[] Strace(string inject) =>
        [
            "-f",
            .. inject.Contains("signal=", StringComparison.Ordinal) ? Array.Empty<string>() : ["--seccomp-bpf"],
            "-qq",
            "-o",
            _home["trace"],
            "-e",
            "trace=" + inject.Split(':')[0],
            "-P",
            _home.Journal,
            "-P",
            _home["journal.db-wal"],
            "-P",
            _home["journal.mark"],
            "-P",
            _home["journal.mark.new"],
            "-e",
            "inject=" + inject,
        ];

    private void Remember(string line)
    {
        if (line.Split(' ') is ["ack", var sequence, var body])
        {
            _acknowledged.Add(body, long.Parse(sequence, CultureInfo.InvariantCulture));
        }
    }

    private void AllAreThereOnce()
    {
        using var journal = SqliteJournal.Open(_home.Journal);
        var check = journal.Verify();
        Assert.True(check.Ok, check.Why);
        var bodies = journal.ReadAfter(0, int.MaxValue).ToDictionary(entry => entry.Body, entry => entry.Sequence);
        Assert.All(_acknowledged, known => Assert.Equal(known.Value, bodies[known.Key]));
    }
}
