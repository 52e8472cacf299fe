using Teal.Analysis;

namespace Teal.Server.Monitoring;

/// <summary>
/// The last minute of each live version, sampled once a second, so that a switch to 100 % at once has something to compare with.
/// </summary>
public sealed class RecentPast
{
    private const int Seconds = 60;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<(string Version, ArmEvidence Evidence)>> _samples = new(StringComparer.Ordinal);

    public void Add(string service, string version, ArmEvidence cumulative)
    {
        lock (_lock)
        {
            if (!_samples.TryGetValue(service, out var queue))
            {
                _samples[service] = queue = new Queue<(string, ArmEvidence)>();
            }
            if (queue.Count > 0 && queue.Peek().Version != version)
            {
                queue.Clear();
            }
            queue.Enqueue((version, cumulative));
            while (queue.Count > Seconds)
            {
                queue.Dequeue();
            }
        }
    }

    /// <summary>What the version did over its last minute with traffic; null when it was not seen.</summary>
    public ArmEvidence? Of(string service, string version)
    {
        lock (_lock)
        {
            if (!_samples.TryGetValue(service, out var queue) || queue.Count < 2 || queue.Peek().Version != version)
            {
                return null;
            }
            var (first, last) = (queue.Peek().Evidence, queue.Last().Evidence);
            return last with
            {
                Requests = last.Requests - first.Requests,
                Errors = last.Errors - first.Errors,
                Latency = last.Latency.Since(first.Latency),
                Restarts = last.Restarts - first.Restarts,
            };
        }
    }
}
