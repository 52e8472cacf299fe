using System.Collections.Concurrent;
using Teal.Wire;

namespace Teal.Client;

/// <summary>Exposures and outcomes that wait to be sent. Adding never blocks; what finds no room is counted.</summary>
/// <param name="most">Reports.</param>
internal sealed class ReportQueue(int most)
{
    private readonly ConcurrentQueue<object> _waiting = new();
    private int _count;
    private long _dropped;
    private long _droppedUntold;

    public int Waiting => Volatile.Read(ref _count);

    public long Dropped => Volatile.Read(ref _dropped);

    public void Add(ExposureEvent exposure) => AddAny(exposure);

    public void Add(OutcomeEvent outcome) => AddAny(outcome);

    /// <summary>The next batch, oldest first; null when nothing waits. What was dropped since the last one is told with it.</summary>
    /// <param name="mostEvents">Of one batch.</param>
    /// <param name="mostBytes">About as many: JSON takes up to six for a character.</param>
    public ClientEventsRequest? Take(string client, long sequence, int mostEvents, int mostBytes)
    {
        var (exposures, outcomes, bytes) = (new List<ExposureEvent>(), new List<OutcomeEvent>(), 0);
        while (exposures.Count + outcomes.Count < mostEvents && bytes < mostBytes && _waiting.TryDequeue(out var report))
        {
            Interlocked.Decrement(ref _count);
            switch (report)
            {
                case ExposureEvent exposure:
                    exposures.Add(exposure);
                    bytes += 150 + 6 * (exposure.Flag.Length + exposure.Variant.Length);
                    break;
                case OutcomeEvent outcome:
                    outcomes.Add(outcome);
                    bytes += 200 + 6 * (outcome.Metric?.Length ?? 0);
                    break;
            }
        }
        return exposures.Count + outcomes.Count == 0
            ? null
            : new ClientEventsRequest(client, sequence, exposures, outcomes, Interlocked.Exchange(ref _droppedUntold, 0));
    }

    private void AddAny(object report)
    {
        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Increment(ref _dropped);
            Interlocked.Increment(ref _droppedUntold);
            return;
        }
        _waiting.Enqueue(report);
    }
}
