using System.Globalization;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>How long going back takes from a line on.</summary>
public enum WayBack
{
    /// <summary>Traffic moves, nothing has to be started.</summary>
    Instant,

    /// <summary>A version has to be started again from the store.</summary>
    Minutes,

    None,
}

/// <param name="Number">From 1.</param>
/// <param name="Guard">What can take the release back while the line is under way; null when nothing does.</param>
/// <param name="AtLeast">The shortest time that the line takes; null when nobody can know.</param>
public sealed record PlanLine(int Number, string What, WayBack Back, string Why, string? Guard, TimeSpan? AtLeast);

/// <summary>What a deploy would do, line by line, and how each line is undone.</summary>
/// <param name="From">The version that users are on; null before the first release.</param>
/// <param name="PointOfNoReturn">Number of the first line without a way back; it asks a person.</param>
/// <param name="Notes">What is unusual about it.</param>
/// <param name="Changes">False when there is nothing to do.</param>
public sealed record ReleasePlan(
    string Service,
    string? From,
    string To,
    IReadOnlyList<PlanLine> Lines,
    int? PointOfNoReturn,
    IReadOnlyList<string> Notes,
    bool Changes
)
{
    /// <summary>Until all users are on the new version, when nothing goes wrong and the application is ready at once.</summary>
    public TimeSpan AtLeast { get; init; }
}

/// <summary>Says what <see cref="ReleaseMachine"/> would do with a deploy. Pure.</summary>
public static class ReleasePlanner
{
    /// <param name="state">The service now; null when it was never released.</param>
    public static ReleasePlan Plan(ServiceState? state, Manifest manifest, string version)
    {
        var now = state ?? ServiceState.New(manifest.Service);
        var live = now.Live is { } slot ? now[slot].Deployed?.Version : null;
        var isRunning = now.Release is { IsRunning: true };
        if (live == version && !isRunning)
        {
            return new ReleasePlan(
                manifest.Service,
                live,
                version,
                [],
                null,
                [$"{version} is live already: there is nothing to do."],
                Changes: false
            );
        }
        var lines = (live is null ? FirstRelease(manifest, version) : Release(now, manifest, live, version)).ToList();
        var numbered = lines.Select((line, index) => line with { Number = index + 1 }).ToList();
        var last = numbered.FindLastIndex(line => line.What.StartsWith("Send ", StringComparison.Ordinal));
        return new ReleasePlan(
            manifest.Service,
            live,
            version,
            numbered,
            numbered.Find(line => line.Back == WayBack.None)?.Number,
            [.. NotesOf(now, manifest, live, version), .. NotesOfWhatItNames(manifest)],
            Changes: true
        )
        {
            AtLeast = numbered.Take(last + 1).Aggregate(TimeSpan.Zero, (sum, line) => sum + (line.AtLeast ?? TimeSpan.Zero)),
        };
    }

    private static IEnumerable<PlanLine> FirstRelease(Manifest manifest, string version)
    {
        const string nobody = "no user has reached it yet; abort ends it";
        foreach (var line in Prepare(manifest, version, SlotName.Blue, nobody))
        {
            yield return line;
        }
        yield return Line(
            $"Send all traffic to {version}.",
            WayBack.Minutes,
            "there is no version before it; another has to be deployed",
            null,
            TimeSpan.Zero
        );
    }

    private static IEnumerable<PlanLine> Release(ServiceState now, Manifest manifest, string live, string version)
    {
        var idle = ServiceState.Other(now.Live!.Value);
        if (now[idle] is { Phase: SlotPhase.Warm, Deployed: { } warm })
        {
            yield return Line(
                $"Stop {warm.Version}, which is kept warm in {Word(idle)}, to make room.",
                WayBack.Minutes,
                $"{warm.Version} would have to be deployed again from the store",
                null,
                TimeSpan.Zero
            );
        }
        foreach (var line in Prepare(manifest, version, idle, $"users stay on {live}; abort ends it"))
        {
            yield return line;
        }
        foreach (var step in manifest.Release.Steps)
        {
            yield return Stage(manifest, step, live, version);
        }
        yield return Drain(manifest.Release, live);
        foreach (var line in Retire(manifest.Release, live))
        {
            yield return line;
        }
    }

    private static IEnumerable<PlanLine> Prepare(Manifest manifest, string version, SlotName slot, string why)
    {
        var (run, health, release) = (manifest.Run, manifest.Health, manifest.Release);
        var instances = run.Instances == 1 ? "1 instance" : $"{Text(run.Instances)} instances";
        yield return Line(
            $"Start {instances} of {version} in {Word(slot)} and wait until each has answered {health.Path} {Times(health.Rise)}; given up after {Duration.Text(health.GiveUpAfter)}.",
            WayBack.Instant,
            why,
            null,
            health.Every * (health.Rise - 1)
        );
        if (release.WarmUp is { } warmUp)
        {
            var paths = string.Join(", ", warmUp.Paths);
            yield return Line($"Warm up each instance: {Text(warmUp.Requests)} requests to {paths}.", WayBack.Instant, why, null, null);
        }
        if (release.Smoke.Count > 0)
        {
            yield return Line(
                $"Run the smoke test {release.Smoke[0]} against the preview address; given up after {Duration.Text(release.SmokeTimeout)}.",
                WayBack.Instant,
                why,
                null,
                null
            );
        }
    }

    private static PlanLine Stage(Manifest manifest, StageSection step, string live, string version)
    {
        var release = manifest.Release;
        var who = step.Share == Share.All ? "all traffic" : $"{step.Share} of the traffic{FlagTies.CohortWords(release)}{Targets(release)}";
        var hold = step.Hold > TimeSpan.Zero ? $" and watch for {Duration.Text(step.Hold)}" : "";
        var breach = release.OnBreach == BreachAction.Rollback ? "takes the release back" : "pauses the release";
        var guard = release.Guard.Count == 0 ? null : $"{string.Join(", ", release.Guard)}; a breach {breach}";
        return Line($"Send {who} to {version}{hold}.", WayBack.Instant, $"{live} is running; traffic moves back to it", guard, step.Hold);
    }

    private static string Targets(ReleaseSection release)
    {
        var segments = FlagTies.SegmentsOf(release).Select(name => $"everybody in the segment {name}").ToList();
        var others = release.Target.Where(target => FlagTies.SegmentOf(target) is null).ToList();
        var rest = others.Count > 0 ? [$"whoever matches {string.Join(" or ", others)}"] : Array.Empty<string>();
        return string.Concat(segments.Concat(rest).Select(words => $" and {words}"));
    }

    private static PlanLine Drain(ReleaseSection release, string live) =>
        Line(
            $"Let the requests inside {live} end, for {Duration.Text(release.Drain)} at most; WebSockets and event streams are asked to reconnect over {Duration.Text(release.DrainConnections)}.",
            WayBack.Instant,
            $"{live} is still running",
            null,
            TimeSpan.Zero
        );

    private static IEnumerable<PlanLine> Retire(ReleaseSection release, string live)
    {
        if (release.KeepPrevious > TimeSpan.Zero)
        {
            yield return Line(
                $"Keep {live} running without traffic for {Duration.Text(release.KeepPrevious)}.",
                WayBack.Instant,
                "teal rollback moves all traffic back without a start",
                null,
                release.KeepPrevious
            );
        }
        yield return Line(
            $"Stop {live}.",
            WayBack.Minutes,
            $"{live} stays in the store and would have to be deployed again",
            null,
            TimeSpan.Zero
        );
    }

    private static IEnumerable<string> NotesOf(ServiceState now, Manifest manifest, string? live, string version)
    {
        if (now.Release is { IsRunning: true } running)
        {
            yield return $"Release {now.Service}-{Text(running.Number)} to {running.To} is running: this one waits for it, or replaces it with --supersede. These lines hold for the service as it is now; show the plan again then.";
        }
        if (now.Waiting.Count > 0)
        {
            yield return $"Before it in the queue: {string.Join(", ", now.Waiting.Select(waiting => waiting.Version))}.";
        }
        if (live is null)
        {
            yield return "This is the first release: all traffic goes to it at once, without steps and without a guard.";
            yield break;
        }
        foreach (var note in NotesOfReplacing(now, manifest.Release, live, version))
        {
            yield return note;
        }
    }

    private static IEnumerable<string> NotesOfWhatItNames(Manifest manifest)
    {
        if (manifest.Flags is { } flags)
        {
            var whose = flags.Environment is { } environment ? $" in {environment}" : "";
            yield return $"Each request is handed the flags {string.Join(", ", flags.Evaluate)}{whose}.";
        }
        foreach (var hook in manifest.Notify)
        {
            var on = string.Join(", ", hook.On.Select(kind => ManifestShape.WordOf(typeof(NoticeKind), kind.ToString())));
            // The reference, never what stands behind it.
            yield return $"{hook.Webhook} is told of: {on}.";
        }
    }

    private static IEnumerable<string> NotesOfReplacing(ServiceState now, ReleaseSection release, string live, string version)
    {
        var idle = now[ServiceState.Other(now.Live!.Value)];
        if (idle is { Phase: SlotPhase.Warm, Deployed: { } warm })
        {
            yield return warm.Version == version
                ? $"{version} is still warm: teal rollback goes back to it at once, without a start."
                : $"{warm.Version} is stopped first, and with it the instant way back to it.";
        }
        if (now[now.Live.Value].IsDown)
        {
            yield return $"{live} does not answer its health probe now: going back would be going back to that.";
        }
        if (release.Guard.Count == 0)
        {
            yield return "No guard is set: only an instance that goes down takes the release back by itself.";
        }
        else if (release.Steps.All(step => step.Hold == TimeSpan.Zero))
        {
            yield return "No step is held: the guards see little before all users are on the new version.";
        }
        if (release.Drain == TimeSpan.Zero)
        {
            yield return $"drain is 0s: requests inside {live} are cut.";
        }
        if (release.KeepPrevious == TimeSpan.Zero)
        {
            yield return $"keep_previous is 0s: {live} is stopped as soon as it is drained, and with it the instant way back.";
        }
    }

    private static PlanLine Line(string what, WayBack back, string why, string? guard, TimeSpan? atLeast) =>
        new(0, what, back, why, guard, atLeast);

    private static string Word(SlotName slot) => slot == SlotName.Blue ? "blue" : "green";

    private static string Times(int count) => count == 1 ? "once" : $"{Text(count)} times in a row";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
