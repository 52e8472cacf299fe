namespace Shoppers;

/// <summary>Keeps real HTTP traffic on a shop and counts what users saw. Usable from the command line, tests and benchmarks.</summary>
public sealed class ShoppersRun : IAsyncDisposable
{
    private readonly StreamWriter? _orders;
    private readonly Tally _tally;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _everybody;

    private ShoppersRun(ShoppersOptions options)
    {
        _orders = options.OrdersFile is null ? null : new StreamWriter(options.OrdersFile, append: true);
        _tally = new Tally(TimeProvider.System, _orders);
        if (options.Duration is { } duration)
        {
            _stopping.CancelAfter(duration);
        }
        _everybody = Task.WhenAll(Send(options));
    }

    /// <summary>The shoppers come in; returns at once.</summary>
    public static ShoppersRun Start(ShoppersOptions options) => new(options);

    /// <summary>What was seen so far.</summary>
    public ShoppersReport Report => _tally.Report();

    /// <summary>Ends at the duration, at <see cref="StopAsync"/> or when the token says so.</summary>
    public async Task<ShoppersReport> WaitAsync(CancellationToken cancel = default)
    {
        await using var stop = cancel.Register(_stopping.Cancel);
        await _everybody;
        return _tally.Report();
    }

    /// <summary>Sends everybody home; orders under way are finished first.</summary>
    public async Task<ShoppersReport> StopAsync()
    {
        await _stopping.CancelAsync();
        return await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
        if (_orders is not null)
        {
            await _orders.DisposeAsync();
        }
    }

    private IEnumerable<Task> Send(ShoppersOptions options)
    {
        var stopping = _stopping.Token;
        return
        [
            .. Several(options.Visitors, number => Visits.VisitAsync(options, _tally, number, keepsAlive: true, stopping)),
            .. Several(options.Strangers, number => Visits.VisitAsync(options, _tally, number, keepsAlive: false, stopping)),
            .. Several(options.Uploaders, number => Visits.UploadAsync(options, _tally, number, stopping)),
            .. Several(options.Chatters, _ => Streams.ChatAsync(options, _tally, stopping)),
            .. Several(options.Listeners, _ => Streams.ListenAsync(options, _tally, stopping)),
        ];
    }

    private IEnumerable<Task> Several(int count, Func<int, Task> visit) =>
        Enumerable.Range(0, count).Select(number => Task.Run(() => UntilStoppedAsync(() => visit(number))));

    private async Task UntilStoppedAsync(Func<Task> visit)
    {
        try
        {
            await visit();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Home.
        }
    }
}
