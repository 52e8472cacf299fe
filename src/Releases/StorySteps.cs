namespace Teal.Releases;

/// <summary>One line of the story before it has a time.</summary>
internal readonly record struct Told(string What, string Words);

/// <summary>What one event means to somebody who reads the timeline. The names are stable: scripts match them.</summary>
internal static class StorySteps
{
    public static IEnumerable<Told> Of(ServiceState before, ReleaseEvent happened, ServiceState after)
    {
        var now = after.Release!;
        var old = before.Release?.Number == now.Number ? before.Release : null;
        return Asked(before, happened, now, old)
            .Concat(Finished(before, happened, now, after))
            .Concat(Entered(old, now, after))
            .Concat(Troubled(before, happened, old, now));
    }

    /// <summary>What a person did.</summary>
    private static IEnumerable<Told> Asked(ServiceState before, ReleaseEvent happened, ReleaseState now, ReleaseState? old)
    {
        switch (happened)
        {
            case DeployRequested deploy when old is { IsRunning: true }:
                foreach (var displaced in deploy.Supersede ? before.Waiting : [])
                {
                    yield return new("displaced", $"{displaced.Version}, which was waiting, gives way to {deploy.Version}.");
                }
                yield return new("waiting", $"{deploy.Version} waits for its turn; {ReleaseWords.Who(deploy.By)} asked for it.");
                break;
            case PromoteRequested promote:
                var how = now.PromoteForced && promote.Force ? ", against the guard" : "";
                yield return new("promoted", $"{ReleaseWords.Who(promote.By)} skipped the remaining stages{how}.");
                break;
            case PauseRequested pause:
                yield return new("paused", $"{ReleaseWords.Who(pause.By)} paused the release; the guard goes on watching.");
                break;
            case ResumeRequested resume:
                yield return new("resumed", $"{ReleaseWords.Who(resume.By)} resumed the release with a fresh hold.");
                break;
        }
    }

    /// <summary>What an effect achieved.</summary>
    private static IEnumerable<Told> Finished(ServiceState before, ReleaseEvent happened, ReleaseState now, ServiceState after)
    {
        if (
            happened is not EffectOutcome outcome
            || before.Outstanding.FirstOrDefault(wanted => wanted.Id == outcome.Effect) is not { } done
        )
        {
            yield break;
        }
        switch (done.Effect, happened)
        {
            case (StartSlot, SlotReady):
                yield return new("healthy", $"{now.To} is healthy.");
                break;
            case (SmokeSlot, SmokePassed):
                yield return new("smoke_passed", $"{now.To} is ready for its first users.");
                break;
            case (MoveTraffic move, TrafficMoved):
                yield return Moved(move, now);
                break;
            case (DrainSlot drain, SlotDrained drained):
                yield return Drained(before[drain.Slot].Deployed?.Version, drained.Cut);
                break;
            case (StopSlot stop, SlotStopped):
                yield return new("stopped", $"{Stopped(before, stop.Slot)} was stopped.");
                break;
            case (WriteReceipt, ReceiptWritten written):
                yield return new("receipt", Receipt(written.Receipt));
                break;
            case (_, EffectFailed failed):
                yield return new("effect_failed", $"{Name(done.Effect)} failed: {failed.Failure.What} {failed.Failure.Why}");
                break;
        }
    }

    private static Told Moved(MoveTraffic move, ReleaseState now)
    {
        var share = move.Shape.ShareOf(now.Into);
        if (now.TakenBack is not null)
        {
            return new("returned", $"All traffic is on {now.From} again.");
        }
        var targets = move.Shape.Targets.Count > 0 ? ", and whoever matches the targets," : "";
        return new("share", $"{share} of the traffic{targets} goes to {now.To}.");
    }

    private static Told Drained(string? version, int cut) =>
        cut == 0
            ? new("drained", $"The last request has left {version}.")
            : new("drained", $"{version} is empty; {cut} request{(cut == 1 ? " was" : "s were")} cut at the deadline.");

    /// <summary>The version in a slot that is being cleared is the one before the release's.</summary>
    private static string Stopped(ServiceState before, SlotName slot) => before[slot].Deployed?.Version ?? "The version";

    private static string Receipt(Receipt receipt) =>
        receipt.AddsUp
            ? $"The receipt adds up: {receipt.Accepted} requests accepted, {receipt.Failed.Values.Sum()} failed, {receipt.CutCount} cut, none lost."
            : $"The receipt does not add up: {receipt.Dropped} of {receipt.Accepted} requests have no outcome. This is a bug of Teal.";

    private static string Name(ReleaseEffect effect) =>
        effect switch
        {
            StartSlot => "Starting",
            SmokeSlot => "The smoke test",
            MoveTraffic => "Moving the traffic",
            Observe => "Watching",
            Wait => "Waiting",
            DrainSlot => "Draining",
            StopSlot => "Stopping",
            _ => "Writing the receipt",
        };

    /// <summary>Where the release went.</summary>
    private static IEnumerable<Told> Entered(ReleaseState? old, ReleaseState now, ServiceState after)
    {
        if (old is null)
        {
            yield return Begun(now);
        }
        if (old?.TakenBack is null && now.TakenBack is not null)
        {
            yield return new("taking_back", $"{now.Failure!.What} {now.Failure.Why}");
        }
        if (old?.Phase == now.Phase && old.Stage == now.Stage)
        {
            yield break;
        }
        var told = now.Phase switch
        {
            ReleasePhase.Clearing => new Told("clearing", "The idle slot is cleared."),
            ReleasePhase.Starting => new Told("starting", $"{now.To} starts in the {Slot(now.Into)} slot."),
            ReleasePhase.Smoking => new Told("testing", $"{now.To} is being warmed up and tested."),
            ReleasePhase.Observing when after.Wants<Wait>() => new Told(
                "holding",
                $"{now.To} is watched at {now.StageShare} for {Span(now.StageHold)}."
            ),
            ReleasePhase.Draining => new Told("draining", $"Requests inside {now.From} come to their end."),
            ReleasePhase.Returning => new Told("returning", $"All traffic returns to {now.From}."),
            ReleasePhase.DrainingBack => new Told("draining", $"Requests inside {now.To} come to their end."),
            ReleasePhase.StoppingNew => new Told("stopping", $"{now.To} is being stopped."),
            ReleasePhase.Ended => Ended(now),
            _ => default,
        };
        if (told.What is not null)
        {
            yield return told;
        }
    }

    private static Told Begun(ReleaseState now)
    {
        if (now.Kind == ReleaseKind.Rollback)
        {
            var why = now.IsAutomatic ? now.Failure!.What : $"{ReleaseWords.Who(now.By)} asked for it.";
            return new("begun", $"Back from {now.From} to {now.To}, which is still running. {why}");
        }
        var over = now.From is null ? "the first release" : $"over {now.From}";
        return new("begun", $"{ReleaseWords.Who(now.By)} releases {now.To}, {over}.");
    }

    private static Told Ended(ReleaseState now) =>
        now.Outcome switch
        {
            ReleaseOutcome.Done => new("done", $"{now.To} is live."),
            ReleaseOutcome.NotSwitched => new("not_switched", $"{now.To} was not released; no user saw it."),
            ReleaseOutcome.RolledBack when now is { IsAutomatic: true, TakenBack: null } => new("rolled_back", $"{now.To} is live again."),
            ReleaseOutcome.RolledBack => new("rolled_back", $"{now.To} was taken back; {now.From} is live."),
            ReleaseOutcome.Aborted => new("aborted", $"The release of {now.To} was given up; no user saw it."),
            _ => new("superseded", $"{now.To} gave way to a newer deploy."),
        };

    /// <summary>What went wrong and what a person has to know.</summary>
    private static IEnumerable<Told> Troubled(ServiceState before, ReleaseEvent happened, ReleaseState? old, ReleaseState now)
    {
        if (happened is SlotDown down)
        {
            yield return new("down", $"{before[down.Slot].Deployed?.Version} is down: {down.Failure.Why}");
        }
        if (happened is SlotUp up)
        {
            yield return new("up", $"{before[up.Slot].Deployed?.Version} is up again.");
        }
        if (now.NeedsPerson is { } why && why != old?.NeedsPerson)
        {
            yield return new("needs_person", why);
        }
    }

    private static string Slot(SlotName slot) => slot == SlotName.Blue ? "blue" : "green";

    /// <summary>As the manifest writes it: <c>2m</c>, <c>1m30s</c>.</summary>
    private static string Span(TimeSpan span)
    {
        var parts = new[] { ((int)span.TotalHours, "h"), (span.Minutes, "m"), (span.Seconds, "s"), (span.Milliseconds, "ms") };
        return string.Concat(parts.Where(part => part.Item1 > 0).Select(part => $"{part.Item1}{part.Item2}"));
    }
}
