using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>Follows a release to its end on the desk's screen and says how it ended.</summary>
internal sealed class ReleaseWait(Desk desk, Func<ReleaseView, ExitCode> exitOf)
{
    /// <summary>A word after the ending, as how long traffic took.</summary>
    public Func<IEnumerable<InkedLine>> Afterwards { get; init; } = () => [];

    /// <summary>The release as it was before the command.</summary>
    public ReleaseView? Known { get; init; }

    /// <summary>Put around the progress that the reader gets.</summary>
    public Func<IReleaseProgress, IReleaseProgress> Around { get; init; } = progress => progress;

    public async Task<ExitCode> ToEndAsync(ReleaseTarget target, StatusView status, CancellationToken stop)
    {
        Followed followed;
        await using (var progress = Around(desk.Progress(Known)))
        {
            followed = await new ReleaseFollower(desk.Api, progress, desk.Around.Time).FollowAsync(
                target,
                status,
                desk.FollowTimeout,
                stop
            );
        }
        return followed switch
        {
            { End: FollowEnd.Ended, Release: { } ours } => Ended(followed.Status, ours),
            { End: FollowEnd.Interrupted } => Left(followed, ExitCode.Interrupted, "TEAL7017", "Interrupted"),
            { End: FollowEnd.TimedOut } => Left(followed, ExitCode.TimedOut, "TEAL7016", $"Waited {Elapsed.Text(desk.FollowTimeout)}"),
            _ => throw new CliException(
                ExitCode.Conflict,
                "TEAL7022",
                $"{target.Version} was superseded by a newer deploy before it began."
            )
            {
                Next = ["teal history", "teal status"],
            },
        };
    }

    private ExitCode Ended(StatusView status, ReleaseView ours)
    {
        Result(status with { Release = ours }, _ => ReleaseText.Ending(status, ours).Concat(Afterwards()));
        return exitOf(ours);
    }

    private ExitCode Left(Followed followed, ExitCode exit, string code, string why)
    {
        var what = followed.Release is { } ours
            ? $"{ours.Id} ({ours.To}, {ours.Share}) goes on in the server."
            : "The deploy still waits its turn in the server.";
        var failure = new CliException(exit, code, $"{why}; {what}", followed.Release?.NeedsPerson)
        {
            Next = ["teal watch", "teal status", "teal abort"],
        };
        if (desk.IsText)
        {
            FailureText.Of(failure).ToList().ForEach(desk.Screen.Error);
        }
        Result(followed.Release is null ? followed.Status : followed.Status with { Release = followed.Release }, _ => []);
        return exit;
    }

    // With ndjson the last event has said it already.
    private void Result(StatusView status, Func<StatusView, IEnumerable<InkedLine>> text)
    {
        if (desk.Settings.Format != OutputFormat.Ndjson)
        {
            desk.Show(status, WireJson.Default.StatusView, text);
        }
    }
}
