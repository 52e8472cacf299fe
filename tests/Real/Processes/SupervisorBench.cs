using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Teal.Releases;
using Teal.Server;
using Teal.Server.Processes;

namespace Teal.Tests.Real.Processes;

/// <summary>A supervisor in a folder of its own; at the end nothing of it runs any more.</summary>
public sealed class SupervisorBench : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public SupervisorBench(Func<SupervisorOptions, SupervisorOptions>? change = null, string? home = null, TimeProvider? time = null)
    {
        Home = home ?? Directory.CreateTempSubdirectory("teal-processes-").FullName;
        var options = new SupervisorOptions
        {
            Home = Home,
            Owner = Home,
            Backoff = new BackoffLimits(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)),
            LeftoverStopTimeout = TimeSpan.FromSeconds(5),
            SampleEvery = TimeSpan.FromMilliseconds(200),
        };
        Supervisor = new InstanceSupervisor(change?.Invoke(options) ?? options, Journal, time ?? TimeProvider.System, NullLogger.Instance);
        Supervisor.WentDown += (_, slot, failure) => Down.Enqueue((slot, failure));
        Supervisor.CameUp += (_, slot) => Up.Enqueue(slot);
        Supervisor.Changed += (_, slot) => Changes.Enqueue(slot);
    }

    public string Home { get; }
    public NoteBook Journal { get; } = new();
    public InstanceSupervisor Supervisor { get; }
    public ConcurrentQueue<(SlotName Slot, Failure Failure)> Down { get; } = new();
    public ConcurrentQueue<SlotName> Up { get; } = new();
    public ConcurrentQueue<SlotName> Changes { get; } = new();

    public IReadOnlyList<InstanceStatus> Blue => Supervisor.Instances("shop", SlotName.Blue);

    public Task<Failure?> StartAsync(SlotOrder order) => Supervisor.StartAsync(order, CancellationToken.None).WaitAsync(Patience * 2);

    public Task StopAsync(SlotName slot = SlotName.Blue) =>
        Supervisor.StopAsync("shop", slot, CancellationToken.None).WaitAsync(Patience * 2);

    public async Task<string> GetAsync(string path, int instance = 0)
    {
        using var http = new HttpClient { Timeout = Patience };
        return await http.GetStringAsync(new Uri(Blue[instance].Address, path));
    }

    /// <summary>Polls a fact until it is true.</summary>
    public static async Task UntilAsync(Func<bool> fact, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!fact())
        {
            Assert.True(waited.Elapsed < Patience, $"waited {Patience.TotalSeconds} s in vain: {what}");
            await Task.Delay(10);
        }
    }

    /// <summary>The process is there and no zombie.</summary>
    public static bool Runs(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            // It was gone, or went while it was read.
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(SlotName.Blue);
        await StopAsync(SlotName.Green);
        await Supervisor.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}

/// <summary>A journal in memory, with a disk that can be full.</summary>
public sealed class NoteBook : IInstanceJournal
{
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly ConcurrentDictionary<string, InstanceRecord> _running = new();

    public IReadOnlyList<string> Notes => [.. _notes];

    public IReadOnlyList<InstanceRecord> Running => [.. _running.Values];

    public bool IsFull { get; set; }

    public void Starting(InstanceRecord instance) => Note($"starting {instance}");

    public void Started(InstanceRecord instance)
    {
        Note($"started {instance}");
        _running[instance.Id] = instance;
    }

    public void Exited(string id, string why)
    {
        Note($"exited {id}: {why}");
        _running.TryRemove(id, out _);
    }

    private void Note(string text)
    {
        if (IsFull)
        {
            throw new IOException("no space left");
        }
        _notes.Enqueue(text);
    }
}
