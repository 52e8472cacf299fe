using Teal.Cli.Asking;
using Teal.Wire;

namespace Teal.Cli.Following;

internal enum FollowEnd
{
    Ended,
    Displaced,
    TimedOut,
    Interrupted,
}

/// <param name="Release">The release as last seen; null when it never began.</param>
internal sealed record Followed(FollowEnd End, StatusView Status, ReleaseView? Release);

/// <summary>Shows a release while it goes on. Called with every status, and when the server goes and comes back.</summary>
internal interface IReleaseProgress : IAsyncDisposable
{
    /// <param name="ours">The release that is followed; null while it waits for another.</param>
    /// <param name="happened">What changed it; null for the state at the beginning.</param>
    void See(StatusView status, ReleaseView? ours, EventView? happened);

    void Lost(string why);

    void Found();
}

/// <summary>Waits until a release has ended, the wait is over or the person leaves; the release itself goes on in the server.</summary>
internal sealed class ReleaseFollower(Api api, IReleaseProgress progress, TimeProvider time)
{
    private const int LongestHistory = 100;

    /// <param name="status">Where to begin: only what came after it is asked for.</param>
    public async Task<Followed> FollowAsync(ReleaseTarget target, StatusView status, TimeSpan timeout, CancellationToken stop)
    {
        using var over = new CancellationTokenSource(timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, over.Token);
        using var feed = new EventFeed<EventView>(api, EventKinds.Releases(status.Service), status.Sequence, time)
        {
            WhenLost = progress.Lost,
            WhenFound = progress.Found,
        };
        var ours = OursIn(target.In(status));
        try
        {
            progress.See(status, ours, null);
            while (true)
            {
                switch (target.In(status))
                {
                    case Whereabouts.Ended ended:
                        return new Followed(FollowEnd.Ended, status, ended.Release);
                    case Whereabouts.Displaced:
                        return new Followed(FollowEnd.Displaced, status, null);
                    case Whereabouts.Passed:
                        return await LookBackAsync(target, status, limit.Token);
                    default:
                        break;
                }
                var happened = await feed.NextAsync(limit.Token);
                status = happened.Status;
                ours = OursIn(target.In(status)) ?? ours;
                progress.See(status, ours, happened);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Followed(stop.IsCancellationRequested ? FollowEnd.Interrupted : FollowEnd.TimedOut, status, ours);
        }
    }

    private async Task<Followed> LookBackAsync(ReleaseTarget target, StatusView status, CancellationToken stop)
    {
        var path = $"api/v1/services/{Api.Segment(status.Service)}/history?limit={LongestHistory}";
        var history = await api.GetAsync(path, WireJson.Default.HistoryView, stop);
        var ours = history.Releases.FirstOrDefault(release => release.Id == target.Id);
        return ours is null ? new Followed(FollowEnd.Displaced, status, null) : new Followed(FollowEnd.Ended, status, ours);
    }

    private static ReleaseView? OursIn(Whereabouts where) =>
        where switch
        {
            Whereabouts.Running running => running.Release,
            Whereabouts.Ended ended => ended.Release,
            _ => null,
        };
}
