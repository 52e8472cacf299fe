namespace Teal.Client;

/// <summary>How long to wait before the next attempt: longer each time, and never all at once.</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>A server that asks for more is asked again after this all the same.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    private const int MostDoublings = 10;

    /// <param name="failures">In a row, from 1.</param>
    /// <param name="asked">The server's Retry-After: never come sooner.</param>
    /// <param name="chance">From 0 to 1: between a fifth and the whole of the step.</param>
    public static TimeSpan After(int failures, TimeSpan? asked, double chance)
    {
        var step = First * Math.Pow(2, Math.Clamp(failures - 1, 0, MostDoublings));
        var jittered = (step < Longest ? step : Longest) * (0.2 + 0.8 * chance);
        // Many were told the same moment: they do not all come at it.
        return asked is { } least ? Max(jittered, Min(Max(least, TimeSpan.Zero), LongestAsked) + First * chance) : jittered;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
