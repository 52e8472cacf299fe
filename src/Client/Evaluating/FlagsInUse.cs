using Microsoft.Extensions.Logging;

namespace Teal.Client;

/// <summary>The flags that this process evaluates by, and what went wrong on the way. Reading is one volatile read.</summary>
internal sealed class FlagsInUse(TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Standing _standing = Standing.AtStart(time.GetUtcNow());

    public Standing Now => _standing;

    /// <summary>Ends when the server was heard, or when it could not be and there is something from disk.</summary>
    public Task Ready => _ready.Task;

    public void Keep(ServedFlags kept) => Change(standing => standing.WithKept(kept));

    /// <returns>True when other flags are in force than before.</returns>
    public bool Take(ServedFlags newest)
    {
        var before = Change(standing => standing.WithNewest(newest));
        if (before.State != TealClientState.Live)
        {
            logger.LogInformation(
                "Flags of {Environment}, revision {Revision}, as the server has them.",
                newest.Environment,
                newest.Revision
            );
        }
        _ready.TrySetResult();
        return before.Served is null || !Standing.IsSame(before.Served, newest);
    }

    /// <summary>No word from the server any more.</summary>
    public void Lose(string why)
    {
        var now = time.GetUtcNow();
        Say(why, Change(standing => standing.Stale(now).WithError(why, now)));
        if (_standing.Served is not null)
        {
            _ready.TrySetResult();
        }
    }

    /// <summary>Something went wrong that leaves the flags in force as good as they were.</summary>
    public void Fail(string what)
    {
        var now = time.GetUtcNow();
        Say(what, Change(standing => standing.WithError(what, now)));
    }

    public void Fix(ServedFlags served)
    {
        Change(standing => standing with { State = TealClientState.Fixed, Served = served, StaleSince = null });
        _ready.TrySetResult();
    }

    public void Stop() => Change(standing => standing with { State = TealClientState.Stopped });

    /// <summary>Once: the hundredth attempt that fails as the one before is no news.</summary>
    private void Say(string what, Standing before) =>
        logger.Log(before.LastError == what ? LogLevel.Debug : LogLevel.Warning, "{What}", what);

    /// <returns>What was before.</returns>
    private Standing Change(Func<Standing, Standing> change)
    {
        lock (_lock)
        {
            var before = _standing;
            _standing = change(before);
            return before;
        }
    }
}
