using System.Collections.Concurrent;
using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;

namespace Teal.Server.Monitoring;

/// <summary>One who sees how users of a variant fare.</summary>
/// <param name="Name">For sentences: <c>seen at the edge</c>.</param>
/// <param name="LongestSilence">After so long without a report it is taken to be gone. Null for who sees everything itself.</param>
public sealed record VariantSource(string Name, IVariantEvidence Evidence, TimeSpan? LongestSilence = null);

/// <summary>
/// Everybody who sees how users of a variant fare. Each is judged by itself, from its first report in a rollout on: who has reported
/// nothing at all is not there, and who has is missed when it stops.
/// </summary>
public sealed class VariantSources(IReadOnlyList<VariantSource> sources)
{
    private readonly ConcurrentDictionary<RolloutKey, Beginning> _beginnings = new();

    /// <summary>The step's arms by source. At 100 % nobody has the old variant any more: what was seen of it just before stands for it.</summary>
    public IReadOnlyList<StageArms> ArmsOf(RolloutKey key, Rollout rollout, RecentPast past)
    {
        var (from, to) = (rollout.Order.From, rollout.Order.To);
        var isAll = rollout.Share == Share.All;
        var began = BeginningOf(key, rollout);
        return
        [
            .. sources.Select(
                (source, index) =>
                    new StageArms(
                        () => Read(source, key, to),
                        isAll ? null : () => Read(source, key, from),
                        isAll ? past.Of(PastOf(key, source), from) : null,
                        Evidence.Variant
                    )
                    {
                        Source = source.Name,
                        LongestSilence = source.LongestSilence,
                        IsHeard = () => ReportsOf(source, key, rollout.Order) > began.Reports[index],
                    }
            ),
        ];
    }

    /// <summary>Remembers how users of the old variant fare, for the time when there are none.</summary>
    public void Sample(RolloutKey key, string from, RecentPast past)
    {
        foreach (var source in sources)
        {
            if (Read(source, key, from) is { } seen)
            {
                past.Add(PastOf(key, source), from, seen);
            }
        }
    }

    private Beginning BeginningOf(RolloutKey key, Rollout rollout)
    {
        if (!_beginnings.TryGetValue(key, out var known) || known.Rollout != rollout.Number)
        {
            _beginnings[key] = known = new Beginning(rollout.Number, [.. sources.Select(source => ReportsOf(source, key, rollout.Order))]);
        }
        return known;
    }

    private static long ReportsOf(VariantSource source, RolloutKey key, RolloutOrder order) =>
        (Read(source, key, order.From)?.Requests ?? 0) + (Read(source, key, order.To)?.Requests ?? 0);

    private static ArmEvidence? Read(VariantSource source, RolloutKey key, string variant) =>
        source.Evidence.Read(key.Environment, key.Flag, variant);

    private static string PastOf(RolloutKey key, VariantSource source) => $"{key} {source.Name}";

    /// <param name="Reports">By source, when the rollout was first watched.</param>
    private sealed record Beginning(long Rollout, IReadOnlyList<long> Reports);
}
