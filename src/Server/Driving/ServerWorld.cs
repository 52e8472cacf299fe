using Microsoft.Extensions.Logging;
using Teal.Releases;
using Teal.Server.Flags;
using Teal.Server.Monitoring;

namespace Teal.Server.Driving;

/// <summary>The real world: processes, sockets and clocks. Performs effects one task each.</summary>
public sealed class ServerWorld(
    EffectPerformer performer,
    RoutePublisher routes,
    FlagPublisher flags,
    ReceiptLedger receipts,
    ILogger<ServerWorld> logger
) : IReleaseWorld, IAsyncDisposable
{
    private readonly EffectTasks _tasks = new(logger);
    private readonly TaskCompletionSource _adopted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<string, ReleaseEvent> _post = static (_, _) => { };

    /// <summary>Where outcomes go. Set once, before the driver recovers.</summary>
    public void Connect(Action<string, ReleaseEvent> post) => _post = post;

    /// <summary>What a former server left running has been found: effects may act now.</summary>
    public void Adopted() => _adopted.TrySetResult();

    public void Begin(string service, OutstandingEffect effect) =>
        _tasks.Begin(
            service,
            effect.Id,
            effect.Effect.GetType().Name,
            ct => PerformAsync(service, effect, ct),
            failure => _post(service, new EffectFailed(effect.Id, failure))
        );

    public void Cancel(string service, long effect) => _tasks.Cancel(service, effect);

    public void Follow(ServerState state)
    {
        foreach (var (service, serviceState) in state.Services)
        {
            if (serviceState.Release is { IsRunning: true } release)
            {
                receipts.Mark(service, release.Number);
            }
        }
        // Flags first: a route may name one.
        flags.Follow(state);
        routes.Follow(state);
    }

    public ValueTask DisposeAsync()
    {
        _adopted.TrySetCanceled();
        return _tasks.DisposeAsync();
    }

    private async Task PerformAsync(string service, OutstandingEffect effect, CancellationToken ct)
    {
        await _adopted.Task.WaitAsync(ct);
        var outcome = await performer.PerformAsync(service, effect, happened => _post(service, happened), ct);
        if (outcome is not null && !ct.IsCancellationRequested)
        {
            _post(service, outcome);
        }
    }
}
