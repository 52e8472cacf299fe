using System.Collections.Concurrent;

namespace Teal.Traffic.Proxying;

/// <summary>How a slot became empty.</summary>
/// <param name="Cut">What was still inside at the deadline, at most <see cref="LedgerSnapshot.NamedCuts"/> of <paramref name="CutCount"/>.</param>
/// <param name="ConnectionsEnded">WebSockets and event streams that were asked to end.</param>
/// <param name="StillInside">Not gone though cut; 0 unless something is wrong.</param>
public sealed record DrainReport(IReadOnlyList<CutRequest> Cut, int CutCount, int ConnectionsEnded, int StillInside, TimeSpan Took);

/// <summary>One drain of one slot.</summary>
internal sealed class Drain(ServiceLane lane, string slot, TimeSpan goodbye, TimeProvider time)
{
    private readonly HashSet<InstanceClaims> _doors = [.. lane.Retired(slot)];
    private readonly ConcurrentQueue<CutRequest> _cut = new();
    private readonly HashSet<IGentleEnd> _ended = [];

    /// <param name="deadline">For requests.</param>
    /// <param name="connections">Long-lived connections are asked to end spread over this time; they have until its end and a goodbye.</param>
    public async Task<DrainReport> RunAsync(TimeSpan deadline, TimeSpan connections, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var quiet = Task.WhenAll(_doors.Select(static door => door.Quiet));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pacing = PaceAsync(connections, over.Token);
        var longDeadline = connections + goodbye > deadline ? connections + goodbye : deadline;
        if (!await IsQuietAsync(quiet, deadline, cancellation))
        {
            Cut(static passage => passage.LongLived is null);
            if (!await IsQuietAsync(quiet, longDeadline - time.GetElapsedTime(started), cancellation))
            {
                Cut(static _ => true);
                await IsQuietAsync(quiet, goodbye, cancellation);
            }
        }
        await over.CancelAsync();
        await pacing;
        return new DrainReport(
            [.. _cut.Take(LedgerSnapshot.NamedCuts)],
            _cut.Count,
            _ended.Count,
            _doors.Sum(static door => door.Inside),
            time.GetElapsedTime(started)
        );
    }

    private async Task<bool> IsQuietAsync(Task quiet, TimeSpan wait, CancellationToken cancellation)
    {
        try
        {
            await quiet.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return quiet.IsCompleted;
        }
    }

    /// <summary>One after the other, evenly over the window, so that they do not all come back at once. Ends when cancelled.</summary>
    private async Task PaceAsync(TimeSpan window, CancellationToken over)
    {
        var started = time.GetTimestamp();
        try
        {
            while (true)
            {
                var open = LongLived();
                var left = window - time.GetElapsedTime(started);
                foreach (var connection in open)
                {
                    connection.End();
                    _ended.Add(connection);
                    await PauseAsync(left / (open.Count + 1), over);
                }
                // A request that was inside may become one of them later.
                await PauseAsync(goodbye / 10, over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The drain is over.
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken over)
    {
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, time, over);
        }
        over.ThrowIfCancellationRequested();
    }

    private List<IGentleEnd> LongLived()
    {
        var found = new List<IGentleEnd>();
        Visit(passage =>
        {
            if (passage.LongLived is { } connection && !_ended.Contains(connection))
            {
                found.Add(connection);
            }
        });
        return found;
    }

    private void Cut(Func<Passage, bool> which)
    {
        var stops = new List<CancellationTokenSource>();
        Visit(passage =>
        {
            if (passage.Stop == PassageStop.None && which(passage))
            {
                passage.Stop = PassageStop.Cut;
                passage.CutInto = _cut;
                stops.Add(passage.Stopping);
            }
        });
        // Outside the locks: cancelling runs other people's code.
        foreach (var stop in stops)
        {
            stop.Cancel();
        }
    }

    private void Visit(Action<Passage> visit)
    {
        lane.Ledger.Visit(VisitInside);
        lane.PreviewLedger.Visit(VisitInside);

        void VisitInside(Passage passage)
        {
            if (passage.Claims is { } claims && _doors.Contains(claims))
            {
                visit(passage);
            }
        }
    }
}
