using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>What every slot's supervision is given.</summary>
internal sealed record SupervisionTools(
    SupervisorOptions Options,
    InstanceLauncher Launcher,
    HealthProbe Probe,
    LogReader Logs,
    ILogger Logger
);

/// <summary>Who hears what becomes of a slot. Called from the slot's loop.</summary>
internal sealed record SlotListener(Action Changed, Action<Failure> WentDown, Action CameUp);

/// <summary>Keeps one version's instances running in one slot: one loop that looks, decides and acts, many times a second.</summary>
internal sealed class SlotSupervision(SlotOrder order, SupervisionTools tools, SlotListener listener, TimeProvider time) : IAsyncDisposable
{
    private readonly Seat[] _seats = [.. Enumerable.Range(1, order.Manifest.Run.Instances).Select(index => new Seat(index))];
    private readonly SlotFailures _failures = new(order, tools.Logs);
    private readonly long _epoch = time.GetTimestamp();
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _startLock = new();
    private Task _loop = Task.CompletedTask;
    private StartAttempt? _start;
    private ImmutableArray<InstanceStatus> _statuses = [];
    private IReadOnlyDictionary<int, SessionUse> _use = ImmutableDictionary<int, SessionUse>.Empty;
    private TimeSpan _nextRotation;
    private TimeSpan? _expectedUpFrom;
    private bool _isDown;
    private string? _lastError;

    public SlotOrder Order => order;

    /// <summary>A start failed for good: nothing is started again until the slot is stopped.</summary>
    public bool HasGivenUp { get; private set; }

    public IReadOnlyList<InstanceStatus> Statuses => _statuses;

    public IReadOnlyDictionary<int, SessionUse> Use
    {
        set => Volatile.Write(ref _use, value);
    }

    private TimeSpan Now => time.GetElapsedTime(_epoch);

    /// <summary>Takes over a running process. Before <see cref="Run"/>.</summary>
    /// <param name="answer">Its answer to this server; a good one makes it healthy at once. Null: as if just started.</param>
    public void Adopt(Instance instance, ProbeResult? answer)
    {
        var seat = _seats[instance.Record.Index - 1];
        seat.Take(instance, Now - ProcessReader.Age(instance.Record.StartTime));
        if (answer is { IsGood: true })
        {
            seat.StillHealthy(answer);
        }
    }

    /// <summary>From then on, no healthy instance is a slot that went down.</summary>
    public void ExpectUp(TimeSpan within) => _expectedUpFrom = Now + within;

    public void Run()
    {
        Publish();
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Null when every instance is healthy, or why that did not come to be.</summary>
    public Task<Failure?> WhenHealthyAsync(CancellationToken ct)
    {
        if (_ending.IsCancellationRequested)
        {
            return Task.FromCanceled<Failure?>(_ending.Token);
        }
        lock (_startLock)
        {
            if (_start is null or { Done.Task.IsCompleted: true })
            {
                _start = new StartAttempt(Now + order.Manifest.Health.GiveUpAfter);
            }
            return _start.Done.Task.WaitAsync(ct);
        }
    }

    /// <summary>Stops looking; the instances stay as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _ending.Dispose();
    }

    /// <summary>Ends the instances.</summary>
    public async Task EndAsync()
    {
        await LeaveAsync();
        Instance[] running = [.. _seats.Select(seat => seat.Running).OfType<Instance>()];
        var stopTimeout = order.Manifest.Run.StopTimeout;
        var killed = await SessionEnd.EndAsync([.. running.Select(instance => instance.Process)], stopTimeout, time, RotateLogs);
        for (var i = 0; i < running.Length; i++)
        {
            var why = killed[i] ? $"stopped: killed after {stopTimeout.TotalSeconds:0.###} s (run.stop_timeout)" : "stopped";
            tools.Launcher.Notes.Exited(running[i].Record.Id, why);
        }
        _statuses = [];
    }

    private async Task LeaveAsync()
    {
        await _ending.CancelAsync();
        await _loop;
        _start?.Done.TrySetCanceled(CancellationToken.None);
    }

    private async Task LoopAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                Step();
            }
            catch (Exception e)
            {
                // The top of a loop: what runs goes on being supervised.
                Failed(e);
            }
            var pause = _seats.Any(IsComingUp) || _start is not null ? tools.Options.StartTick : tools.Options.Tick;
            // A probe's answer is heard when it comes.
            Task[] news =
            [
                Task.Delay(pause, time, _ending.Token),
                .. _seats.Select(seat => seat.Probe).OfType<Task>().Where(probe => !probe.IsCompleted),
            ];
            await Task.WhenAny(news);
        }
    }

    private void Step()
    {
        PickUpStart();
        foreach (var seat in _seats)
        {
            Step(seat);
        }
        SettleStart();
        Publish();
        RotateLogs();
    }

    private void Step(Seat seat)
    {
        try
        {
            NoticeExit(seat);
            HearProbe(seat);
            Launch(seat);
            AskProbe(seat);
        }
        catch (Exception e)
        {
            // A journal or a disk that fails keeps one instance from starting, and nothing else from being looked after.
            Failed(e);
            if (seat.Running is null && Now >= seat.NotBefore)
            {
                seat.Left($"was not started: {e.Message}");
                WaitBeforeRestart(seat, TimeSpan.Zero);
            }
        }
    }

    private void Failed(Exception e)
    {
        if (e.Message != _lastError)
        {
            _lastError = e.Message;
            tools.Logger.LogError(e, "supervising {Slot} fails", order.Words);
        }
        FailStart(new Failure("TEAL5012", $"{order.Words} could not be started", e.Message));
    }

    private bool IsComingUp(Seat seat) =>
        seat.Running is not null && !seat.WasHealthy && Now - seat.StartedAt < order.Manifest.Health.GiveUpAfter;

    private void PickUpStart()
    {
        if (_start is { IsPickedUp: false } start)
        {
            start.IsPickedUp = true;
            foreach (var seat in _seats)
            {
                (seat.ExitsInStart, seat.NotBefore) = (0, TimeSpan.Zero);
            }
        }
    }

    private void NoticeExit(Seat seat)
    {
        if (seat.Running is not { } instance || instance.Process.Exit() is not { } exit)
        {
            return;
        }
        // What it forked goes with it: an orphan would keep the old port, and the old code.
        instance.Process.Kill();
        instance.Process.Reap();
        var uptime = Now - seat.StartedAt;
        seat.Left(exit.Words);
        WaitBeforeRestart(seat, uptime);
        tools.Launcher.Notes.Exited(instance.Record.Id, $"{exit.Words} after {uptime.TotalSeconds:0.0} s");
        CountExitInStart(seat);
    }

    private void WaitBeforeRestart(Seat seat, TimeSpan uptime)
    {
        seat.Backoff = seat.Backoff.After(uptime, tools.Options.Backoff);
        seat.NotBefore = Now + seat.Backoff.Wait;
    }

    private void CountExitInStart(Seat seat)
    {
        seat.ExitsInStart++;
        if (_start is not null && seat.ExitsInStart > tools.Options.StartRetries)
        {
            FailStart(_failures.ExitedTooOften(seat));
        }
    }

    private void HearProbe(Seat seat)
    {
        if (seat.Probe is not { IsCompleted: true } probe)
        {
            return;
        }
        seat.Probe = null;
        if (probe.IsCompletedSuccessfully)
        {
            var isFirstGood = !seat.WasHealthy && seat.LastProbe is not { IsGood: true };
            var answer = probe.GetAwaiter().GetResult();
            seat.Heard(answer, order.Manifest.Health.Rise, order.Manifest.Health.Fall);
            if (answer.IsGood && isFirstGood)
            {
                // It listens now: the good answers that are still missing are asked for at once.
                seat.NextProbe = Now;
            }
        }
    }

    private void Launch(Seat seat)
    {
        if (seat.Running is not null || HasGivenUp || Now < seat.NotBefore)
        {
            return;
        }
        var failed = tools.Launcher.Launch(order, seat.Index, RunningIds(), out var instance);
        if (instance is not null)
        {
            seat.Take(instance, Now);
            tools.Launcher.Notes.Started(instance.Record);
            return;
        }
        seat.Left($"was not started: {failed!.Failure.Why}");
        WaitBeforeRestart(seat, TimeSpan.Zero);
        if (failed.IsFinal)
        {
            FailStart(failed.Failure);
        }
        CountExitInStart(seat);
    }

    private HashSet<string> RunningIds() => [.. _seats.Select(seat => seat.Running?.Record.Id).OfType<string>()];

    private void AskProbe(Seat seat)
    {
        if (seat.Running is not { } instance || seat.Probe is not null || Now < seat.NextProbe)
        {
            return;
        }
        var health = order.Manifest.Health;
        seat.NextProbe = Now + (IsComingUp(seat) ? tools.Options.StartProbePause(Now - seat.StartedAt, health.Every) : health.Every);
        seat.Probe = tools.Probe.AskAsync(At(instance, health.Path), order.Manifest.Run.Protocol, health.Timeout, _ending.Token);
    }

    /// <summary>Put together as text: a path like <c>//other.example</c> must not become another host.</summary>
    public static Uri At(Instance instance, string path) => new($"http://127.0.0.1:{instance.Record.Port}/{path.TrimStart('/')}");

    private void RotateLogs()
    {
        if (Now < _nextRotation)
        {
            return;
        }
        _nextRotation = Now + tools.Options.Logs.CheckEvery;
        foreach (var seat in _seats)
        {
            if (seat.Running is { } instance)
            {
                tools.Launcher.Log.Rotate(tools.Launcher.Log.PathOf(order.Service, order.SlotWord, instance.Record.Id));
            }
        }
    }

    private void SettleStart()
    {
        if (_start is not { } start)
        {
            return;
        }
        if (_seats.All(seat => seat.IsHealthy))
        {
            _expectedUpFrom = Now;
            Settle(start, null);
        }
        else if (Now >= start.Deadline)
        {
            var worst = _seats.First(seat => !seat.IsHealthy);
            FailStart(_failures.NotHealthyInTime(worst, _seats.Count(seat => seat.IsHealthy), _seats.Length));
        }
    }

    private void FailStart(Failure failure)
    {
        if (_start is { } start)
        {
            HasGivenUp = true;
            Settle(start, failure);
        }
    }

    private void Settle(StartAttempt start, Failure? failure)
    {
        // Readers of the statuses see what the caller is told.
        Publish();
        lock (_startLock)
        {
            _start = null;
            start.Done.TrySetResult(failure);
        }
    }

    private void Publish()
    {
        var before = _statuses;
        _statuses = [.. _seats.Where(seat => seat.Latest is not null).Select(StatusOf)];
        if (!before.Select(RouteShape).SequenceEqual(_statuses.Select(RouteShape)))
        {
            listener.Changed();
        }
        TellUpOrDown();
    }

    private static (string Id, int Pid, bool IsHealthy) RouteShape(InstanceStatus status) => (status.Id, status.Pid, status.IsHealthy);

    private void TellUpOrDown()
    {
        var isUp = _seats.Any(seat => seat.IsHealthy);
        if (isUp && _isDown)
        {
            _isDown = false;
            listener.CameUp();
        }
        else if (!isUp && !_isDown && !HasGivenUp && _start is null && Now >= _expectedUpFrom)
        {
            _isDown = true;
            listener.WentDown(_failures.WentDown(_seats[0]));
        }
    }

    private InstanceStatus StatusOf(Seat seat)
    {
        var record = seat.Latest!.Record;
        var use = seat.Running is null ? null : Volatile.Read(ref _use).GetValueOrDefault(record.Pid);
        return new InstanceStatus(
            record.Id,
            seat.Index,
            record.Version,
            seat.Running is null ? 0 : record.Pid,
            record.Port,
            seat.Latest.Address,
            seat.IsHealthy,
            seat.Restarts,
            use?.CpuPercent,
            use?.MemoryBytes,
            seat.Running is null ? seat.LastExit : seat.LastProbe?.Words,
            seat.Running is null ? TimeSpan.Zero : Now - seat.StartedAt
        );
    }

    /// <summary>Somebody waits for the slot to be healthy.</summary>
    private sealed class StartAttempt(TimeSpan deadline)
    {
        public TimeSpan Deadline => deadline;
        public TaskCompletionSource<Failure?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool IsPickedUp { get; set; }
    }
}
