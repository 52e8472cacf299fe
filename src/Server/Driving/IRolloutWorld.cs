using Teal.Releases.Rollouts;

namespace Teal.Server.Driving;

/// <summary>
/// Where a rollout's effects happen. Both calls return at once; outcomes come back to the driver as events.
/// </summary>
public interface IRolloutWorld
{
    /// <summary>Begin to perform the effect. After a crash the same effect is begun again and ends the same.</summary>
    /// <param name="state">As it was when the effect was decided, or found again.</param>
    void Begin(RolloutState state, WantedRolloutEffect wanted);

    /// <summary>The machine no longer wants its outcome.</summary>
    void Cancel(RolloutKey key, long effect);
}
