using System.Globalization;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>A session whose processes carry our marks.</summary>
/// <param name="Leader">The session's number; its leader may be gone.</param>
/// <param name="StartTime">Of the leader; 0 when it is gone.</param>
public sealed record FoundSession(int Leader, long StartTime, InstanceMarks Marks);

/// <param name="Adopt">What goes on running, with its order; <c>IsRecorded</c> when the journal knew it.</param>
/// <param name="End">What nobody wants.</param>
/// <param name="Gone">Recorded, and not running any more.</param>
public sealed record AdoptionPlan(
    IReadOnlyList<(SlotOrder Order, InstanceRecord Record, bool IsRecorded)> Adopt,
    IReadOnlyList<FoundSession> End,
    IReadOnlyList<InstanceRecord> Gone
);

/// <summary>Decides what becomes of the processes that an earlier server left.</summary>
public static class AdoptionPlanner
{
    /// <param name="found">Sessions with our owner's mark.</param>
    /// <param name="isRunning">Whether a recorded process runs whose marks could not be read.</param>
    public static AdoptionPlan Plan(
        IReadOnlyList<SlotOrder> wanted,
        IReadOnlyList<InstanceRecord> recorded,
        IReadOnlyList<FoundSession> found,
        Func<InstanceRecord, bool> isRunning
    )
    {
        var candidates = Candidates(recorded, found, isRunning);
        var adopted = wanted
            .SelectMany(order =>
                candidates
                    .Where(each => IsFor(order, each.Record))
                    .GroupBy(each => each.Record.Index)
                    // Two of one place: a restart was under way. The one that the journal knows stays.
                    .Select(place => place.OrderByDescending(each => each.IsRecorded).ThenBy(each => each.Record.StartTime).First())
                    .Select(each => (order, each.Record, each.IsRecorded))
            )
            .ToList();
        var kept = adopted.Select(each => each.Record.Id).ToHashSet(StringComparer.Ordinal);
        var running = candidates.Select(each => each.Record.Id).ToHashSet(StringComparer.Ordinal);
        return new AdoptionPlan(
            adopted,
            // A program that an adopted instance put into a session of its own carries the same mark, and stays.
            [.. found.Where(session => !kept.Contains(session.Marks.Instance)), .. Unreadable(candidates, found, kept)],
            [.. recorded.Where(record => !running.Contains(record.Id))]
        );
    }

    private static List<(InstanceRecord Record, bool IsRecorded)> Candidates(
        IReadOnlyList<InstanceRecord> recorded,
        IReadOnlyList<FoundSession> found,
        Func<InstanceRecord, bool> isRunning
    )
    {
        var known = recorded
            .Where(record => found.Any(session => IsSame(session, record)) || isRunning(record))
            .Select(record => (Record: record, IsRecorded: true))
            .ToList();
        var ids = known.Select(each => each.Record.Id).ToHashSet(StringComparer.Ordinal);
        var unknown = found
            .Where(session => session.StartTime > 0 && !ids.Contains(session.Marks.Instance))
            .GroupBy(session => session.Marks.Instance, StringComparer.Ordinal)
            .Select(same => RecordOf(same.MinBy(session => session.StartTime)!))
            .OfType<InstanceRecord>()
            .Select(record => (Record: record, IsRecorded: false));
        return [.. known, .. unknown];
    }

    private static IEnumerable<FoundSession> Unreadable(
        List<(InstanceRecord Record, bool IsRecorded)> candidates,
        IReadOnlyList<FoundSession> found,
        HashSet<string> kept
    ) =>
        candidates
            .Select(each => each.Record)
            .Where(record => !kept.Contains(record.Id) && !found.Any(session => session.Leader == record.Pid))
            .Select(record => new FoundSession(
                record.Pid,
                record.StartTime,
                new InstanceMarks("", record.Id, record.Service, SlotOrder.WordOf(record.Slot), record.Version, record.Port)
            ));

    private static bool IsSame(FoundSession session, InstanceRecord record) =>
        session.Leader == record.Pid && session.StartTime == record.StartTime && session.Marks.Instance == record.Id;

    private static bool IsFor(SlotOrder order, InstanceRecord record) =>
        record.Service == order.Service
        && record.Slot == order.Slot
        && record.Version == order.Version
        && record.Index >= 1
        && record.Index <= order.Manifest.Run.Instances
        && record.Port > 0;

    /// <summary>Null for what is no instance: a smoke test.</summary>
    private static InstanceRecord? RecordOf(FoundSession session)
    {
        var marks = session.Marks;
        // service.slot.index-token
        var place = marks.Instance.Split('.')[^1].Split('-')[0];
        return int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new InstanceRecord(
                marks.Instance,
                marks.Service,
                marks.Slot == "blue" ? SlotName.Blue : SlotName.Green,
                marks.Version,
                index,
                marks.Port,
                session.Leader,
                session.StartTime
            )
            : null;
    }
}

/// <summary>Looks for what carries our marks in <c>/proc</c>.</summary>
internal static class SessionFinder
{
    public static List<FoundSession> Find(string owner)
    {
        var sessions = new Dictionary<int, FoundSession>();
        foreach (var stat in ProcessReader.All().Where(stat => !stat.IsZombie && stat.Pid != Environment.ProcessId))
        {
            var isLeader = stat.Pid == stat.Session;
            if ((isLeader || !sessions.ContainsKey(stat.Session)) && ProcessReader.MarksOf(stat.Pid) is { } marks && marks.Owner == owner)
            {
                sessions[stat.Session] = new FoundSession(stat.Session, isLeader ? stat.StartTime : 0, marks);
            }
        }
        return [.. sessions.Values];
    }

    public static bool IsRunning(InstanceRecord record) =>
        ProcessReader.Read(record.Pid) is { IsZombie: false } stat && stat.StartTime == record.StartTime && stat.Session == stat.Pid;
}
