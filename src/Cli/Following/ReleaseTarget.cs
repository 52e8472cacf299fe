using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>Where the release that is waited for stands, seen in one status of its service.</summary>
internal abstract record Whereabouts
{
    /// <summary>Another release goes first.</summary>
    public sealed record Waiting : Whereabouts;

    public sealed record Running(ReleaseView Release) : Whereabouts;

    public sealed record Ended(ReleaseView Release) : Whereabouts;

    /// <summary>A newer release is there already: the end of this one stands in the history.</summary>
    public sealed record Passed : Whereabouts;

    /// <summary>It waited, and a newer deploy took its place before it began.</summary>
    public sealed record Displaced : Whereabouts;
}

/// <summary>The release that a command waits for.</summary>
/// <param name="Id">Null for a deploy that has not begun, because another runs.</param>
/// <param name="Version">What it releases.</param>
/// <param name="After">Number of the newest release when the deploy was taken: ours is a later one.</param>
internal sealed record ReleaseTarget(string? Id, string Version, long After)
{
    public static ReleaseTarget Of(DeployAnswer answer, string version) => new(answer.Release, version, answer.Status.Release?.Number ?? 0);

    public static ReleaseTarget Of(ReleaseView release) => new(release.Id, release.To, release.Number - 1);

    public Whereabouts In(StatusView status) =>
        status.Release switch
        {
            { } release when IsOurs(release) => release.Outcome == "running"
                ? new Whereabouts.Running(release)
                : new Whereabouts.Ended(release),
            { } release when Id is not null && release.Number > After => new Whereabouts.Passed(),
            _ when Id is not null || status.Waiting.Contains(Version) => new Whereabouts.Waiting(),
            _ => new Whereabouts.Displaced(),
        };

    private bool IsOurs(ReleaseView release) =>
        Id is not null ? release.Id == Id : release.Number > After && release.To == Version && release.Kind == "deploy";
}
