using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>
/// Runs versions as child processes: starts them, watches them, starts crashed ones again, ends them, and finds those again that an
/// earlier server left running. Disposing it leaves the instances running.
/// </summary>
public sealed class InstanceSupervisor : IAsyncDisposable
{
    private readonly SupervisorOptions _options;
    private readonly TimeProvider _time;
    private readonly HealthProbe _probe;
    private readonly SupervisionTools _tools;
    private readonly ConcurrentDictionary<(string Service, SlotName Slot), Place> _places = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _sampling;

    public InstanceSupervisor(SupervisorOptions options, IInstanceJournal notes, TimeProvider time, ILogger logger)
    {
        (_options, _time) = (options, time);
        _probe = new HealthProbe(time);
        Logs = new LogReader(options.Home, options.Logs, time);
        _tools = new SupervisionTools(options, new InstanceLauncher(options, notes), _probe, Logs, logger);
        _sampling = Task.Run(SampleAsync);
    }

    /// <summary>Health or membership of a slot changed. Handlers return soon: they run in the slot's loop.</summary>
    public event Action<string, SlotName>? Changed;

    /// <summary>No instance is healthy, after the slot had been up.</summary>
    public event Action<string, SlotName, Failure>? WentDown;

    /// <summary>An instance is healthy again.</summary>
    public event Action<string, SlotName>? CameUp;

    public LogReader Logs { get; }

    /// <summary>
    /// Starts what does not run yet of the order and waits until every instance is healthy. Cancelling ends only the waiting.
    /// </summary>
    /// <returns>Null, or why the version did not come up; then nothing is started again until the slot is stopped.</returns>
    public async Task<Failure?> StartAsync(SlotOrder order, CancellationToken ct)
    {
        var place = PlaceOf(order.Service, order.Slot);
        Task<Failure?> healthy;
        await place.Door.WaitAsync(ct);
        try
        {
            if (place.Current is { } current && (current.HasGivenUp || !IsSame(current.Order, order)))
            {
                place.Current = null;
                await current.EndAsync();
            }
            if (place.Current is null)
            {
                place.Current = NewSupervision(order);
                healthy = place.Current.WhenHealthyAsync(ct);
                place.Current.Run();
            }
            else
            {
                healthy = place.Current.WhenHealthyAsync(ct);
            }
        }
        finally
        {
            place.Door.Release();
        }
        return await healthy;
    }

    /// <summary>
    /// SIGTERM, the manifest's deadline, SIGKILL, to everything in the instances' sessions, and to what a dead server left in this
    /// slot. Cancelling ends only the waiting.
    /// </summary>
    public Task StopAsync(string service, SlotName slot, CancellationToken ct) =>
        StopAsync(PlaceOf(service, slot), service, slot).WaitAsync(ct);

    /// <summary>
    /// At the server's start: goes on with the instances that run and are wanted, ends the others, starts what is missing.
    /// Recorded instances that answer one probe are healthy at once.
    /// </summary>
    public async Task AdoptAsync(IReadOnlyList<SlotOrder> wanted, IReadOnlyList<InstanceRecord> recorded, CancellationToken ct)
    {
        var plan = AdoptionPlanner.Plan(wanted, recorded, SessionFinder.Find(_options.Owner), SessionFinder.IsRunning);
        foreach (var gone in plan.Gone)
        {
            _tools.Launcher.Notes.Exited(gone.Id, "was not running any more when the server started");
        }
        _ = Task.Run(() => EndUnwantedAsync(plan.End), CancellationToken.None);
        var answers = await Task.WhenAll(plan.Adopt.Select(each => GreetAsync(each.Order, each.Record, each.IsRecorded, ct)));
        foreach (var order in wanted)
        {
            Continue(order, [.. plan.Adopt.Zip(answers).Where(each => each.First.Order == order).Select(each => each.Second)], plan);
        }
    }

    /// <summary>Warm-up requests to each instance, then the manifest's smoke program.</summary>
    public Task<Failure?> SmokeAsync(SlotOrder order, Uri preview, CancellationToken ct) =>
        new SmokeTest(order, _tools, _time).RunAsync(Instances(order.Service, order.Slot), preview, ct);

    /// <summary>What is in the slot now, those included that wait to be started again.</summary>
    public IReadOnlyList<InstanceStatus> Instances(string service, SlotName slot) =>
        _places.TryGetValue((service, slot), out var place) && place.Current is { } current ? current.Statuses : [];

    /// <summary>Stops watching. The instances go on running, for the next server.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _sampling;
        foreach (var current in _places.Values.Select(place => place.Current).OfType<SlotSupervision>())
        {
            await current.DisposeAsync();
        }
        _probe.Dispose();
    }

    private Place PlaceOf(string service, SlotName slot) => _places.GetOrAdd((service, slot), static _ => new Place());

    private static bool IsSame(SlotOrder running, SlotOrder order) =>
        running.Version == order.Version
        && running.Folder == order.Folder
        && running.CommandPath == order.CommandPath
        && running.Manifest.Run.Instances == order.Manifest.Run.Instances;

    private SlotSupervision NewSupervision(SlotOrder order) =>
        new(
            order,
            _tools,
            new SlotListener(
                () => Changed?.Invoke(order.Service, order.Slot),
                failure => WentDown?.Invoke(order.Service, order.Slot, failure),
                () => CameUp?.Invoke(order.Service, order.Slot)
            ),
            _time
        );

    private async Task StopAsync(Place place, string service, SlotName slot)
    {
        await place.Door.WaitAsync();
        try
        {
            var timeout = place.Current?.Order.Manifest.Run.StopTimeout ?? _options.LeftoverStopTimeout;
            if (place.Current is { } current)
            {
                await current.EndAsync();
                place.Current = null;
            }
            var left = SessionFinder
                .Find(_options.Owner)
                .Where(session => session.Marks.Service == service && session.Marks.Slot == SlotOrder.WordOf(slot));
            await EndLeftoversAsync([.. left], timeout);
        }
        finally
        {
            place.Door.Release();
        }
        Changed?.Invoke(service, slot);
    }

    /// <summary>Behind the server's start. What it does not get done, the next start does.</summary>
    private async Task EndUnwantedAsync(IReadOnlyList<FoundSession> sessions)
    {
        try
        {
            await EndLeftoversAsync(sessions, _options.LeftoverStopTimeout);
        }
        catch (Exception e)
        {
            _tools.Logger.LogError(e, "ending what an earlier server left failed");
        }
    }

    private async Task EndLeftoversAsync(IReadOnlyList<FoundSession> sessions, TimeSpan timeout)
    {
        await SessionEnd.EndAsync(
            [.. sessions.Select(session => new InstanceProcess(session.Leader, session.StartTime, session.Marks.Instance))],
            timeout,
            _time
        );
        foreach (var id in sessions.Select(session => session.Marks.Instance).Distinct(StringComparer.Ordinal))
        {
            _tools.Launcher.Notes.Exited(id, "stopped: left by an earlier server");
        }
    }

    private async Task<(Instance Instance, ProbeResult? Answer)> GreetAsync(
        SlotOrder order,
        InstanceRecord record,
        bool isRecorded,
        CancellationToken ct
    )
    {
        var instance = new Instance(record, new InstanceProcess(record.Pid, record.StartTime, record.Id));
        if (!isRecorded)
        {
            // Started by a server that died before it could write so. It has to rise like any new one.
            _tools.Launcher.Notes.Started(record);
            return (instance, null);
        }
        var address = SlotSupervision.At(instance, order.Manifest.Health.Path);
        return (instance, await _probe.AskAsync(address, order.Manifest.Run.Protocol, _options.AdoptionProbe, ct));
    }

    private void Continue(SlotOrder order, IReadOnlyList<(Instance Instance, ProbeResult? Answer)> adopted, AdoptionPlan plan)
    {
        var supervision = NewSupervision(order);
        foreach (var (instance, answer) in adopted)
        {
            supervision.Adopt(instance, answer);
        }
        supervision.ExpectUp(TimeToShowUp(order, adopted.Count > 0, isFreshBoot: plan.Adopt.Count == 0));
        PlaceOf(order.Service, order.Slot).Current = supervision;
        supervision.Run();
    }

    /// <summary>How long a slot may be without a healthy instance after the server's start before it counts as down.</summary>
    private TimeSpan TimeToShowUp(SlotOrder order, bool isRunning, bool isFreshBoot)
    {
        var health = order.Manifest.Health;
        if (isFreshBoot)
        {
            // Nothing runs at all: the machine was restarted, and every version gets the time to come up.
            return health.GiveUpAfter;
        }
        // What runs is judged as it was before the restart, by the probes it may miss: one slow answer on a busy machine is no failure.
        // What does not run crashed while nobody looked.
        return isRunning ? _options.AdoptionProbe + (health.Fall * (health.Every + health.Timeout)) : _options.AdoptionProbe;
    }

    private async Task SampleAsync()
    {
        var sampler = new SessionSampler(_time);
        while (!_ending.IsCancellationRequested)
        {
            var use = sampler.Sample();
            foreach (var place in _places.Values)
            {
                place.Current?.Use = use;
            }
            await Task.Delay(_options.SampleEvery, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A slot of a service. Starting and stopping go through its door one at a time.</summary>
    private sealed class Place
    {
        public SemaphoreSlim Door { get; } = new(1, 1);

        public SlotSupervision? Current
        {
            get => Volatile.Read(ref field);
            set => Volatile.Write(ref field, value);
        }
    }
}
