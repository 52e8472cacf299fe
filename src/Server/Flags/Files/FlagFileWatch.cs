using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;
using Teal.Server.Journal;

namespace Teal.Server.Flags.Files;

/// <summary>
/// Keeps the flags what their files say. The system's word that something changed is only a hint: a file is looked at by its content, and
/// again every few seconds, so that a rename, an exchanged link and a lost hint are all the same to it.
/// </summary>
public sealed class FlagFileWatch(FlagSources sources, FlagFileOptions options, DriverLoop loop, TimeProvider time, ILogger logger)
    : IDisposable
{
    private readonly Channel<bool> _hints = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Dictionary<FlagSource, FlagBook> _seen = [];

    /// <summary>Takes every file as it is now; a wrong one is told of, and what served before serves on.</summary>
    public async Task BeginAsync(CancellationToken ct)
    {
        foreach (var folder in sources.All.Select(source => Path.GetDirectoryName(source.Path)!).Distinct(StringComparer.Ordinal))
        {
            Watch(folder);
        }
        await LookAsync(ct);
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(Task.Delay(options.LookEvery, time, wait.Token), _hints.Reader.WaitToReadAsync(wait.Token).AsTask());
            await wait.CancelAsync();
            _hints.Reader.TryRead(out _);
            await LookAsync(ct);
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers)
        {
            watcher.Dispose();
        }
    }

    private void Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder);
            watcher.Changed += (_, _) => Hint();
            watcher.Created += (_, _) => Hint();
            watcher.Renamed += (_, _) => Hint();
            watcher.Deleted += (_, _) => Hint();
            watcher.Error += (_, _) => Hint();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The folder is not there yet, or the system has no watches left: it is looked through from time to time.
            logger.LogWarning("TEAL9515: {Folder} cannot be watched, so it is looked through every few seconds: {Why}", folder, e.Message);
        }
    }

    private void Hint() => _hints.Writer.TryWrite(true);

    private async Task LookAsync(CancellationToken ct)
    {
        foreach (var source in sources.All)
        {
            try
            {
                await LookAsync(source, ct);
            }
            catch (JournalException e)
            {
                // Not seen, so that the next look tries again.
                Tell(source, null, [$"{e.Code}: {source.Name} waits for the journal: {e.Message}"]);
            }
        }
    }

    private async Task LookAsync(FlagSource source, CancellationToken ct)
    {
        var content = FlagFileReader.Content(source.Path);
        if (IsKnown(source, content))
        {
            return;
        }
        if (await SettledAsync(source, content, ct) is not { } settled)
        {
            Hint();
            return;
        }
        var book = loop.State.Flags;
        var reading = FlagFileReader.Read(source, settled, book);
        var errors = reading.Event is { } taken ? await TakeAsync(source, taken, settled.Hash!, ct) : reading.Errors;
        _seen[source] = errors.Count == 0 ? loop.State.Flags : book;
        Tell(source, settled.Hash, errors);
    }

    /// <summary>
    /// The content was looked at, and looking again would tell nothing else: it is in force, or what stood against it is in the file alone or
    /// has not changed since.
    /// </summary>
    private bool IsKnown(FlagSource source, FileContent content) =>
        source.State is { } state
        && content.Bytes is not null
        && state.Hash == content.Hash
        && (state.Errors.Count == 0 || (ReferenceEquals(_seen.GetValueOrDefault(source), loop.State.Flags) && !IsRollingOut(source)));

    private static bool IsRollingOut(FlagSource source) => source.State!.Errors[0].StartsWith("TEAL9504", StringComparison.Ordinal);

    /// <summary>Null while somebody is still writing. A file that is away for a moment, as editors do it, is not gone.</summary>
    private async Task<FileContent?> SettledAsync(FlagSource source, FileContent first, CancellationToken ct)
    {
        await Task.Delay(first.Bytes is null ? 2 * options.Settle : options.Settle, time, ct);
        var second = FlagFileReader.Content(source.Path);
        return second.IsSame(first) ? second : null;
    }

    private async Task<IReadOnlyList<string>> TakeAsync(FlagSource source, ServerEvent taken, string hash, CancellationToken ct)
    {
        var state = loop.State;
        var tried = state.Flags.After(taken, state.Sequence + 1, time.GetUtcNow());
        if (tried.Book is { } after && RollingOut.Of(state, after) is { } running)
        {
            return [$"TEAL9504: {source.Name} says another share of {running.Flag}, which rolls out in {running.Environment}"];
        }
        var by = new Origin($"file:{source.Name}", "server", $"sha256:{hash[..12]}");
        var outcome = await loop.ChangeFlagsAsync(taken, by, ct);
        return outcome.Book is null ? [.. outcome.Problems.Select(problem => $"{source.Name}: {problem} ({problem.Code})")] : [];
    }

    /// <summary>Said once for each state of the file: who looks every few seconds must not say it every few seconds.</summary>
    private void Tell(FlagSource source, string? hash, IReadOnlyList<string> errors)
    {
        var before = source.State;
        var isSame = before is not null && before.Hash == hash && before.Errors.SequenceEqual(errors, StringComparer.Ordinal);
        if (isSame)
        {
            return;
        }
        source.State = new FlagSourceState(time.GetUtcNow(), hash, errors);
        foreach (var error in errors)
        {
            logger.LogError("TEAL9516: {File} was not taken, the last good flags serve on: {Error}", source.Name, error);
        }
        if (errors.Count == 0 && before is { Errors.Count: > 0 })
        {
            logger.LogWarning("{File} is good again and was taken.", source.Name);
        }
    }
}
