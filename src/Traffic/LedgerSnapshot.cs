namespace Teal.Traffic;

/// <summary>A request that Teal ended because its version was drained and the deadline came.</summary>
/// <param name="Sequence">From 1, in the order of the cuts.</param>
/// <param name="Path">Without the query.</param>
public sealed record CutRequest(long Sequence, string Method, string Path, string Version, TimeSpan Age);

/// <summary>
/// Where every accepted request of a service is or ended, at one instant. Cumulative since the server started; <see cref="Since"/> takes
/// the difference. Always: accepted = served + failed + client gone + shed + cut + dropped + inside.
/// </summary>
/// <param name="Served">A whole answer of this version, whatever its status.</param>
/// <param name="Failed">This version did not answer, or broke its answer off.</param>
/// <param name="Shed">Answered by Teal itself, by reason.</param>
/// <param name="Cut">The latest of <paramref name="CutCount"/>, at most <see cref="NamedCuts"/>.</param>
/// <param name="Inside">Not ended yet. A difference may be negative.</param>
/// <param name="Dropped">Left without an outcome: a bug of Teal.</param>
public sealed record LedgerSnapshot(
    long Accepted,
    IReadOnlyDictionary<string, long> Served,
    IReadOnlyDictionary<string, long> Failed,
    long ClientGone,
    IReadOnlyDictionary<string, long> Shed,
    long CutCount,
    IReadOnlyList<CutRequest> Cut,
    long Inside,
    long Dropped
)
{
    /// <summary>Cuts that are kept by name.</summary>
    public const int NamedCuts = 100;

    public static LedgerSnapshot Empty { get; } =
        new(0, new Dictionary<string, long>(), new Dictionary<string, long>(), 0, new Dictionary<string, long>(), 0, [], 0, 0);

    public bool AddsUp =>
        Accepted == Served.Values.Sum() + Failed.Values.Sum() + ClientGone + Shed.Values.Sum() + CutCount + Inside + Dropped;

    /// <summary>What came since <paramref name="earlier"/>, an older snapshot of the same ledger.</summary>
    public LedgerSnapshot Since(LedgerSnapshot earlier) =>
        new(
            Accepted - earlier.Accepted,
            Difference(Served, earlier.Served),
            Difference(Failed, earlier.Failed),
            ClientGone - earlier.ClientGone,
            Difference(Shed, earlier.Shed),
            CutCount - earlier.CutCount,
            [.. Cut.Where(cut => cut.Sequence > earlier.CutCount)],
            Inside - earlier.Inside,
            Dropped - earlier.Dropped
        );

    private static Dictionary<string, long> Difference(IReadOnlyDictionary<string, long> now, IReadOnlyDictionary<string, long> earlier) =>
        now.Select(count => (count.Key, Value: count.Value - earlier.GetValueOrDefault(count.Key)))
            .Where(static count => count.Value != 0)
            .ToDictionary(static count => count.Key, static count => count.Value, StringComparer.Ordinal);
}
