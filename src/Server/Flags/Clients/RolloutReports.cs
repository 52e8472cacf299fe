using System.Collections.Frozen;
using System.Collections.Immutable;
using Teal.Analysis;
using Teal.Releases.Rollouts;
using Teal.Wire;

namespace Teal.Server.Flags.Clients;

/// <summary>
/// What applications report of the flags that roll out: who was given which variant, and how what they did ended. An outcome counts for
/// the variant that its unit had, in every rollout of the environment. While nothing rolls out, nothing is remembered.
/// </summary>
/// <param name="rollouts">Those of now: one reference read, the same reference while nothing changed.</param>
public sealed class RolloutReports(Func<ImmutableSortedDictionary<string, RolloutState>> rollouts, TimeProvider time)
{
    /// <summary>Units of one rollout that are remembered.</summary>
    public const int MostUnits = 200_000;

    /// <summary>Units of all running rollouts: what there is, they share. Some 130 B each.</summary>
    public const int MostUnitsInAll = 500_000;

    private readonly long _began = time.GetTimestamp();
    private readonly Lock _lock = new();
    private volatile Known _known = new(
        ImmutableSortedDictionary<string, RolloutState>.Empty,
        FrozenDictionary<RolloutKey, RolloutJoin>.Empty,
        FrozenDictionary<string, ImmutableArray<RolloutJoin>>.Empty
    );

    /// <summary>Evaluated in this process for somebody elsewhere. Costs a look at a reference when nothing rolls out.</summary>
    public void Evaluated(string environment, string flag, string? variant, string? targetingKey)
    {
        var known = Now();
        if (
            known.Running.Count > 0
            && variant is not null
            && targetingKey is not null
            && known.Joins.TryGetValue(new RolloutKey(environment, flag), out var join)
        )
        {
            join.Expose(UnitKey.Of(targetingKey), variant, time.GetUtcNow(), time.GetElapsedTime(_began));
        }
    }

    /// <summary>Somebody was given a variant by a client.</summary>
    public void Exposed(string environment, string flag, string variant, string unit, DateTimeOffset at)
    {
        if (Now().Joins.TryGetValue(new RolloutKey(environment, flag), out var join))
        {
            join.Expose(UnitKey.OfSent(unit), variant, at, time.GetElapsedTime(_began));
        }
    }

    /// <summary>Something that a unit did has ended.</summary>
    public void Ended(string environment, OutcomeEvent outcome)
    {
        if (!Now().Running.TryGetValue(environment, out var joins))
        {
            return;
        }
        // A figure alone (the value of a basket) says nothing of success or of time.
        if (outcome is { Metric: not null, Failed: false, Ms: null })
        {
            return;
        }
        var (unit, other) = (UnitKey.OfSent(outcome.Unit), UnitKey.OtherOfSent(outcome.Unit));
        foreach (var join in joins)
        {
            join.End(unit, other, outcome);
        }
    }

    /// <summary>What is known of the flag's rollout, the running one or the last; null when none began since the server's start.</summary>
    public RolloutClientsView? Of(RolloutKey key) => Now().Joins.GetValueOrDefault(key)?.View();

    /// <summary>Since the rollout began; null when the flag has none.</summary>
    public ArmEvidence? Read(RolloutKey key, string variant) => Now().Joins.GetValueOrDefault(key)?.Read(variant);

    /// <summary>Every rollout that something may be known of.</summary>
    public IReadOnlyDictionary<RolloutKey, RolloutClientsView> All() =>
        Now().Joins.ToDictionary(pair => pair.Key, pair => pair.Value.View());

    private Known Now()
    {
        var (known, now) = (_known, rollouts());
        return ReferenceEquals(known.Of, now) ? known : Follow();
    }

    private Known Follow()
    {
        lock (_lock)
        {
            var (before, now) = (_known, rollouts());
            if (ReferenceEquals(before.Of, now))
            {
                return before;
            }
            var running = now.Values.Count(state => state.Rollout is { IsRunning: true });
            var most = Math.Min(MostUnits, MostUnitsInAll / Math.Max(1, running));
            var joins = now
                .Values.Select(state => (state, join: JoinOf(state, before)))
                .Where(pair => pair.join is not null)
                .ToFrozenDictionary(pair => pair.state.Key, pair => pair.join!);
            foreach (var join in joins.Values)
            {
                join.Limit(most);
            }
            var byEnvironment = joins
                .Where(pair => pair.Value.IsRunning)
                .GroupBy(pair => pair.Key.Environment, pair => pair.Value, StringComparer.Ordinal)
                .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal);
            return _known = new Known(now, joins, byEnvironment);
        }
    }

    private static RolloutJoin? JoinOf(RolloutState state, Known before)
    {
        var known = before.Joins.GetValueOrDefault(state.Key);
        var isSame = known is not null && known.Number == state.Rollout?.Number;
        switch (state.Rollout)
        {
            case { IsRunning: true } rollout:
                return isSame ? known : new RolloutJoin(rollout.Number, rollout.Order.From, rollout.Order.To);
            default:
                known?.Close();
                return isSame ? known : null;
        }
    }

    /// <param name="Of">The rollouts that this was made from.</param>
    /// <param name="Running">By environment.</param>
    private sealed record Known(
        ImmutableSortedDictionary<string, RolloutState> Of,
        FrozenDictionary<RolloutKey, RolloutJoin> Joins,
        FrozenDictionary<string, ImmutableArray<RolloutJoin>> Running
    );
}
