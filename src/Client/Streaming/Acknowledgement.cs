using System.Net;

namespace Teal.Client;

/// <summary>Tells the server by what is evaluated from now on, so that a kill switch knows.</summary>
internal sealed class Acknowledgement(ServerLink link, FlagsInUse flags, TealClientOptions options)
{
    private const int MostTries = 4;

    /// <param name="isOver">True when there is something newer to say.</param>
    public async Task SendAsync(ReadFlags heard, Func<bool> isOver, Random chance, CancellationToken ct)
    {
        for (var tried = 1; ; tried++)
        {
            var answer = await link.AcknowledgeAsync(heard.Connection, heard.Served.Revision, ct);
            // 404: the connection is gone, and the next one says it anew.
            if (answer.IsGood || answer.Status == HttpStatusCode.NotFound || isOver())
            {
                return;
            }
            if (tried == MostTries || !answer.IsWorthRepeating)
            {
                flags.Fail($"TEAL9457: the server does not hear that revision {heard.Served.Revision} is in force: {answer.Why}");
                return;
            }
            await Task.Delay(Backoff.After(tried, answer.RetryAfter, chance.NextDouble()), options.Time, ct);
        }
    }
}
