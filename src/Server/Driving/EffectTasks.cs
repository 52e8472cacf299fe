using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Teal.Releases;

namespace Teal.Server.Driving;

/// <summary>The effects that are under way, one task each; a failing one becomes an event, never a log line and silence.</summary>
internal sealed class EffectTasks(ILogger logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Subject, long Effect), Running> _running = new();

    /// <summary>Begins what is not under way already.</summary>
    /// <param name="subject">Whose effect it is; ids are unique within.</param>
    public void Begin(string subject, long effect, string what, Func<CancellationToken, Task> perform, Action<Failure> failed)
    {
        // Without a timer there is nothing in it to dispose, and a Cancel that comes late must find it whole.
        var running = new Running(new CancellationTokenSource());
        if (_running.TryAdd((subject, effect), running))
        {
            // Never on the driver's thread: an effect that ends at once would write to the journal there, and wait for itself.
            running.Task = Task.Run(() => PerformAsync(subject, effect, what, perform, failed, running.Cancel.Token));
        }
    }

    public void Cancel(string subject, long effect)
    {
        if (_running.TryGetValue((subject, effect), out var running))
        {
            // What waits on it goes on elsewhere, not here on the driver's thread.
            _ = running.Cancel.CancelAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        var tasks = _running.Values.Select(running => running.Task).ToArray();
        foreach (var running in _running.Values)
        {
            await running.Cancel.CancelAsync();
        }
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PerformAsync(
        string subject,
        long effect,
        string what,
        Func<CancellationToken, Task> perform,
        Action<Failure> failed,
        CancellationToken ct
    )
    {
        try
        {
            await perform(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // No longer wanted: its outcome would be late and change nothing.
        }
        catch (Exception e)
        {
            logger.LogError(e, "Effect {Effect} of {Subject} failed", what, subject);
            failed(new Failure("TEAL8101", $"{what} failed", e.Message));
        }
        finally
        {
            _running.TryRemove((subject, effect), out _);
        }
    }

    private sealed class Running(CancellationTokenSource cancel)
    {
        public CancellationTokenSource Cancel { get; } = cancel;
        public Task Task { get; set; } = Task.CompletedTask;
    }
}
