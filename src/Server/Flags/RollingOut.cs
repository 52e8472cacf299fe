using Teal.Flags;
using Teal.Releases.Rollouts;

namespace Teal.Server.Flags;

/// <summary>Two hands on one share: another change would be undone by the rollout's next step.</summary>
internal static class RollingOut
{
    public static bool IsAny(ServerState state) => state.Rollouts.Values.Any(IsRunning);

    /// <summary>A running rollout whose share would be another one; null when there is none.</summary>
    public static RolloutState? Of(ServerState state, FlagBook after) =>
        state.Rollouts.Values.Where(IsRunning).FirstOrDefault(rollout => SharesOf(state.Flags, rollout) != SharesOf(after, rollout));

    private static bool IsRunning(RolloutState rollout) => rollout.Rollout is { IsRunning: true };

    private static string? SharesOf(FlagBook book, RolloutState rollout) =>
        book.Set.Flags.GetValueOrDefault(rollout.Flag)?.Environments.GetValueOrDefault(rollout.Environment) is { } targeting
            ? FlagWords.Of(targeting.Otherwise)
            : null;
}
