namespace Teal.Client;

/// <summary>Keeps the stream: connects, takes what comes, and comes back after every end.</summary>
/// <param name="taken">Other flags are in force.</param>
/// <param name="heard">To be acknowledged.</param>
internal sealed class FlagFollower(
    ServerLink link,
    FlagsInUse flags,
    TealClientOptions options,
    Action<ReadFlags> taken,
    Action<ReadFlags> heard
)
{
    /// <summary>The largest document, and what stands around it.</summary>
    public const int MostMessageBytes = 32 * 1024 * 1024 + 64 * 1024;

    private static readonly TimeSpan LongestOpening = TimeSpan.FromSeconds(10);

    /// <summary>The server says something every 15 s.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    /// <summary>A stream that lived for as long as this was no failure: its end begins the counting anew.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private int _connection;

    /// <param name="chance">Of the jitter.</param>
    public async Task RunAsync(Random chance, CancellationToken ct)
    {
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            var began = options.Time.GetTimestamp();
            var end = await FollowAsync(ct);
            flags.Lose(end.Why);
            failures = options.Time.GetElapsedTime(began) >= Settled && end.WasOpen ? 1 : failures + 1;
            await Task.Delay(Backoff.After(failures, end.RetryAfter, chance.NextDouble()), options.Time, ct);
        }
    }

    /// <summary>One connection, from its beginning to its end.</summary>
    private async Task<StreamEnd> FollowAsync(CancellationToken ct)
    {
        using var silence = new CancellationTokenSource(LongestOpening, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ct);
        try
        {
            using var response = await link.OpenStreamAsync(either.Token);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                var answer = await link.AnswerOfAsync(response, either.Token);
                return new StreamEnd($"TEAL9451: {options.Address} does not serve flags to this key: {answer.Why}.", answer.RetryAfter);
            }
            _connection++;
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            await TakeAllAsync(new EventReader(stream, MostMessageBytes, () => silence.CancelAfter(LongestSilence)), either.Token);
            return new StreamEnd($"TEAL9451: {options.Address} ended the stream.", null, WasOpen: true);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new StreamEnd($"TEAL9451: {options.Address} said nothing for too long.", null);
        }
        catch (InvalidDataException e)
        {
            return new StreamEnd(e.Message, null);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new StreamEnd($"TEAL9451: {options.Address} is not reached: {e.Message}", null, WasOpen: e is IOException);
        }
    }

    private async Task TakeAllAsync(EventReader events, CancellationToken ct)
    {
        var newest = 0L;
        while (await events.NextAsync(ct) is { } told)
        {
            // What has another name is for a later client.
            if (told.Name == "flags")
            {
                newest = Math.Max(newest, Take(told.Data.Span, newest));
            }
        }
    }

    /// <returns>The revision that was taken; 0 when none was, and the last good one stays.</returns>
    private long Take(ReadOnlySpan<byte> data, long newest)
    {
        if (!FlagsMessage.TryRead(data, out var read, out var fault))
        {
            flags.Lose(fault);
            return 0;
        }
        var served = read.Served with { Connection = _connection };
        if (options.Environment is { } wanted && served.Environment != wanted)
        {
            flags.Lose($"TEAL9454: the key is for {served.Environment}, and {wanted} is wanted.");
            return 0;
        }
        if (served.Revision < newest)
        {
            flags.Lose($"TEAL9452: revision {served.Revision} came after {newest} on the same stream.");
            return 0;
        }
        if (flags.Take(served))
        {
            taken(read);
        }
        heard(read);
        return served.Revision;
    }

    private sealed record StreamEnd(string Why, TimeSpan? RetryAfter, bool WasOpen = false);
}
