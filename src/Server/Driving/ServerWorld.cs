using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Teal.Releases;
using Teal.Server.Monitoring;
using Teal.Traffic;

namespace Teal.Server.Driving;

/// <summary>
/// The real world: processes, sockets and clocks. Performs effects one task each; a failing one becomes an event, never a log line
/// and silence.
/// </summary>
public sealed class ServerWorld(EffectPerformer performer, RoutePublisher routes, ReceiptLedger receipts, ILogger<ServerWorld> logger)
    : IReleaseWorld,
        IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Service, long Effect), Running> _running = new();
    private readonly TaskCompletionSource _adopted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<string, ReleaseEvent> _post = static (_, _) => { };

    /// <summary>Where outcomes go. Set once, before the driver recovers.</summary>
    public void Connect(Action<string, ReleaseEvent> post) => _post = post;

    /// <summary>What a former server left running has been found: effects may act now.</summary>
    public void Adopted() => _adopted.TrySetResult();

    public void Begin(string service, OutstandingEffect effect)
    {
        // Without a timer there is nothing in it to dispose, and a Cancel that comes late must find it whole.
        var running = new Running(new CancellationTokenSource());
        if (_running.TryAdd((service, effect.Id), running))
        {
            // Never on the driver's thread: an effect that ends at once would write to the journal there, and wait for itself.
            running.Task = Task.Run(() => PerformAsync(service, effect, running.Cancel.Token));
        }
    }

    public void Cancel(string service, long effect)
    {
        if (_running.TryGetValue((service, effect), out var running))
        {
            // What waits on it goes on elsewhere, not here on the driver's thread.
            _ = running.Cancel.CancelAsync();
        }
    }

    public void Follow(ServerState state)
    {
        foreach (var (service, serviceState) in state.Services)
        {
            if (serviceState.Release is { IsRunning: true } release)
            {
                receipts.Mark(service, release.Number);
            }
        }
        routes.Follow(state);
    }

    public async ValueTask DisposeAsync()
    {
        _adopted.TrySetCanceled();
        var tasks = _running.Values.Select(running => running.Task).ToArray();
        foreach (var running in _running.Values)
        {
            await running.Cancel.CancelAsync();
        }
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PerformAsync(string service, OutstandingEffect effect, CancellationToken ct)
    {
        try
        {
            await _adopted.Task.WaitAsync(ct);
            var outcome = await performer.PerformAsync(service, effect, happened => _post(service, happened), ct);
            if (outcome is not null && !ct.IsCancellationRequested)
            {
                _post(service, outcome);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // No longer wanted: its outcome would be late and change nothing.
        }
        catch (Exception e)
        {
            logger.LogError(e, "Effect {Effect} of {Service} failed", effect.Effect.GetType().Name, service);
            _post(service, new EffectFailed(effect.Id, new Failure("TEAL8101", $"{effect.Effect.GetType().Name} failed", e.Message)));
        }
        finally
        {
            _running.TryRemove((service, effect.Id), out _);
        }
    }

    private sealed class Running(CancellationTokenSource cancel)
    {
        public CancellationTokenSource Cancel { get; } = cancel;
        public Task Task { get; set; } = Task.CompletedTask;
    }
}
