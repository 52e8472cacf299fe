using Microsoft.Extensions.Logging;
using Teal.Releases;
using Teal.Server.Driving;
using Teal.Server.Journal;
using Teal.Server.Processes;

namespace Teal.Server.Notifying;

/// <summary>
/// Sends the messages that are due, each at least once, and journals how that ended. It hangs on the state alone: no release
/// waits for it, and what a former server left undone is begun again.
/// </summary>
internal sealed class Notifier(
    DriverLoop loop,
    WebhookSender sender,
    Func<string, string, string?> folderOf,
    TimeProvider time,
    ILogger<Notifier> logger
) : IAsyncDisposable
{
    private const int AtOnce = 4;

    /// <summary>Pauses before the second attempt and those after it: the last one is made some five minutes after the first.</summary>
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromSeconds(240),
    ];

    private readonly Lock _beginning = new();
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Begins what is due and not begun yet. Cheap, for any thread.</summary>
    public void Look()
    {
        foreach (var notice in loop.State.Notices)
        {
            lock (_beginning)
            {
                if (!_running.ContainsKey(notice.Id))
                {
                    _running[notice.Id] = DeliverAsync(notice);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task[] running;
        lock (_beginning)
        {
            running = [.. _running.Values];
        }
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _places.Dispose();
        sender.Dispose();
    }

    private async Task DeliverAsync(Notice notice)
    {
        // Off the driver's thread at once.
        await Task.Yield();
        try
        {
            var (attempts, refusal) = await AttemptAsync(notice, _stopping.Token);
            ServerEvent outcome = refusal is null
                ? new NoticeDelivered(notice.Id, attempts)
                : new NoticeFailed(notice.Id, attempts, refusal);
            if (refusal is not null)
            {
                logger.LogWarning("Message {Notice} of {Service} to {Webhook}: {Why}", notice.Id, notice.Service, notice.Webhook, refusal);
            }
            await loop.RecordAsync(notice.Service, outcome, ReleaseMachine.Itself, _stopping.Token);
            lock (_beginning)
            {
                _running.Remove(notice.Id);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops: the next one sends it.
        }
        catch (JournalException e)
        {
            // It stays due, and is not sent again by this server: a full disk would make it a flood.
            logger.LogError(e, "How message {Notice} ended could not be journaled", notice.Id);
        }
    }

    /// <summary>Null when it was taken; else a code and why not.</summary>
    private async Task<(int Attempts, string? Refusal)> AttemptAsync(Notice notice, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var sent = await SendAsync(notice, ct);
            if (sent is not Sent.Refused refused)
            {
                return (attempt, null);
            }
            if (refused.IsFinal || attempt > Pauses.Length)
            {
                return (attempt, $"TEAL8217: {notice.Webhook} did not take the message: {refused.Why}.");
            }
            await Task.Delay(Pauses[attempt - 1], time, ct);
        }
    }

    private async Task<Sent> SendAsync(Notice notice, CancellationToken ct)
    {
        await _places.WaitAsync(ct);
        try
        {
            // Read at each attempt: a secret that was put right meanwhile is the one that counts.
            var folder = folderOf(notice.Service, notice.Version) ?? "/";
            return WebhookAddress.Read(notice.Webhook, folder, InstanceLauncher.Sources, out var why) is { } address
                ? await sender.SendAsync(notice, address, ct)
                : new Sent.Refused(why, IsFinal: false);
        }
        finally
        {
            _places.Release();
        }
    }
}
