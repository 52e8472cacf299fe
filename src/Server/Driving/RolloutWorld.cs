using Microsoft.Extensions.Logging;
using Teal.Releases.Rollouts;
using Teal.Server.Monitoring;

namespace Teal.Server.Driving;

/// <summary>The real world of rollouts: the flags' shares, what is seen of their variants, and the clock.</summary>
public sealed class RolloutWorld(
    IFlagShares shares,
    VariantSources sources,
    RecentPast past,
    TimeProvider time,
    ILogger<RolloutWorld> logger
) : IRolloutWorld, IAsyncDisposable
{
    private readonly EffectTasks _tasks = new(logger);
    private readonly StageMonitor _monitor = new(time);
    private Action<RolloutKey, RolloutEvent> _post = static (_, _) => { };

    /// <summary>Where outcomes go. Set once, before the driver recovers.</summary>
    public void Connect(Action<RolloutKey, RolloutEvent> post) => _post = post;

    public void Begin(RolloutState state, WantedRolloutEffect wanted) =>
        _tasks.Begin(
            state.Key.ToString(),
            wanted.Id,
            wanted.Effect.GetType().Name,
            ct => PerformAsync(state, wanted, ct),
            failure => _post(state.Key, new RolloutEffectFailed(wanted.Id, failure))
        );

    public void Cancel(RolloutKey key, long effect) => _tasks.Cancel(key.ToString(), effect);

    public ValueTask DisposeAsync() => _tasks.DisposeAsync();

    private async Task PerformAsync(RolloutState state, WantedRolloutEffect wanted, CancellationToken ct)
    {
        var (key, rollout) = (state.Key, state.Rollout!);
        switch (wanted.Effect)
        {
            case MoveShare move:
                await shares.SetAsync(key, rollout.Order.From, rollout.Order.To, move.Share, ct);
                Post(key, new ShareMoved(wanted.Id), ct);
                break;
            case RolloutWait wait:
                await Task.Delay(wait.For, time, ct);
                Post(key, new RolloutTimerElapsed(wanted.Id), ct);
                break;
            case ObserveVariant observe:
                var coldStart = observe.Step == 0 ? ReleaseMonitor.ColdStart : TimeSpan.Zero;
                var (arms, guards) = (sources.ArmsOf(key, rollout, past), rollout.Order.Guards);
                await _monitor.WatchAsync(arms, guards, coldStart, verdict => Post(key, new RolloutJudged(wanted.Id, verdict), ct), ct);
                break;
            default:
                throw new NotSupportedException($"No way to perform {wanted.Effect.GetType().Name}.");
        }
    }

    private void Post(RolloutKey key, RolloutEvent happened, CancellationToken ct)
    {
        if (!ct.IsCancellationRequested)
        {
            _post(key, happened);
        }
    }
}
