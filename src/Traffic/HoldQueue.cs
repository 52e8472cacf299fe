namespace Teal.Traffic;

internal enum HoldEnd
{
    Released,
    Overflow,
    TooOld,
    Gone,
}

/// <summary>One request that waits; its body is not read meanwhile.</summary>
internal sealed class HeldRequest(long joinedAt)
{
    private readonly TaskCompletionSource<HoldEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long JoinedAt { get; } = joinedAt;
    public Task<HoldEnd> Ended => _end.Task;

    public void End(HoldEnd end) => _end.TrySetResult(end);
}

/// <summary>Requests waiting while a service is held: first in, first out; the oldest is shed when there is no room.</summary>
internal sealed class HoldQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<HeldRequest> _waiting = new();
    private bool _isOver;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Null: the hold is over, so a newer table exists.</summary>
    public HeldRequest? TryJoin(long now)
    {
        var request = new HeldRequest(now);
        HeldRequest? shed = null;
        lock (_gate)
        {
            if (_isOver)
            {
                return null;
            }
            _waiting.AddLast(request);
            if (_waiting.Count > capacity)
            {
                shed = _waiting.First!.Value;
                _waiting.RemoveFirst();
            }
        }
        shed?.End(HoldEnd.Overflow);
        return request;
    }

    /// <summary>The client left before the hold was over.</summary>
    public void Leave(HeldRequest request)
    {
        lock (_gate)
        {
            _waiting.Remove(request);
        }
        request.End(HoldEnd.Gone);
    }

    /// <summary>Sheds who joined before <paramref name="oldest"/>.</summary>
    public void ShedOlderThan(long oldest)
    {
        while (true)
        {
            HeldRequest request;
            lock (_gate)
            {
                if (_waiting.First is not { } first || first.Value.JoinedAt > oldest)
                {
                    return;
                }
                request = first.Value;
                _waiting.RemoveFirst();
            }
            request.End(HoldEnd.TooOld);
        }
    }

    /// <summary>Ends the hold: all go on, in their order.</summary>
    public void Release()
    {
        HeldRequest[] waiting;
        lock (_gate)
        {
            _isOver = true;
            waiting = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var request in waiting)
        {
            request.End(HoldEnd.Released);
        }
    }
}
