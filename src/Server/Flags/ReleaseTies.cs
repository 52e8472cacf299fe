using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;

namespace Teal.Server.Flags;

/// <summary>
/// Keeps releases and flags from breaking each other: no change of flags takes away what a running release rests on, and none begins
/// that the flags, or what their rollouts will make of them, leave no room for. So no stage has to be held for it later. Pure.
/// </summary>
public static class ReleaseTies
{
    /// <summary>What stands between a deploy and the flags; nothing when it may begin.</summary>
    public static IReadOnlyList<FlagProblem> Against(ServerState state, string service, string version, Manifest manifest)
    {
        var isFirst = state.Services.GetValueOrDefault(service)?.Live is null;
        var most = isFirst ? Share.None : FlagTies.MostOf(manifest, 0);
        return Check([new FlagTie(service, version, manifest, null, most)], state, state.Flags);
    }

    /// <summary>The same, for the machine's answer: what was good when it was asked for may have changed since.</summary>
    public static Refusal? Refusal(ServerState state, string service, DeployRequested asked) =>
        Against(state, service, asked.Version, asked.Manifest) is [var first, ..]
            ? new Refusal(first.Code, "The flags do not allow this release.", $"{first}.", RefusalKind.Conflict)
            : null;

    /// <summary>The deploy with the cohort that it names, as it is now: the journal keeps it.</summary>
    public static DeployRequested Resolved(DeployRequested asked, FlagSet set) =>
        FlagTies.SharingOf(asked.Manifest.Release) is null ? asked : asked with { Cohort = FlagTies.LineOf(asked.Manifest, set) };

    /// <summary>A rollout is foreseen to its last step: it begins when that leaves room, and no step is refused for it later.</summary>
    public static Refusal? Refusal(ServerState state, RolloutKey key, RolloutOrder order) =>
        Moved(state.Flags, key, order) is { } after && Broken(state, after) is [var first, ..]
            ? new Refusal(first.Code, "A release leaves no room for this rollout.", $"{first}.", RefusalKind.Conflict)
            : null;

    /// <summary>The outcome of a change of flags, unless a release that runs or waits would lose what it rests on.</summary>
    public static FlagBookOutcome Guarded(ServerState state, FlagBookOutcome outcome) =>
        outcome.Book is { } after && !ReferenceEquals(after, state.Flags) && Broken(state, after) is { Count: > 0 } broken
            ? new FlagBookOutcome(null, broken)
            : outcome;

    /// <summary>By environment, the segments that releases which run or wait name as targets.</summary>
    public static IReadOnlyDictionary<string, SortedSet<string>> Segments(ServerState state)
    {
        var named = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var tie in TiesOf(state))
        {
            var environment = tie.Manifest.Flags?.Environment ?? state.Flags.Set.Environments[^1];
            foreach (var segment in FlagTies.SegmentsOf(tie.Manifest.Release))
            {
                if (!named.TryGetValue(environment, out var segments))
                {
                    named.Add(environment, segments = new SortedSet<string>(StringComparer.Ordinal));
                }
                segments.Add(segment);
            }
        }
        return named;
    }

    /// <summary>What the change breaks that holds now.</summary>
    private static List<FlagProblem> Broken(ServerState state, FlagBook after)
    {
        var ties = TiesOf(state).ToList();
        if (ties.Count == 0)
        {
            return [];
        }
        var before = Check(ties, state, state.Flags);
        return
        [
            .. Check(ties, state, after)
                .Where(problem => !before.Contains(problem))
                .Select(problem => problem with { Kind = FlagProblemKind.Conflict }),
        ];
    }

    /// <summary>As the flags are, and as their rollouts will make them.</summary>
    private static List<FlagProblem> Check(IReadOnlyList<FlagTie> ties, ServerState state, FlagBook book)
    {
        var foreseen = state
            .Rollouts.Values.Where(rollout => rollout.Rollout is { IsForward: true })
            .Aggregate(book, (sum, rollout) => Moved(sum, rollout.Key, rollout.Rollout!.Order) ?? sum);
        return
        [
            .. new[] { book, foreseen }
                .Distinct()
                .SelectMany(each => ties.SelectMany(tie => FlagTies.Check(tie, SituationOf(each))))
                .Distinct(),
        ];
    }

    /// <summary>Null when the flags do not take it: the rollout is told so, and not by us.</summary>
    private static FlagBook? Moved(FlagBook book, RolloutKey key, RolloutOrder order)
    {
        var share = order.Steps[^1].Share;
        var last = new FlagChange.SetShare(key.Flag, key.Environment, order.To, share, order.From, null);
        return book.After(new FlagsChanged([last]), book.Revision, DateTimeOffset.UnixEpoch).Book;
    }

    private static FlagSituation SituationOf(FlagBook book) =>
        new(book.Set, environment => book.Documents.GetValueOrDefault(environment)?.Segments);

    private static IEnumerable<FlagTie> TiesOf(ServerState state)
    {
        foreach (var service in state.Services.Values)
        {
            if (service.Release is { IsRunning: true, Kind: ReleaseKind.Deploy } release)
            {
                // On its way back it asks for no room any more.
                var most = release is { IsForward: true, From: not null } ? FlagTies.MostOf(release.Manifest, release.Stage) : Share.None;
                yield return new FlagTie(service.Service, release.To, release.Manifest, release.Cohort, most);
            }
            foreach (var waiting in service.Waiting)
            {
                var most = FlagTies.MostOf(waiting.Manifest, 0);
                yield return new FlagTie(service.Service, waiting.Version, waiting.Manifest, waiting.Cohort, most);
            }
        }
    }
}
