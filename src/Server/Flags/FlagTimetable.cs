using Microsoft.Extensions.Logging;
using Teal.Flags;
using Teal.Releases;
using Teal.Server.Driving;
using Teal.Server.Journal;

namespace Teal.Server.Flags;

/// <summary>Makes the changes that flags have in their schedules, within a second of their time; late ones after a start.</summary>
public sealed class FlagTimetable(DriverLoop loop, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly Origin Schedule = new("teal", "schedule");

    /// <summary>Said once: what is refused stays due, and would be said every second.</summary>
    private readonly HashSet<DueChange> _refused = [];

    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            var set = loop.State.Flags.Set;
            if (FlagSchedule.Next(set) <= time.GetUtcNow())
            {
                await MakeAsync(FlagSchedule.Due(set, time.GetUtcNow()), ct);
            }
        }
    }

    /// <summary>One at a time: one that cannot be made holds up no other.</summary>
    private async Task MakeAsync(IReadOnlyList<DueChange> due, CancellationToken ct)
    {
        foreach (var it in due)
        {
            try
            {
                var outcome = await loop.ChangeFlagsAsync(new FlagsChanged([it.Change]), Schedule, ct);
                if (outcome.Book is null && _refused.Add(it))
                {
                    logger.LogWarning("TEAL9506: {Flag}: a scheduled change was refused: {Why}", it.Change.Flag, outcome.Problems[0]);
                }
            }
            catch (JournalException e)
            {
                logger.LogWarning("{Code}: a scheduled change waits for the journal: {Why}", e.Code, e.Message);
            }
        }
    }
}
