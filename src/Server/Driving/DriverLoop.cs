using System.Threading.Channels;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Flags;
using Teal.Server.Journal;

namespace Teal.Server.Driving;

/// <summary>
/// The one thread of the driver: everything that happens passes one bounded queue. Commands are answered; what the world reports
/// is kept until it could be written, for an outcome that is lost would leave a release waiting for ever.
/// </summary>
public sealed class DriverLoop(ReleaseDriver driver, TimeProvider time, int capacity = 10_000) : IAsyncDisposable
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );
    private readonly Queue<Job> _unwritten = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private Task<bool>? _more;
    private int _unwrittenCount;

    public ServerState State => driver.State;

    /// <summary>What the world reported and could not be handled: the journal's trouble (it is tried again) or a bug (it is not).</summary>
    public Action<Exception>? Troubled { get; set; }

    /// <summary>Reports that wait for the journal to take them.</summary>
    public int Unwritten => Volatile.Read(ref _unwrittenCount);

    /// <summary>Folds the journal, begins what is outstanding, then takes events.</summary>
    /// <exception cref="JournalException">The journal cannot be read: nothing starts.</exception>
    public void Start()
    {
        driver.Recover();
        _running = Task.Run(RunAsync);
    }

    /// <summary>A person's word: answered with the decision, or with the exception that kept it from being taken.</summary>
    public Task<HandleResult> SendAsync(string service, ReleaseEvent happened, CancellationToken cancellation = default) =>
        AnsweredAsync(() => driver.Handle(service, happened), cancellation);

    /// <summary>A person's word about a flag's rollout.</summary>
    public Task<RolloutHandled> SendAsync(RolloutKey key, RolloutEvent happened, CancellationToken cancellation = default) =>
        AnsweredAsync(() => driver.Handle(key, happened), cancellation);

    /// <summary>Remembers something that is not a release event; returns when it is on disk.</summary>
    public Task<JournalEntry> RecordAsync(string service, ServerEvent recorded, Origin by, CancellationToken cancellation = default) =>
        AnsweredAsync(() => driver.Record(service, recorded, by), cancellation);

    /// <summary>Changes flags, or says what stands against it; a change is on disk and in force when this returns.</summary>
    public Task<FlagBookOutcome> ChangeFlagsAsync(ServerEvent changed, Origin by, CancellationToken cancellation = default) =>
        AnsweredAsync(() => driver.ChangeFlags(changed, by), cancellation);

    /// <summary>A report of the world. Need not be awaited: it completes when the queue has taken it.</summary>
    public ValueTask Post(string service, ReleaseEvent happened) =>
        PostAsync(new Job(() => driver.Handle(service, happened), static _ => { }, IsReport: true));

    /// <summary>A report of the world about a flag's rollout.</summary>
    public ValueTask Post(RolloutKey key, RolloutEvent happened) =>
        PostAsync(new Job(() => driver.Handle(key, happened), static _ => { }, IsReport: true));

    /// <summary>Stops taking events, finishes those taken, and keeps a snapshot.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async ValueTask PostAsync(Job job)
    {
        try
        {
            await _jobs.Writer.WriteAsync(job);
        }
        catch (ChannelClosedException)
        {
            // The server stops: the next one performs the effect again and hears its outcome.
        }
    }

    private async Task<T> AnsweredAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new Job(() => answer.TrySetResult(work()), e => answer.TrySetException(e), IsReport: false);
        await _jobs.Writer.WriteAsync(job, cancellation);
        return await answer.Task.WaitAsync(cancellation);
    }

    private async Task RunAsync()
    {
        while (await HasWorkAsync())
        {
            RetryUnwritten();
            while (_jobs.Reader.TryRead(out var job))
            {
                Do(job);
            }
        }
        driver.SaveSnapshot();
    }

    private async Task<bool> HasWorkAsync()
    {
        _more ??= _jobs.Reader.WaitToReadAsync().AsTask();
        if (_unwritten.Count > 0 && !_stopping.IsCancellationRequested)
        {
            await Task.WhenAny(_more, Task.Delay(RetryEvery, time, _stopping.Token));
            if (!_more.IsCompleted)
            {
                return true;
            }
        }
        var hasMore = await _more;
        _more = null;
        return hasMore;
    }

    /// <summary>In the order in which they came; the first that still cannot be written stops the rest.</summary>
    private void RetryUnwritten()
    {
        for (var left = _unwritten.Count; left > 0 && _unwritten.TryPeek(out var job); left--)
        {
            if (TryDo(job) is JournalException)
            {
                return;
            }
            _unwritten.Dequeue();
            Volatile.Write(ref _unwrittenCount, _unwritten.Count);
        }
    }

    private void Do(Job job)
    {
        // A report must not overtake one that is still unwritten.
        var failure = job.IsReport && _unwritten.Count > 0 ? null : TryDo(job);
        var mustWait = job.IsReport && (_unwritten.Count > 0 || failure is JournalException);
        if (!mustWait)
        {
            return;
        }
        if (_unwritten.Count >= capacity)
        {
            Troubled?.Invoke(
                new InvalidOperationException("TEAL3105: more reports wait for the journal than can be kept; one was dropped.")
            );
            return;
        }
        _unwritten.Enqueue(job);
        Volatile.Write(ref _unwrittenCount, _unwritten.Count);
    }

    private Exception? TryDo(Job job)
    {
        try
        {
            job.Work();
            return null;
        }
        catch (Exception e)
        {
            job.Failed(e);
            if (job.IsReport)
            {
                Troubled?.Invoke(e);
            }
            return e;
        }
    }

    /// <param name="IsReport">From the world: nobody waits for the answer, and it must not be lost.</param>
    private sealed record Job(Action Work, Action<Exception> Failed, bool IsReport);
}
