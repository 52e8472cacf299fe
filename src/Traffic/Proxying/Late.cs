namespace Teal.Traffic.Proxying;

/// <summary>Finds what is late, in all requests at once: no timer for each of them.</summary>
internal static class Late
{
    public static long Ticks(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);

    public static void Stop(ServiceLane lane, TimeSpan upload, TimeProvider time)
    {
        var now = time.GetTimestamp();
        var stops = new List<CancellationTokenSource>();
        lane.Ledger.Visit(Mark);
        lane.PreviewLedger.Visit(Mark);
        // Outside the locks: cancelling runs other people's code.
        foreach (var stop in stops)
        {
            stop.Cancel();
        }

        void Mark(Passage passage)
        {
            var reason = Reason(passage, upload, now, time);
            if (reason != PassageStop.None && passage.Stop == PassageStop.None)
            {
                passage.Stop = reason;
                stops.Add(passage.Stopping);
            }
        }
    }

    private static PassageStop Reason(Passage passage, TimeSpan upload, long now, TimeProvider time)
    {
        if (!passage.IsForwarding || passage.HeadAt != 0)
        {
            return PassageStop.None;
        }
        if (passage.IsWaitingForClient)
        {
            return time.GetElapsedTime(passage.StartedAt, now) > upload ? PassageStop.UploadTooLong : PassageStop.None;
        }
        return time.GetElapsedTime(passage.ProgressAt, now) > passage.AnswerLimit ? PassageStop.AnswerTooLate : PassageStop.None;
    }
}
