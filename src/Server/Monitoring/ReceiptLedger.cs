using Teal.Releases;
using Teal.Traffic;

namespace Teal.Server.Monitoring;

/// <summary>Remembers where a service's ledger stood when its release began, and writes the difference down at its end.</summary>
public sealed class ReceiptLedger(Func<string, LedgerSnapshot> read, TimeProvider time)
{
    private readonly Dictionary<string, (long Release, LedgerSnapshot Mark, DateTimeOffset Since)> _marks = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Once a release; again for the same one changes nothing. After a restart counting begins with the server.</summary>
    public void Mark(string service, long release)
    {
        lock (_lock)
        {
            if (!_marks.TryGetValue(service, out var mark) || mark.Release != release)
            {
                _marks[service] = (release, read(service), time.GetUtcNow());
            }
        }
    }

    public Receipt Write(string service, long release)
    {
        Mark(service, release);
        lock (_lock)
        {
            var (_, mark, since) = _marks[service];
            return Between(mark, read(service), since);
        }
    }

    internal static Receipt Between(LedgerSnapshot from, LedgerSnapshot to, DateTimeOffset since) =>
        new(
            from.Inside,
            to.Accepted - from.Accepted,
            Difference(from.Served, to.Served),
            to.ClientGone - from.ClientGone,
            Difference(from.Shed, to.Shed),
            Difference(from.Failed, to.Failed),
            [
                .. to
                    .Cut.Where(cut => cut.Sequence > from.CutCount)
                    .Take(100)
                    .Select(cut => new Teal.Releases.CutRequest(cut.Method, cut.Path, cut.Version, cut.Age)),
            ],
            to.CutCount - from.CutCount,
            to.Inside,
            to.Dropped - from.Dropped,
            since
        );

    private static SortedDictionary<string, long> Difference(IReadOnlyDictionary<string, long> from, IReadOnlyDictionary<string, long> to)
    {
        var difference = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, count) in to)
        {
            var change = count - from.GetValueOrDefault(key);
            if (change != 0)
            {
                difference[key] = change;
            }
        }
        return difference;
    }
}
