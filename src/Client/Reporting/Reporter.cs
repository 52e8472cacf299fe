using System.Text.Json;
using Teal.Wire;

namespace Teal.Client;

/// <summary>Tells the server who was given what and how it went, in batches, each until it was taken or refused.</summary>
/// <param name="client">Names this process.</param>
internal sealed class Reporter(ServerLink link, FlagsInUse flags, TealClientOptions options, string client, Random chance)
{
    private const int MostEvents = 400;
    private const int MostBytes = 96 * 1024;
    private const int LongestMetric = 100;
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    private readonly ReportQueue _queue = new(options.MostReportsWaiting);
    private readonly ExposureMemory _told = new(chance.Next());
    private ClientEventsRequest? _batch;
    private int _inBatch;
    private long _sequence;
    private long _sent;
    private long _refused;

    public TealClientReports Counts =>
        new(_queue.Waiting + Volatile.Read(ref _inBatch), Volatile.Read(ref _sent), _queue.Dropped, Volatile.Read(ref _refused));

    /// <param name="under"><see cref="ServedFlags.StampOf"/> of the flag.</param>
    public void Expose(string targetingKey, string flag, string variant, ulong under)
    {
        var now = options.Time.GetUtcNow();
        if (_told.IsNew(targetingKey, flag, variant, under, now))
        {
            _queue.Add(new ExposureEvent(flag, variant, Unit.Of(targetingKey), now));
        }
    }

    /// <summary>What no JSON can hold, or is too long to be a metric's name, is left out of it.</summary>
    public void Report(Outcome outcome)
    {
        var isMeasured = outcome.Metric is { Length: > 0 and <= LongestMetric } && outcome.Value is { } value && double.IsFinite(value);
        _queue.Add(
            new OutcomeEvent(
                Unit.Of(outcome.TargetingKey),
                options.Time.GetUtcNow(),
                outcome.IsFailed,
                outcome.Duration?.TotalMilliseconds,
                isMeasured ? outcome.Metric : null,
                isMeasured ? outcome.Value : null
            )
        );
    }

    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(options.ReportEvery, options.Time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            for (var failures = 0; Next() is { } batch; )
            {
                var answer = await SendAsync(batch, ct);
                if (answer.IsGood || !answer.IsWorthRepeating)
                {
                    failures = 0;
                    continue;
                }
                await Task.Delay(Backoff.After(++failures, answer.RetryAfter, chance.NextDouble()), options.Time, ct);
            }
        }
    }

    /// <summary>What still waits when the application ends: each batch once, for as long as an end may take.</summary>
    public async Task SayFarewellAsync()
    {
        using var late = new CancellationTokenSource(LongestFarewell, options.Time);
        try
        {
            while (Next() is { } batch && (await SendAsync(batch, late.Token)).IsGood) { }
        }
        catch (OperationCanceledException)
        {
            // The application ends: what waits goes with it.
        }
    }

    /// <summary>The batch that was not taken yet, under the same sequence: the server counts it once.</summary>
    private ClientEventsRequest? Next()
    {
        if (_batch is null && _queue.Take(client, _sequence + 1, MostEvents, MostBytes) is { } next)
        {
            (_batch, _sequence) = (next, next.Sequence);
            Volatile.Write(ref _inBatch, next.Exposures.Count + next.Outcomes.Count);
        }
        return _batch;
    }

    private async Task<LinkAnswer> SendAsync(ClientEventsRequest batch, CancellationToken ct)
    {
        var answer = await link.ReportAsync(JsonSerializer.SerializeToUtf8Bytes(batch, WireJson.Default.ClientEventsRequest), ct);
        if (answer.IsGood)
        {
            Interlocked.Add(ref _sent, _inBatch);
            Forget();
        }
        else if (!answer.IsWorthRepeating)
        {
            Interlocked.Add(ref _refused, _inBatch);
            flags.Fail($"TEAL9458: {_inBatch} reports are refused: {answer.Why}");
            Forget();
        }
        else
        {
            flags.Fail($"TEAL9458: {_inBatch} reports wait: {answer.Why}");
        }
        return answer;
    }

    private void Forget()
    {
        _batch = null;
        Volatile.Write(ref _inBatch, 0);
    }
}
