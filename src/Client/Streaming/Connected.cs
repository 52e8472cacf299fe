using System.Security.Cryptography;

namespace Teal.Client;

/// <summary>Everything of a client that runs beside the application: the stream, the acknowledgement, the file, the reports.</summary>
internal sealed class Connected : IAsyncDisposable
{
    private const int ClientNameBytes = 12;
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(3);

    private readonly TealClientOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServerLink _link;
    private readonly FlagFollower _follower;
    private readonly CacheFile? _file;
    private readonly Reporter? _reporter;
    private readonly Newest<ReadFlags> _acknowledging;
    private readonly Newest<ReadFlags> _keeping;
    private readonly Newest<ServedFlags> _telling;
    private readonly Random _chance;
    private readonly Lock _lock = new();
    private Task? _running;

    public Connected(TealClientOptions options, FlagsInUse flags, Action<ServedFlags> changed)
    {
        _options = options;
        _link = new ServerLink(options);
        var seed = options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        _chance = new Random(seed);
        _file = options.CacheFile is { } path ? new CacheFile(path, flags, options) : null;
        var name = RandomNumberGenerator.GetHexString(ClientNameBytes * 2, lowercase: true);
        _reporter = options.IsReporting ? new Reporter(_link, flags, options, name, new Random(seed + 1)) : null;
        var (acknowledgement, chance) = (new Acknowledgement(_link, flags, options), new Random(seed + 2));
        _acknowledging = new Newest<ReadFlags>((read, ct) => acknowledgement.SendAsync(read, () => _acknowledging!.HasNewer, chance, ct));
        _keeping = new Newest<ReadFlags>((read, ct) => _file?.SaveAsync(read, ct) ?? Task.CompletedTask);
        _telling = new Newest<ServedFlags>(
            (served, _) =>
            {
                changed(served);
                return Task.CompletedTask;
            }
        );
        _follower = new FlagFollower(_link, flags, options, Taken, _acknowledging.Put);
    }

    public TealClientReports Reports => _reporter?.Counts ?? new TealClientReports(0, 0, 0, 0);

    public void Start()
    {
        lock (_lock)
        {
            _running ??= Task.Run(() => RunAsync(_stopping.Token));
        }
    }

    /// <param name="served">The flags in force: those that were evaluated by, or newer ones.</param>
    public void Expose(string targetingKey, string flag, string variant, ServedFlags served) =>
        _reporter?.Expose(targetingKey, flag, variant, served.StampOf(flag));

    public void Report(Outcome outcome) => _reporter?.Report(outcome);

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }
        await _stopping.CancelAsync();
        try
        {
            // A handler of the application's or a disk may hang: that is no reason not to end.
            await (_running ?? Task.CompletedTask).WaitAsync(LongestStop, _options.Time);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            // Ended, as asked.
        }
        await (_reporter?.SayFarewellAsync() ?? Task.CompletedTask);
        _link.Dispose();
        _stopping.Dispose();
    }

    private void Taken(ReadFlags read)
    {
        _keeping.Put(read);
        _telling.Put(read.Served);
    }

    private async Task RunAsync(CancellationToken ct)
    {
        await (_file?.LoadAsync(ct) ?? Task.CompletedTask);
        await Task.WhenAll(
            _follower.RunAsync(_chance, ct),
            _acknowledging.RunAsync(ct),
            _keeping.RunAsync(ct),
            _telling.RunAsync(ct),
            _reporter?.RunAsync(ct) ?? Task.CompletedTask
        );
    }
}
