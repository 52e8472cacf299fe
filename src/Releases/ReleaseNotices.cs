namespace Teal.Releases;

/// <summary>What is worth telling somebody who does not look: the end of a release, and that one needs a person.</summary>
public static class ReleaseNotices
{
    /// <summary>What one event made of the release, seen as the state before and after it; null: nothing to tell.</summary>
    public static NoticeKind? Between(ServiceState before, ServiceState after)
    {
        if (after.Release is not { } release)
        {
            return null;
        }
        var known = before.Release?.Number == release.Number ? before.Release : null;
        if (!release.IsRunning)
        {
            return known is null or { IsRunning: true } ? EndOf(release) : null;
        }
        return release.NeedsPerson is not null && known?.NeedsPerson is null ? NoticeKind.NeedsPerson : null;
    }

    private static NoticeKind? EndOf(ReleaseState release) =>
        release.Outcome switch
        {
            // A rollback that was begun after its release had ended is a release of its own, and ends well.
            ReleaseOutcome.Done => release.Kind == ReleaseKind.Rollback ? NoticeKind.RolledBack : NoticeKind.Done,
            ReleaseOutcome.NotSwitched => NoticeKind.NotSwitched,
            ReleaseOutcome.RolledBack => NoticeKind.RolledBack,
            ReleaseOutcome.Aborted => NoticeKind.Aborted,
            ReleaseOutcome.Superseded => NoticeKind.Superseded,
            _ => null,
        };
}
