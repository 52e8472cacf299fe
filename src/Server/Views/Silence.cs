using System.Threading.Channels;

namespace Teal.Server.Views;

/// <summary>How a stream that has nothing to say shows that it lives.</summary>
internal static class Silence
{
    /// <param name="keepAlive">Called each time that nothing came for <paramref name="atMost"/>.</param>
    /// <returns>False when nothing will come any more.</returns>
    public static async Task<bool> HasMoreAsync<T>(
        ChannelReader<T> live,
        TimeSpan atMost,
        TimeProvider time,
        Func<CancellationToken, ValueTask> keepAlive,
        CancellationToken ct
    )
    {
        var more = live.WaitToReadAsync(ct).AsTask();
        while (true)
        {
            try
            {
                return await more.WaitAsync(atMost, time, ct);
            }
            catch (TimeoutException)
            {
                await keepAlive(ct);
            }
        }
    }
}
